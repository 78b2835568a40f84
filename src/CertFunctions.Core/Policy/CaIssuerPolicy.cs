using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>What the readiness of a <c>ca</c> issuer is decided by besides its candidate.</summary>
/// <param name="Bundles">Every published file that holds the pinned CA; empty also when no rotation is under way.</param>
/// <param name="Leaves">What is left of each retiring CA.</param>
/// <param name="RenewalTime">When the CA's own Certificate is due for renewal; null: no Certificate made the CA in use.</param>
/// <param name="Clock">The bundles' store's clock, by which a rotation goes (ca-rotation 7, 13): the app's may jump. Null: nobody asked, for none is under way.</param>
public sealed record CaFacts(
    RotationStatus? Rotation, ValueList<RetiringSigner> Retiring, ValueList<BundleHold> Bundles, ValueList<RetiringLeaves> Leaves, RotationPace Pace, DateTimeOffset? RenewalTime, bool IsPaused = false,
    DateTimeOffset? Clock = null);

/// <summary>Decides what a <c>ca</c> issuer signs with, how a rotation goes on, and what its owner should know of the CA's health.</summary>
public static class CaIssuerPolicy
{
    /// <summary>Condition of ours: another CA waits, the pinned one goes on signing.</summary>
    public const string RotationPending = "RotationPending";

    /// <summary>Condition of ours: the CA in use is within its renewBefore, and no newer one has come.</summary>
    public const string CAExpiring = "CAExpiring";

    /// <summary>Condition of ours: the CA is renewed so late that some consumer ends up with an expired leaf (ca-rotation 14).</summary>
    public const string CARenewsTooLate = "CARenewsTooLate";

