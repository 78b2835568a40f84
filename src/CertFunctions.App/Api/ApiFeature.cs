using CertFunctions.App.Acme.Challenges;
using CertFunctions.App.Acme.Orders;
using CertFunctions.App.Adapters;
using CertFunctions.App.Api.Limits;
using CertFunctions.App.Api.Lists;
using CertFunctions.App.Api.OpenApi;
using CertFunctions.App.Api.Watches;
using CertFunctions.App.Bundles;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Api;

/// <summary>The resource API over the table of kinds, and the store behind it.</summary>
public static class ApiFeature
{
    public static IServiceCollection AddApi(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddObjectStore(configuration);
        services.TryAddSingleton<ResourceStore>();
        services.TryAddSingleton<ResourceWriter>();
        services.TryAddSingleton<ResourceKinds>();
        services.AddOptions<ApiOptions>().Bind(configuration.GetSection("Api")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>();
        services.TryAddSingleton<RequestGate>();
        services.TryAddSingleton<ResourceWatches>();
        services.TryAddSingleton<ListMemory>();
        services.TryAddSingleton<OpenApiDocuments>();
        services.TryAddSingleton<ResourceLists>();
        services.AddSingleton<CoreResource, Namespaces>();
        return services
            .AddVerbs()
            .AddKind(CertificateKind.Kind)
            .AddKind(IssuerKind.Kind)
            .AddKind(ClusterIssuerKind.Kind)
            .AddKind(CertificateRequestKind.Kind)
            .AddKind(OrderKind.Kind)
            .AddKind(ChallengeKind.Kind)
            .AddKind(BundleKind.Kind);
    }

    private static IServiceCollection AddKind<T>(this IServiceCollection services, ResourceKind<T> kind)
        where T : class, IResource<T> => services
        .AddSingleton<ResourceKind>(kind)
        .AddSingleton(kind)
        .AddSingleton<KindHandler, KindHandler<T>>();
}
