using CertFunctions.Core.Ports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CertFunctions.App.Schedule;

/// <summary>Timers, the due index, claims.</summary>
public static class ScheduleFeature
{
    public static IServiceCollection AddSchedule(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ScheduleOptions>().Bind(configuration.GetSection("Schedule"));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IIds, RandomIds>();
        services.TryAddSingleton<DueIndex>();
        services.TryAddSingleton<IndexSweep>();
        services.TryAddSingleton<RunStarter>();
        services.TryAddSingleton<VaultClaims>();
        return services;
    }
}
