using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Health;

/// <summary>Heartbeats of the timers, and the readiness that is computed from them.</summary>
public static class HealthFeature
{
    public static IServiceCollection AddHealth(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ReadyOptions>().Bind(configuration.GetSection("Ready")).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReadyOptions>, ReadyOptionsValidator>());
        services.TryAddSingleton<Heartbeats>();
        services.TryAddSingleton<ReadinessGatherer>();
        services.TryAddSingleton<Readiness>();
        return services;
    }
}
