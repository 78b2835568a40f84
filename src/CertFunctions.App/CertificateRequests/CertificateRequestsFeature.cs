using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CertFunctions.App.CertificateRequests;

/// <summary>CertificateRequests: approval, the issuers that sign them, the issued log.</summary>
public static class CertificateRequestsFeature
{
    public static IServiceCollection AddCertificateRequests(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ApprovalOptions>().Bind(configuration.GetSection("Approval"))
            .Validate(options => Enum.IsDefined(options.Mode), "Approval__Mode must be Automatic or Manual.").ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IIssuer, SelfSignedIssuerSigner>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IIssuer, CaIssuerSigner>());
        services.TryAddSingleton<CaSigners>();
        services.TryAddSingleton<IssuedLog>();
        services.TryAddSingleton<BlockedKeys>();
        services.TryAddSingleton<RequestSigning>();
        return services;
    }
}
