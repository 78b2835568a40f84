namespace CertFunctions.Core.Policy;

/// <summary>How a challenge stands after an activity. Flat: it goes into history.</summary>
/// <param name="State">One of the constants here.</param>
/// <param name="Wait">Before the next step.</param>
public sealed record ChallengeView(string State, string? Reason = null, string? Message = null, TimeSpan? Wait = null)
{
    /// <summary>The answer is published; look whether it can be seen.</summary>
    public const string Presented = "presented";

    /// <summary>Tell the CA, after the wait.</summary>
    public const string Visible = "visible";

    /// <summary>The CA was told; ask for its verdict.</summary>
    public const string Accepted = "accepted";

    public const string Valid = "valid";
    public const string Invalid = "invalid";

    /// <summary>Nothing can be done now: see the reason.</summary>
    public const string Blocked = "blocked";

    /// <summary>The order is gone, or no longer wanted.</summary>
    public const string Superseded = "superseded";
}

/// <summary>What a look for the published answer showed.</summary>
/// <param name="State"><c>Visible</c>, <c>NotVisible</c> or <c>Inconclusive</c> (from here it cannot be told).</param>
public sealed record SelfCheck(string State, string? Message)
{
    public const string Visible = "Visible";
    public const string NotVisible = "NotVisible";
    public const string Inconclusive = "Inconclusive";
}

/// <param name="InconclusiveAfter">From then on the CA is told although nothing could be seen from here.</param>
/// <param name="NotVisibleAfter">From then on it is given up for now, and the CA is not told.</param>
/// <param name="Settle">Between seeing it and telling the CA.</param>
/// <param name="Every">Between two looks.</param>
public sealed record SelfCheckPace(TimeSpan InconclusiveAfter, TimeSpan NotVisibleAfter, TimeSpan Settle, TimeSpan Every);

/// <summary>Decides whether the CA may be told that an answer is published (acme-cases 30, 31): a failed validation counts against the account.</summary>
public static class ChallengePolicy
{
    public const string PropagationTimeout = "PropagationTimeout";

    /// <summary>The CA is asked for its verdict no longer than this; then the due index takes over.</summary>
    public static TimeSpan LongestVerdict { get; } = TimeSpan.FromMinutes(5);

    public static ChallengeView Decide(SelfCheck check, TimeSpan sincePresented, SelfCheckPace pace) => check.State switch
    {
        SelfCheck.Visible => new(ChallengeView.Visible, Wait: pace.Settle),
        SelfCheck.Inconclusive when sincePresented >= pace.InconclusiveAfter => new(ChallengeView.Visible, Wait: TimeSpan.Zero, Message: check.Message),
        SelfCheck.NotVisible when sincePresented >= pace.NotVisibleAfter =>
            new(ChallengeView.Blocked, PropagationTimeout, $"Not visible within {pace.NotVisibleAfter.TotalMinutes:0.#} min, so the CA was not told: {check.Message}"),
        _ => new(ChallengeView.Presented, check.State, check.Message, pace.Every),
    };
}
