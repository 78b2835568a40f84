using CertFunctions.Core.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CertFunctions.App.Api;

/// <summary>What can be done to a resource besides writing it. A verb is one class and one line.</summary>
public static class VerbsFeature
{
    public static IServiceCollection AddVerbs(this IServiceCollection services)
    {
        services.TryAddSingleton<VerbWriter>();
        services.TryAddSingleton<RequestDecisions>();
        return services
            .AddVerb<DecideRequest>("approve", ApprovalPolicy.Approved)
            .AddVerb<DecideRequest>("deny", ApprovalPolicy.Denied)
            .AddVerb<RequestStatusVerb>()
            .AddVerb<RenewCertificate>()
            .AddVerb<RevokeCertificateVerb>()
            .AddVerb<PauseCertificate>("pause", true)
            .AddVerb<PauseCertificate>("resume", false)
            .AddVerb<CertificateStatusVerb>();
    }

    internal static IServiceCollection AddVerb<T>(this IServiceCollection services, params object[] arguments)
        where T : Subresource => services.AddSingleton<Subresource>(provider => ActivatorUtilities.CreateInstance<T>(provider, arguments));
}
