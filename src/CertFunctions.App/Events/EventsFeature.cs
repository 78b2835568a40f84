using CertFunctions.App.Api;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CertFunctions.App.Events;

/// <summary>What people are told: one recorder, and the events it keeps.</summary>
public static class EventsFeature
{
    public static IServiceCollection AddEvents(this IServiceCollection services)
    {
        services.TryAddSingleton<EventRecorder>();
        services.TryAddSingleton<EventSweep>();
        services.AddSingleton<CoreResource, KubernetesEvents>();
        return services;
    }
}
