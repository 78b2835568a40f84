using Microsoft.DurableTask;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>External events of one execution: early ones wait in order, waiters are served newest first (functions-api-surface.md §7.5).</summary>
internal sealed class EventInbox(DataConverter converter)
{
    private readonly Dictionary<string, List<Waiter>> _waiters = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<HistoryEvent> _early = [];

    public bool IsAwaited => _waiters.Values.Any(list => list.Exists(waiter => !waiter.IsOver));

    /// <summary>Those nobody took, grouped by name, names in the order first seen.</summary>
    public IEnumerable<HistoryEvent> Unprocessed => _early.GroupBy(raised => raised.Name, StringComparer.OrdinalIgnoreCase).SelectMany(group => group);

    public Task<T> Wait<T>(string name, CancellationToken cancellationToken)
    {
        if (_early.FindIndex(raised => string.Equals(raised.Name, name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index)
        {
            var data = _early[index].Data;
            _early.RemoveAt(index);
            return Task.FromResult(converter.Deserialize<T>(data)!);
        }

        if (!_waiters.TryGetValue(name, out var waiters)) { _waiters.Add(name, waiters = []); }
        if (waiters.Exists(waiter => waiter is not Waiter<T>))
        {
            throw new ArgumentException($"Event '{name}' is already awaited as another type.", nameof(name));
        }

        var mine = new Waiter<T>();
        waiters.Add(mine);
        cancellationToken.Register(() => mine.Answer.TrySetCanceled(cancellationToken));
        return mine.Answer.Task;
    }

    public void Deliver(HistoryEvent raised)
    {
        if (!_waiters.TryGetValue(raised.Name!, out var waiters) || waiters.Count == 0)
        {
            _early.Add(raised);
            return;
        }

        // A cancelled waiter still takes its event, which is then lost, as upstream.
        var newest = waiters[^1];
        waiters.RemoveAt(waiters.Count - 1);
        newest.Complete(converter, raised.Data);
    }

    private abstract class Waiter
    {
        public abstract bool IsOver { get; }

        public abstract void Complete(DataConverter converter, string? data);
    }

    private sealed class Waiter<T> : Waiter
    {
        public TaskCompletionSource<T> Answer { get; } = new();

        public override bool IsOver => Answer.Task.IsCompleted;

        public override void Complete(DataConverter converter, string? data)
        {
            if (!IsOver) { Answer.TrySetResult(converter.Deserialize<T>(data)!); }
        }
    }
}
