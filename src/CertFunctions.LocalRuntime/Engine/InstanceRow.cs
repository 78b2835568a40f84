using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>One generation of an instance as it is stored. A new generation, or a replacing start, gets a new key.</summary>
/// <param name="Key">Unique and growing; also tells this generation from earlier ones.</param>
/// <param name="Output">JSON; of a failed instance the bare message, as upstream.</param>
/// <param name="StartAt">Not before this moment; null means at once.</param>
internal sealed record InstanceRow(
    long Key,
    string Id,
    string Name,
    OrchestrationRuntimeStatus Status,
    DateTime Created,
    DateTime Updated,
    string? Input,
    string? Output,
    string? CustomStatus,
    TaskFailureDetails? Failure,
    string? Tags,
    ParentLink? Parent,
    DateTime? StartAt)
{
    public bool IsFinished => Finished(Status);

    public static bool Finished(OrchestrationRuntimeStatus status) =>
        status is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated;
}

/// <summary>Who waits for a sub-orchestration, and as which of its tasks.</summary>
internal sealed record ParentLink(string Id, long Key, string Name, int Task);

/// <summary>What happened to an instance, or what it decided; the numbers are stored.</summary>
internal enum EventKind
{
    Started = 0,
    ActivityScheduled = 1,
    ActivityCompleted = 2,
    ActivityFailed = 3,
    TimerCreated = 4,
    TimerFired = 5,
    ChildCreated = 6,
    ChildCompleted = 7,
    ChildFailed = 8,
    EventSent = 9,
    EventRaised = 10,
    Terminate = 11,
    Suspend = 12,
    Resume = 13,
    ForeignAccess = 14,
}

/// <summary>One line of history.</summary>
/// <param name="Task">Sequence number of the call it belongs to, counted over all kinds; -1 if none.</param>
/// <param name="Name">Activity, orchestrator or event name.</param>
/// <param name="Data">Serialised input, result or payload; a timer's due ticks.</param>
/// <param name="Target">Instance id of a child or of an event's receiver.</param>
/// <param name="Number">Of the stored message this came from; 0 when it was never stored before.</param>
internal sealed record HistoryEvent(
    EventKind Kind,
    int Task = -1,
    string? Name = null,
    string? Data = null,
    TaskFailureDetails? Failure = null,
    string? Target = null,
    long Number = 0)
{
    /// <summary>Start of the episode it belongs to: what CurrentUtcDateTime shows.</summary>
    public DateTime At { get; init; }

    public bool IsDecision => Kind is EventKind.ActivityScheduled or EventKind.TimerCreated or EventKind.ChildCreated or EventKind.EventSent;

    public bool IsControl => Kind is EventKind.Terminate or EventKind.Suspend or EventKind.Resume;
}
