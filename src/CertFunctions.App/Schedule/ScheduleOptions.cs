namespace CertFunctions.App.Schedule;

/// <summary>The pace of everything that waits. Section <c>Schedule</c>; tests set seconds where production has minutes.</summary>
public sealed class ScheduleOptions
{
    /// <summary>How long after a write its due entry becomes visible to the timer, when the start got lost. Default 2 min.</summary>
    public TimeSpan Visibility { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The unit of the ages 0, 1, 2, 4, 8 and every 15 at which the timer starts a run anew. Default 1 min.</summary>
    public TimeSpan Pace { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>First pace of waiting for an issuer or a vault. Default 5 min.</summary>
    public TimeSpan WaitFirst { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Slowest pace of waiting. Default 1 h.</summary>
    public TimeSpan WaitMost { get; set; } = TimeSpan.FromHours(1);

    /// <summary>An entry of an absent resource is kept this long: no HTTP write lives longer. Default 1 h.</summary>
    public TimeSpan WriteLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>An instance without progress for this long is terminated. Default 1 h.</summary>
    public TimeSpan Stuck { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long another run's import lease is waited for. Default 15 min.</summary>
    public TimeSpan LeaseWait { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>An import starts within this time of taking the lease, or takes it anew. Default 1 min.</summary>
    public TimeSpan LeaseFresh { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Most starts of one tick. Default 500.</summary>
    public int StartsPerTick { get; set; } = 500;

    /// <summary>Finished instances older than this are purged by the sweep. Default 1 day.</summary>
    public TimeSpan KeepHistory { get; set; } = TimeSpan.FromDays(1);
}
