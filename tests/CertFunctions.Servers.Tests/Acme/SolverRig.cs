using System.Globalization;
using CertFunctions.App.Acme;
using CertFunctions.App.Acme.Dns01;
using CertFunctions.App.Acme.Dns01.Lookups;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>The DNS-01 feature as the app has it, with a vault in memory: one is one process.</summary>
internal sealed class SolverRig : IDisposable
{
    private static readonly Uri SystemVault = new("https://system.vault.test/");

    private readonly ServiceProvider _services;

    public SolverRig(IReadOnlyDictionary<string, string?> settings, TimeProvider? time = null, HttpMessageHandler? https = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton<IVault>(Vault);
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddSingleton(new VaultPlaces(Options.Create(new VaultsOptions { Default = new("https://default.vault.test/"), System = SystemVault })));
        if (https is not null) { services.AddSingleton(new DnsOverHttps(https)); }
        services.Configure<AcmeOptions>(configuration.GetSection("Acme"));
        services.AddDns01(configuration);
        _services = services.BuildServiceProvider();
    }

    public InMemoryVault Vault { get; } = new();

    public DnsLookups Lookups => _services.GetRequiredService<DnsLookups>();

    public static SolverRig For(Bind9 bind, TimeProvider? time = null, bool allowsPrivate = true) => new(new Dictionary<string, string?>
    {
        ["Acme:AllowPrivateAddresses"] = $"{allowsPrivate}",
        ["Dns01:Nameservers:0"] = bind.Address,
        ["Dns01:AuthoritativePort"] = bind.Port.ToString(CultureInfo.InvariantCulture),
    }, time);

    public IDnsProvider Provider(string name) => _services.GetServices<IDnsProvider>().Single(provider => provider.Name == name);

    /// <summary>Puts a secret where a solver of namespace <c>ns</c> finds it.</summary>
    public async Task<SecretKeyRef> SecretAsync(string name, string value)
    {
        await Vault.SetSecretAsync(new VaultObject(SystemVault, VaultNames.ObjectName("ns", name)), new SecretText(value), "text/plain", ValueMap.Empty, TestContext.Current.CancellationToken);
        return new SecretKeyRef { Name = name };
    }

    public void Dispose() => _services.Dispose();
}
