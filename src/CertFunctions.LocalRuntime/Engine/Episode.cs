using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>One turn of an instance: takes its messages, runs the orchestrator, commits, and sets off what follows.</summary>
internal sealed class Episode(DurableEngine engine, Instance instance, List<HistoryEvent> taken)
{
    private readonly List<HistoryEvent> _lines = [];
    private readonly List<Action> _after = [];
    private List<HistoryEvent> _held = [];
    private InstanceRow _row = instance.Row;
    private List<HistoryEvent> _carried = [];
    private OrchestrationRun? _run;

    public void Run(DateTime now)
    {
        var ended = Control(now);
        if (!ended && _row.Status is not OrchestrationRuntimeStatus.Suspended) { Execute(now); }

        engine.Commits.Enqueue(Write, Committed, failure => engine.TryAgain(instance, taken, failure));
    }

    /// <summary>Terminate, suspend and resume act beside the code. True when the instance ends here.</summary>
    private bool Control(DateTime now)
    {
        foreach (var message in taken.Where(message => message.IsControl))
        {
            _row = message.Kind switch
            {
                EventKind.Terminate => _row with { Status = OrchestrationRuntimeStatus.Terminated, Output = message.Data, Updated = now },
                EventKind.Suspend => _row with { Status = OrchestrationRuntimeStatus.Suspended, Updated = now },
                _ => _row with { Status = OrchestrationRuntimeStatus.Running, Updated = now },
            };
            if (_row.IsFinished) { return true; }
        }

        if (_row.Status is OrchestrationRuntimeStatus.Suspended) { _held = taken.FindAll(message => !message.IsControl); }
        return false;
    }

    private void Execute(DateTime now)
    {
        var news = taken.FindAll(message => !message.IsControl);
        _run = engine.NewRun(instance);
        _run.Execute(instance.History, news, now);

        _lines.AddRange(news.Select(message => message with { At = now }));
        _lines.AddRange(_run.Decisions.Select(decision => decision with { At = now }));
        _row = _row with { CustomStatus = _run.CustomStatus };
        if (_lines.Count > 0) { _row = _row with { Status = OrchestrationRuntimeStatus.Running, Updated = now }; }

        switch (_run.End)
        {
            case EpisodeEnd.Completed:
                _row = _row with { Status = OrchestrationRuntimeStatus.Completed, Output = _run.Output, Updated = now };
                break;
            case EpisodeEnd.Failed:
                _row = _row with { Status = OrchestrationRuntimeStatus.Failed, Output = _run.Output, Failure = _run.Failure, Updated = now };
                break;
            case EpisodeEnd.ContinuesAsNew:
                var (input, keepEvents) = _run.NextGeneration!.Value;
                _carried = keepEvents ? [.. _run.Events.Unprocessed] : [];
                _row = _row with { Key = engine.NextNumber(), Input = input, Updated = now, Status = OrchestrationRuntimeStatus.Pending, StartAt = null };
                break;
        }
    }

    private void Write(HistoryStore store)
    {
        _after.Clear();
        if (instance.Gone || !store.Exists(instance.Row.Key)) { return; }

        foreach (var message in taken.Where(message => message.Number > 0).Except(_held)) { store.RemoveMessage(message.Number); }
        if (_row.Key != instance.Row.Key) { Renew(store); }
        else
        {
            var line = instance.History.Count;
            foreach (var happened in _lines) { store.Append(_row.Key, line++, happened); }
            if (NeedsUpdate()) { store.Update(_row); }
        }

        foreach (var decision in _lines)
        {
            if (decision.Kind is EventKind.ChildCreated) { StartChild(store, decision); }
            if (decision.Kind is EventKind.EventSent) { Send(store, decision); }
        }

        if (_row.IsFinished) { TellParent(store); }
    }

    // "Updated" and "Running" follow from the last line of history, so most episodes only append.
    private bool NeedsUpdate() =>
        _row.IsFinished || _row.CustomStatus != instance.Row.CustomStatus || _row.Status is OrchestrationRuntimeStatus.Suspended || instance.IsSuspended;

    private void Renew(HistoryStore store)
    {
        store.MoveMessages(instance.Row.Key, _row.Key);
        store.Remove(instance.Row.Key);
        store.Insert(_row);
        for (var i = 0; i < _carried.Count; i++)
        {
            // A stored message keeps its number, so that it stays before those that came later.
            if (_carried[i].Number == 0) { _carried[i] = _carried[i] with { Number = engine.NextNumber() }; }
            store.Post(_row.Key, _carried[i]);
        }
    }

    private void StartChild(HistoryStore store, HistoryEvent call)
    {
        if (store.Find(call.Target!) is { } existing)
        {
            if (!existing.IsFinished)
            {
                var failure = TaskFailureDetails.FromException(
                    new OrchestrationAlreadyExistsException($"An orchestration with id '{call.Target}' already exists. It's in the {existing.Status} state."));
                Tell(store, _row.Id, _row.Key, new HistoryEvent(EventKind.ChildFailed, call.Task, call.Name, Failure: failure, Number: engine.NextNumber()));
                return;
            }

            store.Remove(existing.Key);
        }

        var child = new InstanceRow(
            engine.NextNumber(), call.Target!, call.Name!, OrchestrationRuntimeStatus.Pending, call.At, call.At, call.Data, null, null, null, _row.Tags,
            new ParentLink(_row.Id, _row.Key, _row.Name, call.Task), null);
        store.Insert(child);
        _after.Add(() => engine.Adopt(child));
    }

    private void Send(HistoryStore store, HistoryEvent call)
    {
        if (store.Find(call.Target!) is { IsFinished: false } row)
        {
            Tell(store, row.Id, row.Key, new HistoryEvent(EventKind.EventRaised, -1, call.Name, call.Data, Number: engine.NextNumber()));
        }
    }

    private void TellParent(HistoryStore store)
    {
        if (_row.Parent is not { } link || store.Find(link.Id) is not { IsFinished: false } row || row.Key != link.Key) { return; }

        Tell(store, link.Id, row.Key, _row.Status is OrchestrationRuntimeStatus.Completed
            ? new HistoryEvent(EventKind.ChildCompleted, link.Task, _row.Name, _row.Output, Number: engine.NextNumber())
            : new HistoryEvent(EventKind.ChildFailed, link.Task, _row.Name, Failure: _row.Failure, Number: engine.NextNumber()));
    }

    private void Tell(HistoryStore store, string id, long key, HistoryEvent message)
    {
        store.Post(key, message);
        _after.Add(() => engine.Deliver(id, key, message));
    }

    private void Committed()
    {
        if (instance.Gone) { return; }

        var status = instance.Row.Status;
        var renewed = _row.Key != instance.Row.Key;
        instance.Row = _row;
        if (renewed)
        {
            instance.History.Clear();
            instance.Dispatched.Clear();
            instance.StopTimers();
            instance.PutBack([new HistoryEvent(EventKind.Started), .. _carried]);
        }
        else
        {
            instance.History.AddRange(_lines);
            instance.PutBack(_held);
        }

        if (_row.IsFinished) { engine.Forget(_row.Id); }
        else if (_run is null || renewed) { engine.GoOn(instance); }
        else { engine.Proceed(instance, _run.Open); }

        foreach (var action in _after) { action(); }
        if (_row.Status != status) { engine.Pulses.Pulse(_row.Id); }
    }
}
