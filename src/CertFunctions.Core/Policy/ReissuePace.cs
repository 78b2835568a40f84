namespace CertFunctions.Core.Policy;

/// <param name="Starts">How many re-issues may begin now.</param>
public sealed record ReissueStep(int Starts, TimeSpan LookAgain);

/// <summary>Decides how fast leaves are re-issued after a rotation: at most so many at a time, spread evenly over time.</summary>
public static class ReissuePace
{
    /// <summary>A failing leaf is tried again at least so often: the old CA stays until it is done.</summary>
    public static readonly TimeSpan LongestBackoff = TimeSpan.FromHours(1);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <param name="left">Certificates that hold a leaf of the old CA.</param>
    /// <param name="underWay">Those among them that are being issued.</param>
    /// <param name="since">How long ago the pin moved.</param>
    public static ReissueStep Decide(int left, int underWay, TimeSpan since, TimeSpan spread, int mostAtATime)
    {
        // What is left after its share of the time is begun as it comes: the pace needs no memory of how many there were.
        var remaining = spread - since;
        var rounds = remaining <= TimeSpan.Zero ? 1 : Math.Max(1, (int)(remaining / Pause(left, mostAtATime, remaining)));
        var share = (int)Math.Ceiling((double)left / rounds);
        return new(Math.Clamp(Math.Min(share, mostAtATime) - underWay, 0, left), remaining <= TimeSpan.Zero ? Shortest : Pause(left, mostAtATime, remaining));
    }

    /// <summary>Between two looks: long enough that a whole round fits, short enough to end in time.</summary>
    private static TimeSpan Pause(int left, int mostAtATime, TimeSpan remaining)
    {
        var even = remaining / Math.Max(1, (int)Math.Ceiling((double)left / mostAtATime));
        return even < Shortest ? Shortest : even > Longest ? Longest : even;
    }
}
