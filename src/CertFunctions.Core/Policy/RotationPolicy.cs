using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Decides how one CA takes over from another without a moment at which a client refuses what is served (ca-rotation 7 to 13).</summary>
/// <remarks>Decides from what is stored; asked twice it answers the same. <see cref="BundlePolicy"/> is the other half: it publishes whatever stands in the status that this writes.</remarks>
public static class RotationPolicy
{
    /// <summary>The next CA is being made.</summary>
    public const string Requested = "Requested";

    /// <summary>Bundles take it up.</summary>
    public const string Publishing = "Publishing";

    /// <summary>Clients fetch it.</summary>
    public const string Propagating = "Propagating";

    /// <summary>Nobody can be told of it, or a file cannot be written.</summary>
    public const string Blocked = "Blocked";

    /// <summary>A person gave it up.</summary>
    public const string GivenUp = "Abandoned";

    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    public static RotationDecision Decide(RotationFacts facts, DateTimeOffset now)
    {
        if (facts.Rotation is { Abandoned: not null, Next: not null } given)
        {
            // Written by the verb; only here, where the bundles are woken, does the CA leave the status.
            return new(facts.Pinned, given with { Stage = GivenUp, Next = null, Request = null, PinMovesAt = null }, facts.Retiring, []);
        }

        if (facts.IsPaused) { return new(facts.Pinned, facts.Rotation, facts.Retiring, []); }

        var (retiring, gone) = Retire(facts, now);
        var rotation = Begin(facts, now);
        if (rotation?.Next is not { } next)
        {
            return new(facts.Pinned, rotation, retiring, gone, MakesCa: rotation is { Stage: Requested, Request.Version: null, Next: null }, Until: Soonest(null, retiring, facts.Pace, now));
        }

        var begun = facts.Rotation?.Next is null ? (Reason[])[new("RotationStarted", $"{Name(next)} is to take over from {Name(facts.Pinned)}.")] : [];
        var gate = Gate(facts, rotation);
        if (gate.IsOpen && begun.Length > 0 && !NeedsNoBundle(facts, rotation))
        {
            var first = rotation with { Stage = Publishing, Message = "Bundles are asked once more, now that they have to hold both." };
            return new(facts.Pinned, first, retiring, [.. gone, .. begun], Until: now);
        }

        if (!gate.IsOpen)
        {
            var waiting = rotation with { Stage = gate.Stage, Message = gate.Message, PinMovesAt = gate.OpensAt };
            var blocked = gate.Stage == Blocked && facts.Rotation?.Stage != Blocked ? (Reason[])[new("RotationBlocked", gate.Message)] : [];
            return new(facts.Pinned, waiting, retiring, [.. gone, .. begun, .. blocked], Until: Soonest(gate.OpensAt, retiring, facts.Pace, now));
        }

        var moved = new Reason("SignerChanged", rotation.Request?.Emergency is true ? Emergency(facts, next, now) : $"{Name(next)} signs from now on; {Name(facts.Pinned)} is retiring.");
        var old = new RetiringSigner
        {
            Signer = facts.Pinned, Since = now, Quick = rotation.Request?.Quick, Overlap = rotation.Request?.Overlap, Emergency = rotation.Request?.Emergency,
            Message = "What it signed is being re-issued.",
        };
        var others = retiring.Where(each => !SignerPolicy.IsSame(each.Signer, next));   // rotated back: it retires no more

        // The vault's newest version may be the one that was left: a person chose against it.
        var chosen = rotation.Request?.Version is null ? null : new RotationStatus { Stage = GivenUp, Abandoned = facts.Pinned.Thumbprint, StartedAt = now };
        return new(next, chosen, SignerPolicy.IsSame(facts.Pinned, next) ? [.. others] : [.. others, old], [.. gone, .. begun, moved], Until: now);
    }

    /// <summary>The rotation to go on with: the one under way, or a new one to the candidate; null: there is none.</summary>
    private static RotationStatus? Begin(RotationFacts facts, DateTimeOffset now)
    {
        var rotation = facts.Rotation;
        if (rotation?.Next is not null) { return rotation; }   // to its end: a later candidate waits until the pin has moved (8)

        var isOther = IsOther(facts.Pinned, facts.Candidate) && facts.Candidate.NotAfter > now;
        var isGivenUp = rotation is { Abandoned: not null, Request: null } && !(isOther && SignerPolicy.IsSame(facts.Pinned, facts.Candidate));
        if (!isOther && rotation?.Request?.Version is { } given && given == facts.Candidate.Version) { return null; }   // it signs already, or it has expired
        if (!isOther) { return isGivenUp && rotation!.Abandoned != facts.Pinned.Thumbprint ? null : rotation; }
        if (isGivenUp && (rotation!.Abandoned == facts.Candidate.Thumbprint || rotation.Abandoned == facts.Pinned.Thumbprint)) { return rotation with { Abandoned = facts.Candidate.Thumbprint }; }

        return (rotation ?? new RotationStatus { Stage = Publishing, StartedAt = now }) with { Stage = Publishing, Next = facts.Candidate, Abandoned = null, StartedAt = rotation?.Request is null ? now : rotation.StartedAt };
    }

    /// <summary>Whether bundles may have to take something up first: another certificate, or the same one under its root renewed with its key.</summary>
    public static bool IsOther(PinnedSigner pinned, PinnedSigner candidate) =>
        candidate.Thumbprint != pinned.Thumbprint
        || (candidate.RootThumbprint != pinned.RootThumbprint && pinned.RootThumbprint is not null && candidate.RootThumbprint is not null && candidate.RootKeyHash == pinned.RootKeyHash);

