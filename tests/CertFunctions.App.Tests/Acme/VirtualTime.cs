namespace CertFunctions.App.Tests.Acme;

/// <summary>A clock that stands still until a test moves it, and that can say what it would wake next: so a day of waiting costs a moment.</summary>
internal sealed class VirtualTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<VirtualTimer> _armed = [];
    private readonly AsyncLocal<Waiter?> _waiter = new();
    private DateTimeOffset _now = start;
    private int _changes;

    /// <summary>Counts timers armed, fired and given up: as long as it stands, nobody began to wait.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>When the next timer fires; null: nobody waits.</summary>
    public DateTimeOffset? Next
    {
        get { lock (_gate) { return _armed.Count == 0 ? null : _armed.Min(timer => timer.Due); } }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) { return _now; }
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>From here on, in this flow of control, timers are this waiter's.</summary>
    public Waiter Enter()
    {
        var waiter = new Waiter();
        _waiter.Value = waiter;
        return waiter;
    }

    /// <summary>Fires what is due up to then, in order, each at its own time.</summary>
    public void AdvanceTo(DateTimeOffset then)
    {
        while (true)
        {
            VirtualTimer? next;
            lock (_gate)
            {
                next = _armed.Where(timer => timer.Due <= then).MinBy(timer => timer.Due);
                if (next is null)
                {
                    if (then > _now) { _now = then; }
                    return;
                }

                if (next.Due > _now) { _now = next.Due; }
                Disarm(next);
                if (next.Period is { } period) { Arm(next, _now + period); }
            }

            next.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state, _waiter.Value);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Arm(VirtualTimer timer, DateTimeOffset due)
    {
        timer.Due = due;
        _armed.Add(timer);
        timer.Owner?.Add(1);
        Interlocked.Increment(ref _changes);
    }

    private void Disarm(VirtualTimer timer)
    {
        if (!_armed.Remove(timer)) { return; }
        timer.Owner?.Add(-1);
        Interlocked.Increment(ref _changes);
    }

    /// <summary>A piece of work, and whether it waits for the clock.</summary>
    public sealed class Waiter
    {
        private int _timers;

        public bool Waits => Volatile.Read(ref _timers) > 0;

        public void Add(int timers) => Interlocked.Add(ref _timers, timers);
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state, Waiter? owner) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public TimeSpan? Period { get; private set; }

        public Waiter? Owner => owner;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var isNow = dueTime == TimeSpan.Zero;
            lock (time._gate)
            {
                time.Disarm(this);
                Period = period > TimeSpan.Zero ? period : null;
                if (dueTime > TimeSpan.Zero) { time.Arm(this, time._now + dueTime); }
            }

            if (isNow) { ThreadPool.QueueUserWorkItem(_ => Fire()); }
            return true;
        }

        public void Dispose()
        {
            lock (time._gate) { time.Disarm(this); }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
