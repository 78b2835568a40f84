using CertFunctions.App.Api;
using CertFunctions.App.Issuers.Rotation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CertFunctions.App.Issuers;

/// <summary>Issuers and ClusterIssuers: their readiness, their pinned signer, who depends on them.</summary>
public static class IssuersFeature
{
    public static IServiceCollection AddIssuers(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton<IssuerStore>();
        services.TryAddSingleton<IssuerIndex>();
        services.AddOptions<RotationOptions>().Bind(configuration.GetSection("Rotation"))
            .Validate(options => options.IsSound, "Rotation__Overlap must be at least Rotation__ConsumerLag, Rotation__MaxConcurrent above 0, and no time negative.").ValidateOnStart();
        services.TryAddSingleton<CaRoots>();
        services.TryAddSingleton<CaCandidates>();
        services.TryAddSingleton<CaIssuers>();
        services.TryAddSingleton<RetiringCas>();
        services.TryAddSingleton<RotationGatherer>();
        services.TryAddSingleton<IssuerVerbs>();
        return services
            .AddVerb<RotateIssuer>()
            .AddVerb<AbandonRotation>()
            .AddVerb<PauseRotation>("pause", true)
            .AddVerb<PauseRotation>("resume", false);
    }
}
