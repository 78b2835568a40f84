using CertFunctions.App.Api;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CertFunctions.App.Bundles.Sources;

/// <summary>Where the certificates of Bundles come from.</summary>
public static class SourcesFeature
{
    public static IServiceCollection AddBundleSources(this IServiceCollection services)
    {
        services.TryAddSingleton<ConfigMapStore>();
        services.TryAddSingleton<SecretSources>();
        services.TryAddSingleton<PublicRoots>();
        services.TryAddSingleton<BundleSources>();
        services.AddSingleton<CoreResource, ConfigMaps>();
        return services;
    }
}
