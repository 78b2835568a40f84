namespace CertFunctions.Core.Policy;

/// <summary>What the ends of its challenges mean for an order.</summary>
public static class SolvedPolicy
{
    /// <summary>One refusal by the CA refuses the order; one that waits makes it wait, as briefly as any of them; all valid make it ready.</summary>
    public static OrderView Sum(IReadOnlyCollection<ChallengeView> ends)
    {
        if (ends.Any(each => each.State is ChallengeView.Superseded)) { return new(OrderView.Superseded); }

        var invalid = ends.Where(each => each.State is ChallengeView.Invalid).ToList();
        if (invalid.Count > 0) { return new(OrderView.Refused, "ChallengeFailed", Join(invalid)); }

        var waiting = ends.Where(each => each.State is not ChallengeView.Valid).ToList();
        return waiting.Count == 0
            ? new(OrderView.Ready)
            : new(OrderView.Blocked, waiting[0].Reason ?? "ChallengesPending", Join(waiting), waiting.Min(each => each.Wait));
    }

    private static string Join(IEnumerable<ChallengeView> ends) => string.Join("; ", ends.Select(each => each.Message).Distinct().Take(10));
}
