using Microsoft.DurableTask;

namespace CertFunctions.App.Schedule;

/// <summary>How often the runtime tries an activity that throws: what it throws is a store or a process that is away, for refusals are values (ADR 8).</summary>
internal static class Retries
{
    /// <summary>Five tries within 15 s; then the run fails, and its due entry brings it back.</summary>
    public static TaskOptions Transient { get; } = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2));
}
