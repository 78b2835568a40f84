namespace CertFunctions.LocalRuntime.Engine;

/// <summary>Words for a replay that does not repeat its history; the first sentence is upstream's observed text (functions-api-surface.md §8).</summary>
internal static class Divergence
{
    public static string Missing(HistoryEvent past) =>
        $"{Begin(past)} has not scheduled anything with this sequence number. {End}";

    public static string Different(HistoryEvent past, HistoryEvent now) => past.Kind == now.Kind
        ? $"{Begin(past)} produced one named '{now.Name}' with this sequence number. {End}"
        : $"{Begin(past)} produced a {ActionName(now.Kind)} action with this sequence number. {End}";

    private const string End = "Was a change made to the orchestrator code after this instance had already started running?";

    private static string Begin(HistoryEvent past) =>
        $"Non-Deterministic workflow detected: A previous execution of this orchestration scheduled {Noun(past.Kind)} with sequence number " +
        $"{past.Task}{(past.Name is null ? "" : $" named '{past.Name}'")}, but the current orchestration replay instead";

    private static string Noun(EventKind kind) => kind switch
    {
        EventKind.ActivityScheduled => "an activity task",
        EventKind.TimerCreated => "a timer task",
        EventKind.ChildCreated => "a sub-orchestration task",
        _ => "a send event task",
    };

    private static string ActionName(EventKind kind) => kind switch
    {
        EventKind.ActivityScheduled => "ScheduleTaskOrchestratorAction",
        EventKind.TimerCreated => "CreateTimerOrchestratorAction",
        EventKind.ChildCreated => "CreateSubOrchestrationAction",
        _ => "SendEventOrchestratorAction",
    };
}
