using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.Core.Ports;
using CertFunctions.LocalVault;
using CertFunctions.Tests.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CertFunctions.App.Tests.Adapters;

/// <summary>The adapter through the SDK's real clients, TLS and the bearer challenge, on LocalVault.</summary>
public sealed class KeyVaultAdapterTests(KeyVaultAdapterTests.RunningVault running) : VaultContract, IClassFixture<KeyVaultAdapterTests.RunningVault>
{
    protected override IVault Vault => running.Services.GetRequiredService<IVault>();

    protected override VaultObject Place(string name) => new(running.Host.DefaultVault, name);

    protected override async Task SoftDeleteSecretAsync(VaultObject place)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(running.Host.CaPath);
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } });
        var options = new SecretClientOptions { Transport = new HttpClientTransport(http), DisableChallengeResourceVerification = true };
        var deletion = await new SecretClient(place.Vault, running.Host.Credential, options).StartDeleteSecretAsync(place.Name, Cancelled);
        await deletion.WaitForCompletionAsync(Cancelled);
    }

    public sealed class RunningVault : IAsyncLifetime
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("certfunctions-vault-");

        public LocalVaultHost Host { get; private set; } = null!;

        public ServiceProvider Services { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Host = await LocalVaultHost.StartAsync(new LocalVaultOptions { DataDirectory = _folder.FullName }, CancellationToken.None);
            var settings = new Dictionary<string, string?>
            {
                ["Vaults:Default"] = Host.DefaultVault.ToString(), ["Vaults:System"] = Host.SystemVault.ToString(), ["Vaults:TrustedCa"] = Host.CaPath,
            };
            Services = new ServiceCollection()
                .AddSingleton<TokenCredential>(Host.Credential)
                .AddKeyVault(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
                .BuildServiceProvider();
        }

        public async ValueTask DisposeAsync()
        {
            await Services.DisposeAsync();
            await Host.DisposeAsync();
            _folder.Delete(recursive: true);
        }
    }
}
