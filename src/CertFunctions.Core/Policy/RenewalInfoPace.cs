namespace CertFunctions.Core.Policy;

/// <summary>How often a CA is asked for renewal information (RFC 9773 §4.3.2, §4.3.3).</summary>
public static class RenewalInfoPace
{
    /// <summary>So long a CA that has no renewal information is not asked whether it has by now.</summary>
    public static readonly TimeSpan WithoutAny = TimeSpan.FromDays(1);

    private const int FailuresAllowed = 2;   // in a row: one certificate may be at fault
    private const int MostDoublings = 7;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMinutes(15);

    /// <summary>Until the same certificate is asked for again: what the CA said, between a minute and a day.</summary>
    public static TimeSpan Interval(TimeSpan? asked, TimeSpan own) => TimeSpan.FromTicks(Math.Clamp((asked ?? own).Ticks, Shortest.Ticks, Longest.Ticks));

    /// <summary>How long a CA is left alone after failures in a row: 15 min, doubling to a day. Zero: it may be asked for another certificate.</summary>
    /// <param name="isBusy">The CA itself said so (429, 503): the first counts.</param>
    public static TimeSpan Backoff(int failures, bool isBusy, TimeSpan? asked)
    {
        var counted = isBusy ? failures : failures - FailuresAllowed;
        if (counted <= 0) { return TimeSpan.Zero; }

        var own = FirstBackoff * (1 << Math.Min(counted - 1, MostDoublings));
        var wait = isBusy && asked > own ? asked.Value : own;
        return wait < Longest ? wait : Longest;
    }
}
