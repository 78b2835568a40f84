namespace CertFunctions.App.Tests.Acme;

/// <summary>A clock that is moved by whoever waits for it: a wait of seconds is over at once, and its time has passed. Longer ones, which guard against silence, never end.</summary>
internal sealed class HurryingTime(DateTimeOffset start) : TimeProvider
{
    private static readonly TimeSpan LongestHurried = TimeSpan.FromSeconds(10);

    private long _ticks = start.UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= TimeSpan.Zero && dueTime <= LongestHurried)
        {
            Advance(dueTime);
            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }

        return new Nothing();
    }

    private sealed class Nothing : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() { }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
