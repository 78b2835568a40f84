using CertFunctions.App.Acme.Dns01.Arm;
using CertFunctions.App.Acme.Dns01.Lookups;
using CertFunctions.App.Acme.Dns01.Rfc2136;
using CertFunctions.App.Acme.Dns01.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Dns01;

/// <summary>DNS-01: who writes TXT records, and where they are looked for. Needs the vaults.</summary>
public static class Dns01Feature
{
    public static IServiceCollection AddDns01(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<Dns01Options>().Bind(configuration.GetSection("Dns01")).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<Dns01Options>, Dns01OptionsRules>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SolverSecrets>();
        services.TryAddSingleton<ArmClients>();
        services.TryAddSingleton<DnsOverHttps>();
        services.TryAddSingleton<DnsLookups>();
        services.TryAddSingleton<WebhookClients>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IDnsProvider, AzureDnsProvider>(),
            ServiceDescriptor.Singleton<IDnsProvider, Rfc2136Provider>(),
            ServiceDescriptor.Singleton<IDnsProvider, WebhookProvider>(),
        ]);
        return services;
    }
}
