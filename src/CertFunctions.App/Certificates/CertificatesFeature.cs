using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CertFunctions.App.Certificates;

/// <summary>The lifecycle of Certificates.</summary>
public static class CertificatesFeature
{
    public static IServiceCollection AddCertificates(this IServiceCollection services)
    {
        services.TryAddSingleton<CertificateGatherer>();
        services.TryAddSingleton<CertificateImporter>();
        services.TryAddSingleton<RequestHistory>();
        services.TryAddSingleton<OutputGatherer>();
        services.TryAddSingleton<OutputWriter>();
        return services;
    }
}
