namespace CertFunctions.LocalRuntime.Engine;

/// <summary>An unfinished instance in memory. Its row and history change on the commit loop only; its inbox is shared, under its lock.</summary>
internal sealed class Instance(InstanceRow row)
{
    private readonly Lock _lock = new();
    private List<HistoryEvent> _inbox = [];
    private bool _busy = true;   // until it has begun

    public InstanceRow Row { get; set; } = row;

    public List<HistoryEvent> History { get; } = [];

    /// <summary>Finished, replaced or purged: whatever still arrives is dropped.</summary>
    public volatile bool Gone;

    /// <summary>Activities and timers set off by this process, by sequence number.</summary>
    public HashSet<int> Dispatched { get; } = [];

    public Dictionary<int, ITimer> Timers { get; } = [];

    public bool IsSuspended => Row.Status is Microsoft.DurableTask.Client.OrchestrationRuntimeStatus.Suspended;

    /// <summary>Puts a message in. True when the caller must queue an episode.</summary>
    public bool Deliver(HistoryEvent message)
    {
        lock (_lock)
        {
            _inbox.Add(message);
            return WantsEpisode();
        }
    }

    /// <summary>Puts messages before all others, without asking for an episode.</summary>
    public void PutBack(IEnumerable<HistoryEvent> messages)
    {
        lock (_lock) { _inbox.InsertRange(0, messages); }
    }

    public List<HistoryEvent> Take()
    {
        lock (_lock)
        {
            var taken = _inbox;
            _inbox = [];
            return taken;
        }
    }

    /// <summary>Ends an episode. True when the caller must queue the next one.</summary>
    public bool Release()
    {
        lock (_lock)
        {
            _busy = false;
            return WantsEpisode();
        }
    }

    public void Leave()
    {
        Gone = true;
        StopTimers();
    }

    public void StopTimers()
    {
        foreach (var timer in Timers.Values) { timer.Dispose(); }
        Timers.Clear();
    }

    private bool WantsEpisode()
    {
        if (_busy || Gone || !(IsSuspended ? _inbox.Exists(message => message.IsControl) : _inbox.Count > 0)) { return false; }
        _busy = true;
        return true;
    }
}
