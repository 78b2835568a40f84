using Microsoft.DurableTask;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>What the engine can run, by durable name. Names compare ignoring case, as upstream's do.</summary>
public sealed class EngineTasks
{
    private readonly Dictionary<string, Func<TaskOrchestrationContext, Task<object?>>> _orchestrators = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, EngineActivity> _activities = new(StringComparer.OrdinalIgnoreCase);

    public void AddOrchestrator(string name, Func<TaskOrchestrationContext, Task<object?>> run) => _orchestrators.Add(name, run);

    /// <summary>Adds an activity; its input arrives deserialised to <paramref name="inputType"/>, null when none was given.</summary>
    public void AddActivity(string name, Type inputType, Func<ActivityInvocation, Task<object?>> run) =>
        _activities.Add(name, new(inputType, run));

    internal Func<TaskOrchestrationContext, Task<object?>>? Orchestrator(string name) => _orchestrators.GetValueOrDefault(name);

    internal EngineActivity? Activity(string name) => _activities.GetValueOrDefault(name);
}

/// <summary>One attempt of one activity.</summary>
/// <param name="InstanceId">The orchestration that asked.</param>
/// <param name="CancellationToken">Fires when the engine stops and its patience is over.</param>
public sealed record ActivityInvocation(string InstanceId, string Name, object? Input, CancellationToken CancellationToken);

internal sealed record EngineActivity(Type InputType, Func<ActivityInvocation, Task<object?>> Run);
