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
        return services;
    }
}
