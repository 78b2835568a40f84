namespace CertFunctions.LocalRuntime.Engine;

/// <summary>Keeps an episode on one thread: continuations queue here and run in order. One that comes from another thread is a foul.</summary>
internal sealed class EpisodeThread(Action foul) : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();
    private int _thread = -1;

    public bool IsCurrent => Environment.CurrentManagedThreadId == _thread;

    public void Run(Action episode)
    {
        var previous = Current;
        _thread = Environment.CurrentManagedThreadId;
        SetSynchronizationContext(this);
        try
        {
            episode();
        }
        finally
        {
            SetSynchronizationContext(previous);
            _thread = -1;
        }
    }

    public void Pump()
    {
        while (_queue.TryDequeue(out var next)) { next.Callback(next.State); }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsCurrent) { _queue.Enqueue((d, state)); }
        else { foul(); }   // an awaited task that is not durable has ended; its continuation never runs
    }

    public override void Send(SendOrPostCallback d, object? state) => Post(d, state);

    public override SynchronizationContext CreateCopy() => this;
}
