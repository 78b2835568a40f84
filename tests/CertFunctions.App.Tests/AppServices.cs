using CertFunctions.App.Acme;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Bundles;
using CertFunctions.App.Bundles.Publishing;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Events;
using CertFunctions.App.Health;
using CertFunctions.App.Issuers;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CertFunctions.App.Tests;

/// <summary>Every feature of the app over ports that a test brings: what Program.cs adds, without a host.</summary>
internal static class AppServices
{
    public static readonly Uri DefaultVault = new("https://default.test/");

    /// <param name="ids">Null: random ones.</param>
    /// <param name="settings">Besides the addresses of the two vaults.</param>
    public static ServiceProvider Over(IObjectStore objects, IVault vault, TimeProvider time, IIds? ids = null, params (string Name, string Value)[] settings) =>
        Over(objects, vault, time, ids, _ => { }, settings);

    /// <summary>The features with their own ports, over nothing but settings: to see whether they would start.</summary>
    public static ServiceProvider Alone(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(each => each.Name, each => (string?)each.Value)).Build();
        return Features(new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging(), configuration).BuildServiceProvider();
    }

    /// <param name="more">Changes what the app added.</param>
    public static ServiceProvider Over(IObjectStore objects, IVault vault, TimeProvider time, IIds? ids, Action<IServiceCollection> more, (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Append(("Vaults:Default", DefaultVault.ToString())).Append(("Vaults:System", "https://system.test/")).ToDictionary(each => each.Item1, each => (string?)each.Item2)).Build();
        var services = new ServiceCollection();
        services
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(time).AddSingleton(objects).AddSingleton(vault).AddSingleton(ids ?? new RandomIds())
            .AddSingleton<IBundleStore>(new ObjectBundleStore(new InMemoryObjectStore(), time))
            .AddLogging();
        Features(services, configuration);
        more(services);
        return services.BuildServiceProvider();
    }

    private static IServiceCollection Features(IServiceCollection services, IConfiguration configuration) => services
        .AddApi(configuration).AddEvents().AddHistory().AddSchedule(configuration).AddKeyVault(configuration).AddCertificates().AddIssuers(configuration).AddCertificateRequests(configuration).AddAcme(configuration).AddBundles(configuration).AddHealth(configuration);
}
