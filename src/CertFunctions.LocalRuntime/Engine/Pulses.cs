using System.Collections.Concurrent;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>Wakes those who wait for an instance to change, without polling.</summary>
internal sealed class Pulses
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);

    /// <summary>Completes at the next pulse. Take it before looking at the instance.</summary>
    public Task Next(string id) => _waiting.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Pulse(string id)
    {
        if (_waiting.TryRemove(id, out var waiting)) { waiting.TrySetResult(); }
    }
}