    private static readonly CaFacts Unknown = new(null, [], [], [], new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), null);

    public static IssuerVerdict Decide(IssuerFacts facts, DateTimeOffset now)
    {
        var candidate = facts.Candidate ?? SignerCandidate.NotFound("The CA certificate was not looked up.");
        var decision = SignerPolicy.Decide(facts.Pinned, candidate, now);
        var ca = facts.Ca ?? Unknown;
        if (decision.Action is SignerAction.Refuse)
        {
            var refused = IssuerPolicy.Settled(facts, facts.Pinned, IssuerPolicy.NotReady(facts, decision.Reason ?? SignerCandidate.Missing, decision.Message), now);
            return refused with { Status = refused.Status with { Rotation = ca.Rotation, Retiring = NullIfNone(ca.Retiring), RotationPaused = ca.IsPaused ? true : null } };
        }

        var newest = candidate.Signer!;
        var isFirst = decision.Action is SignerAction.Pin;
        var isLearned = decision.Action is SignerAction.Adopt && newest.Thumbprint == facts.Pinned!.Thumbprint && !RotationPolicy.IsOther(facts.Pinned, newest);
        var current = isFirst || isLearned ? newest : facts.Pinned!;
        var rotation = RotationPolicy.Decide(new(current, newest, isFirst ? null : ca.Rotation, ca.Retiring, ca.Bundles, ca.Leaves, ca.Pace, ca.IsPaused), ca.Clock ?? now);

        var verdict = IssuerPolicy.Settled(facts, rotation.Pinned, IssuerPolicy.Ready(facts, "KeyPairVerified", "Signing CA verified"), now);
        var conditions = Show(verdict.Status.Conditions!, Pending(facts, rotation, newest, decision, ca.IsPaused), RotationPending, now);
        conditions = Show(conditions, Expiring(facts, rotation, newest, ca, now), CAExpiring, now);
        conditions = Show(conditions, TooLate(facts, rotation.Pinned, newest, ca), CARenewsTooLate, now);

        var status = verdict.Status with { Conditions = conditions, Rotation = rotation.Rotation, Retiring = NullIfNone(rotation.Retiring), RotationPaused = ca.IsPaused ? true : null };
        var before = new IssuerStatus { Pinned = facts.Pinned, Rotation = ca.Rotation, Retiring = ca.Retiring };
        return verdict with
        {
            Status = status,
            LookAgain = Soonest(verdict.LookAgain, rotation, facts, ca.Clock ?? now),
            MakesCa = rotation.MakesCa,
            WakesBundles = !Roots(before).SetEquals(Roots(status)) || (rotation.Rotation?.Next is not null && ca.Rotation?.Next is null),
            News = facts.Pinned is null ? [] : rotation.News,
        };
    }

    private static Condition? Pending(IssuerFacts facts, RotationDecision rotation, PinnedSigner newest, SignerDecision decision, bool isPaused)
    {
        if (rotation.Rotation is not { } under || (under.Next is null && under.Abandoned is null)) { return null; }

        var differs = decision.Action is SignerAction.Rotation && newest.Thumbprint != rotation.Pinned.Thumbprint ? decision.Message : null;
        var says = under.Abandoned is not null ? "It was given up; POST …/rotate takes it up again." : isPaused ? "It is paused; POST …/resume lets it go on." : under.Message;
        return Warning(facts, RotationPending, "SignerChanged", string.Join(' ', new[] { differs, says }.OfType<string>()));
    }

    private static Condition? Expiring(IssuerFacts facts, RotationDecision rotation, PinnedSigner newest, CaFacts ca, DateTimeOffset now)
    {
        var pinned = rotation.Pinned;
        var isGivenUp = rotation.Rotation is { Next: null, Abandoned: { } given } && given == newest.Thumbprint;
        if ((newest.Thumbprint != pinned.Thumbprint && !isGivenUp) || now < (ca.RenewalTime ?? pinned.NotAfter - Needed(ca.Pace))) { return null; }

        return Warning(facts, CAExpiring, CAExpiring, isGivenUp
            ? $"The CA {pinned.Object}/{pinned.Version} ends at {pinned.NotAfter:u}, and the newer one was given up. POST …/rotate takes it up, or makes another."
            : $"The CA {pinned.Object}/{pinned.Version} ends at {pinned.NotAfter:u} and has not been renewed. "
                + (ca.RenewalTime is null ? "Import a new version of it, or name another secret." : "Its Certificate says why."));
    }

    private static Condition? TooLate(IssuerFacts facts, PinnedSigner pinned, PinnedSigner newest, CaFacts ca) =>
        newest.Thumbprint == pinned.Thumbprint && ca.RenewalTime is { } due && pinned.NotAfter - due < Needed(ca.Pace)
            ? Warning(facts, CARenewsTooLate, CARenewsTooLate, $"The CA is renewed {GoDuration.Format(pinned.NotAfter - due)} before it ends; bundles, re-issues and consumers need {GoDuration.Format(Needed(ca.Pace))}: "
                + "set renewBefore of its Certificate to that, or more.")
            : null;

    private static TimeSpan Needed(RotationPace pace) => pace.Propagation + pace.Spread + pace.Lag;

    private static Condition Warning(IssuerFacts facts, string type, string? reason, string message) =>
        new() { Type = type, Status = "True", Reason = reason, Message = message, ObservedGeneration = facts.Generation };

    private static ValueList<Condition> Show(ValueList<Condition> conditions, Condition? condition, string type, DateTimeOffset now) =>
        condition is null ? conditions.Without(type) : conditions.With(condition, now);

    private static HashSet<string?> Roots(IssuerStatus status) => [.. IssuerCas.Of("", status)?.All.Select(signer => signer.RootThumbprint) ?? []];

    private static ValueList<RetiringSigner>? NullIfNone(ValueList<RetiringSigner> retiring) => retiring.Count == 0 ? null : retiring;

    /// <summary>A rotation that waits for others (a bundle, a new CA, re-issues) is looked at at the pace of waiting; so is one whose moment has come by this clock and not by the store's.</summary>
    private static TimeSpan Soonest(TimeSpan ordinary, RotationDecision decision, IssuerFacts facts, DateTimeOffset now)
    {
        var isNews = decision.Pinned.Thumbprint != facts.Pinned?.Thumbprint || decision.Rotation?.Next != facts.Ca?.Rotation?.Next;
        if (isNews && decision.Until <= now) { return TimeSpan.Zero; }

        var wait = decision.Until is { } moment && moment - now < ordinary ? moment - now : ordinary;
        if (wait <= TimeSpan.Zero) { wait = facts.WaitFirst; }
        if (decision.Rotation is { Stage: RotationPolicy.Requested or RotationPolicy.Publishing or RotationPolicy.Blocked, StartedAt: var since } && IssuerPolicy.Backoff(since, now, facts.WaitFirst, facts.WaitMost) is var pace && pace < wait) { wait = pace; }

        return wait;
    }
}
