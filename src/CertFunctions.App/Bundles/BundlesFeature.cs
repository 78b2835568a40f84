using Azure.Core;
using Azure.Core.Pipeline;
using CertFunctions.App.Adapters;
using CertFunctions.App.Adapters.Sqlite;
using CertFunctions.App.Bundles.Publishing;
using CertFunctions.App.Bundles.Sources;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Bundles;

/// <summary>Trust, apart from secrets: which CA certificates are published together, and where.</summary>
public static class BundlesFeature
{
    /// <summary>Key of the bundles' own <see cref="TokenCredential"/> and <see cref="HttpPipelineTransport"/>.</summary>
    public const string Key = "ca-bundles";

    public static IServiceCollection AddBundles(this IServiceCollection services, IConfiguration configuration)
    {
        // Read when first asked for: the local host adds CaBundles:Path to the configuration late.
        services.AddOptions<CaBundlesOptions>().Configure(options => options.Read(configuration)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CaBundlesOptions>, CaBundlesOptionsRules>());
        services.TryAddSingleton(Store);
        services.TryAddSingleton<BundleLedger>();
        services.TryAddSingleton<BundleHolds>();
        services.TryAddSingleton<BundleIndex>();
        services.TryAddSingleton<IssuerSources>();
        services.TryAddSingleton<BundleGatherer>();
        return services.AddBundleSources();
    }

    private static IBundleStore Store(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<CaBundlesOptions>>().Value;
        if (!options.Connection.IsSet) { return new ObjectBundleStore(new SqliteObjectStore(options.Path!), provider.GetRequiredService<TimeProvider>()); }

        return new BlobBundleStore(options.Connection.Open(provider, Key).GetBlobContainerClient(options.Container), options.MaxAge);
    }
}
