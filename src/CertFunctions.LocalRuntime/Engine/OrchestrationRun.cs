using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>How an episode ended.</summary>
internal enum EpisodeEnd
{
    Waits,
    Completed,
    Failed,
    ContinuesAsNew,
}

/// <summary>A durable call that has no answer yet.</summary>
internal sealed record OpenTask(HistoryEvent Call, TaskCompletionSource<string?> Answer);

/// <summary>
/// One episode: runs the orchestrator from its start, feeds it what history says, then what is new, and collects what it decides.
/// Everything happens on the calling thread. The rules are those of functions-api-surface.md §7.3, §7.4, §7.5.
/// </summary>
internal sealed class OrchestrationRun
{
    private readonly SortedDictionary<int, OpenTask> _open = [];
    private readonly Queue<HistoryEvent> _decided = new();
    private readonly EpisodeThread _thread;
    private readonly EngineTasks _tasks;
    private Task<object?>? _function;
    private int _sequence;
    private int _recorded;
    private string _lastCall = "its first call";

    public OrchestrationRun(InstanceRow row, EngineTasks tasks, DataConverter converter, ILoggerFactory loggers, Action foul)
    {
        (Row, _tasks, Converter) = (row, tasks, converter);
        _thread = new EpisodeThread(foul);
        Context = new OrchestrationContext(this, loggers);
        Events = new EventInbox(converter);
        CustomStatus = row.CustomStatus;
    }

    public InstanceRow Row { get; }

    public DataConverter Converter { get; }

    public OrchestrationContext Context { get; }

    public EventInbox Events { get; }

    public DateTime Now { get; private set; }

    public bool IsReplaying { get; private set; }

    public string? CustomStatus { get; set; }

    public (string? Input, bool KeepEvents)? NextGeneration { get; set; }

    public EpisodeEnd End { get; private set; }

    public string? Output { get; private set; }

    public TaskFailureDetails? Failure { get; private set; }

    /// <summary>What was decided beyond history, in call order.</summary>
    public IEnumerable<HistoryEvent> Decisions => _decided;

    public IEnumerable<HistoryEvent> Open => _open.Values.Select(task => task.Call);

    public void Execute(IReadOnlyList<HistoryEvent> past, IReadOnlyList<HistoryEvent> news, DateTime now) => _thread.Run(() =>
    {
        try
        {
            _recorded = past.Count(happened => happened.IsDecision);
            IsReplaying = true;
            foreach (var happened in past)
            {
                Now = happened.At;
                Apply(happened);
            }

            IsReplaying = false;
            Now = now;
            foreach (var happened in news) { Apply(happened); }

            Conclude();
        }
        catch (Exception exception)
        {
            Fail(exception);   // not the orchestrator's own failure: that one sits in its task
        }
    });

    /// <summary>Notes a durable call and gives the task that its answer will complete. Replayed calls are matched as history is read.</summary>
    public OpenTask Decide(EventKind kind, string? name, Func<string?> data, string? target = null)
    {
        RequireEpisodeThread();
        var number = _sequence++;
        _lastCall = name is null ? $"its timer #{number}" : $"its call #{number} of '{name}'";

        // Only fresh calls need their input: replayed ones have it in history, and upstream does not compare it.
        var call = new HistoryEvent(kind, number, name, number < _recorded ? null : data(), Target: target);
        _decided.Enqueue(call);
        var task = new OpenTask(call, new TaskCompletionSource<string?>());
        if (kind is not EventKind.EventSent) { _open.Add(number, task); }
        return task;
    }

    public void Abandon(OpenTask task, CancellationToken cancellationToken)
    {
        RequireEpisodeThread();
        _open.Remove(task.Call.Task);
        task.Answer.TrySetCanceled(cancellationToken);
    }

    public void RequireEpisodeThread()
    {
        if (!_thread.IsCurrent) { throw new InvalidOperationException(ForeignAwait()); }
    }

    private void Apply(HistoryEvent happened)
    {
        switch (happened.Kind)
        {
            case EventKind.Started:
                Start();
                break;
            case EventKind.ActivityScheduled or EventKind.TimerCreated or EventKind.ChildCreated or EventKind.EventSent:
                Match(happened);
                break;
            case EventKind.ActivityCompleted or EventKind.TimerFired or EventKind.ChildCompleted:
                if (_open.Remove(happened.Task, out var done)) { done.Answer.TrySetResult(happened.Data); }
                break;
            case EventKind.ActivityFailed or EventKind.ChildFailed:
                if (_open.Remove(happened.Task, out var failed)) { failed.Answer.TrySetException(Failed(failed.Call, happened)); }
                break;
            case EventKind.EventRaised:
                Events.Deliver(happened);
                break;
            case EventKind.ForeignAccess:
                throw new InvalidOperationException(ForeignAwait());
            default:
                throw new InvalidOperationException($"History of '{Row.Id}' holds an unknown entry {happened.Kind}.");
        }

        _thread.Pump();
    }

    private void Start()
    {
        if (_tasks.Orchestrator(Row.Name) is not { } orchestrator)
        {
            throw new MissingTaskException("OrchestratorTaskNotFound", $"The orchestrator '{Row.Name}' is not known to this app.");
        }

        try { _function = orchestrator(Context); }
        catch (Exception exception) { _function = Task.FromException<object?>(exception); }
    }

    private void Match(HistoryEvent past)
    {
        if (!_decided.TryDequeue(out var now) || now.Task != past.Task)
        {
            throw new NonDeterministicOrchestrationException(Divergence.Missing(past));
        }

        if (now.Kind != past.Kind || (past.Kind is not EventKind.TimerCreated && !string.Equals(now.Name, past.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new NonDeterministicOrchestrationException(Divergence.Different(past, now));
        }

        // What was recorded counts: input, due time, child id.
        if (_open.TryGetValue(past.Task, out var task)) { _open[past.Task] = task with { Call = past }; }
    }

    private void Conclude()
    {
        if (_function is not { IsCompleted: true })
        {
            if (_open.Count == 0 && !Events.IsAwaited) { throw new InvalidOperationException(ForeignAwait()); }
            return;
        }

        if (_open.Count > 0) { return; }   // a started task keeps the instance running, even an unawaited one

        try
        {
            var output = _function.GetAwaiter().GetResult();
            if (NextGeneration is not null) { End = EpisodeEnd.ContinuesAsNew; }
            else
            {
                Output = Converter.Serialize(output);
                End = EpisodeEnd.Completed;
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        End = EpisodeEnd.Failed;
        Failure = MissingTaskException.Details(exception);
        Output = exception.Message;
    }

    private static Microsoft.DurableTask.TaskFailedException Failed(HistoryEvent call, HistoryEvent answer) =>
        call.Kind is EventKind.ActivityScheduled
            ? new(call.Name!, call.Task, new DurableTask.Core.Exceptions.TaskFailedException(answer.Failure!))
            : new(call.Name!, call.Task, answer.Failure!);

    private string ForeignAwait() =>
        $"An invalid asynchronous invocation was detected: orchestrator '{Row.Name}' waits, after {_lastCall}, for a task that its context " +
        "did not create. Await only tasks of the context; put other work into an activity.";
}