    /// <summary>Whether the pin may move in the decision that begins. Where bundles matter they were looked at before they had to hold the new CA: what they held by chance may be gone.</summary>
    private static bool NeedsNoBundle(RotationFacts facts, RotationStatus rotation) =>
        facts.Bundles.Count == 0 || rotation.Request?.Emergency is true || rotation.Next!.RootThumbprint == facts.Pinned.RootThumbprint;

    private static (bool IsOpen, string Stage, string Message, DateTimeOffset? OpensAt) Gate(RotationFacts facts, RotationStatus rotation)
    {
        if (rotation.Request?.Emergency is true) { return (true, "", "", null); }
        if (facts.Bundles.Count == 0)
        {
            return rotation.Request is not null || SignerPolicy.IsSame(facts.Pinned, rotation.Next!)
                ? (true, "", "", null)
                : (false, Blocked, "No Bundle publishes the CA in use, so no client could learn of the new one. Make a Bundle with this issuer as a source, or POST …/rotate to go on without.", null);
        }

        var broken = facts.Bundles.Where(each => each is { NewSince: null, Problem: not null }).ToList();
        if (broken.Count > 0)
        {
            return (false, Blocked, $"{string.Join("; ", broken.Take(5).Select(each => $"{each.File} cannot be written: {each.Problem}"))}. Repair it, or POST …/abandon.", null);
        }

        var lacking = facts.Bundles.Where(each => each.NewSince is null).Select(each => each.File).ToList();
        if (lacking.Count > 0) { return (false, Publishing, $"Waiting until the new CA is in {string.Join(", ", lacking.Take(5))}.", null); }

        var propagation = rotation.Request?.Propagation ?? facts.Pace.Propagation;
        var last = facts.Bundles.MaxBy(each => each.NewSince)!;
        return facts.Bundles.All(each => each.AsOf - each.NewSince!.Value > propagation)
            ? (true, "", "", null)
            : (false, Propagating, $"Every bundle holds the new CA, {last.File} since {last.NewSince:u}: clients get {GoDuration.Format(propagation)} to fetch it.", last.NewSince + propagation + OneSecond);
    }

    private static (ValueList<RetiringSigner> Left, ValueList<Reason> News) Retire(RotationFacts facts, DateTimeOffset now)
    {
        var left = new List<RetiringSigner>();
        var news = new List<Reason>();
        foreach (var retiring in facts.Retiring)
        {
            if (facts.Leaves.FirstOrDefault(each => each.Thumbprint == retiring.Signer.Thumbprint) is not { } leaves) { left.Add(retiring); continue; }

            var reissued = leaves.Certificates == 0 ? retiring.ReissuedAt ?? now : (DateTimeOffset?)null;
            if (IsGone(retiring, leaves, reissued, facts.Pace, now)) { news.Add(new("CARetired", $"Nothing of {Name(retiring.Signer)} is left; it leaves the bundles.")); }
            else { left.Add(retiring with { ReissuedAt = reissued, Message = Waits(retiring, leaves, reissued, facts.Pace) }); }
        }

        return ([.. left], [.. news]);
    }

    private static bool IsGone(RetiringSigner retiring, RetiringLeaves leaves, DateTimeOffset? reissued, RotationPace pace, DateTimeOffset now) =>
        leaves.Leaves == 0
        || (reissued is { } since && now - since >= Overlap(retiring, pace) && (retiring.Emergency is true || (retiring.Quick is true && leaves.Unmanaged == 0)));

    private static TimeSpan Overlap(RetiringSigner retiring, RotationPace pace) => retiring.Overlap ?? (retiring.Emergency is true ? pace.Lag : pace.Overlap);

    private static string Waits(RetiringSigner retiring, RetiringLeaves leaves, DateTimeOffset? reissued, RotationPace pace) => reissued switch
    {
        null => $"{leaves.Certificates} Certificates still hold a leaf of it.",
        { } since when retiring.Emergency is true || (retiring.Quick is true && leaves.Unmanaged == 0) => $"Every Certificate has another leaf since {since:u}; consumers get {GoDuration.Format(Overlap(retiring, pace))} to take it up.",
        _ when retiring.Quick is true => $"{leaves.Unmanaged} certificates that nothing here can replace (a person's own CSR, a CA in use) are neither expired nor revoked.",
        _ => $"{leaves.Leaves} certificates that it signed are neither expired nor revoked.",
    };

    private static string Emergency(RotationFacts facts, PinnedSigner next, DateTimeOffset now) =>
        $"{Name(next)} signs from now on, without waiting. Until {now + facts.Pace.Propagation:u} clients with an older bundle refuse new certificates; what {Name(facts.Pinned)} signed "
        + $"for anybody but a Certificate is refused once that CA leaves the bundles, about {GoDuration.Format(facts.Pace.Spread + facts.Pace.Lag)} from now.";

    /// <summary>Past moments decide nothing any more: what is still here then waits for an end that no clock tells.</summary>
    private static DateTimeOffset? Soonest(DateTimeOffset? gate, ValueList<RetiringSigner> retiring, RotationPace pace, DateTimeOffset now) =>
        retiring.Where(each => each.Quick is true || each.Emergency is true).Select(each => each.ReissuedAt + Overlap(each, pace)).Where(moment => moment > now).Append(gate).Min();

    private static string Name(PinnedSigner signer) => $"{signer.Object}/{signer.Version}";
}
