using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>What a run does next.</summary>
public enum CertificateStep
{
    /// <summary>Nothing: write the status and the next date.</summary>
    Rest,

    /// <summary>Make a new attempt (or go on with the one under way).</summary>
    Issue,

    /// <summary>Look again at <see cref="CertificatePlan.Until"/>.</summary>
    Wait,

    /// <summary>Bring the soft-deleted vault object back, then decide anew by what it holds.</summary>
    Recover,
}

/// <param name="Reason">Why it issues, or what it waits for.</param>
/// <param name="Resume">The request of an earlier run that still fits and whose end was not counted yet: go on with it instead of making another.</param>
/// <param name="Until">For <see cref="CertificateStep.Wait"/>; null: the ordinary pace of waiting.</param>
/// <param name="Trigger">Why an issuance is wanted; null: none is.</param>
public sealed record CertificatePlan(
    CertificateStep Step, Reason? Reason = null, AttemptFacts? Resume = null, DateTimeOffset? Until = null, Reason? Trigger = null)
{
    public const string SecretNameTaken = "SecretNameTaken";

    /// <summary>The vault object must be claimed first: to issue, or because it is not (yet) this Certificate's. Whoever has it keeps it, unless gone.</summary>
    public bool Claims { get; private init; }

    /// <summary>Tags to put right on what is stored, whatever else happens; null: they are right, or not ours to touch.</summary>
    public TagRepair? Repair { get; private init; }

    /// <summary>Whether the attempt is to store a stand-in first.</summary>
    public bool WantsTemporary { get; private init; }

    /// <summary>Whether requests may be left that the spec no longer keeps: once for each generation.</summary>
    public bool Prunes { get; private init; }

    /// <summary>Uid of a request under way that nothing wants any more: it must not be taken up months later, when the next renewal comes.</summary>
    public string? Abandons { get; private init; }

    /// <summary>Decides from the facts alone. Refusals that concern the vault object come before any reason to issue.</summary>
    public static CertificatePlan Decide(CertificateFacts facts)
    {
        if (PausePolicy.Plan(facts) is { } paused) { return paused; }
        if (facts.VaultProblem is { } problem) { return new(CertificateStep.Wait, new("VaultRefused", problem)); }
        if (Taken(facts) is { } taken) { return new(CertificateStep.Wait, taken); }
        if (facts.Claim is { LeaseRequestUid: not null, LeaseUntil: { } until } && until > facts.Now && IsOwner(facts))
        {
            return new(CertificateStep.Wait, Until: until);   // another run is storing: nothing to tell
        }

        if (facts.Deleted is not null)
        {
            return new(CertificateStep.Recover, new("VaultObjectDeleted", "The vault object was deleted and has to be recovered first."));
        }

        var repair = VaultTagPolicy.Evaluate(facts);
        if (ReissuePolicy.Evaluate(facts) is not { } reason)
        {
            return new(CertificateStep.Rest) { Claims = !IsOwner(facts), Repair = repair, Prunes = IsNewGeneration(facts), Abandons = UnderWay(facts)?.Uid };
        }

        var next = facts.Next;
        if (next is { CertificateUid: null })
        {
            return new(
                CertificateStep.Wait, new("RequestNameTaken", $"A CertificateRequest named \"{next.Name}\" exists that was not made for a Certificate."), Trigger: reason);
        }

        var fits = next is not null && Fits(next, facts.Certificate);
        if (BackoffPolicy.WaitUntil(facts, reason, fits) is { } retryAt) { return new(CertificateStep.Wait, Until: retryAt) { Repair = IsOwner(facts) ? repair : null }; }

        return new(CertificateStep.Issue, reason, fits && GoesOn(next!, facts) ? next : null, Trigger: reason)
        {
            Claims = true,
            WantsTemporary = TemporaryCertificatePolicy.IsWanted(facts),
        };
    }

    /// <summary>Whether a request is the issuance under way: not ended yet, or refused or failed since that began, which is still to be counted as its failure.</summary>
    private static bool GoesOn(AttemptFacts request, CertificateFacts facts) =>
        request.State is RequestPolicy.Pending or RequestPolicy.Issued
        || (facts.Certificate.Status?.Conditions.Find("Issuing") is { IsTrue: true } begun && request.EndedAt >= begun.LastTransitionTime);

    /// <summary>Whether a request is this Certificate's, can be read, and is what the spec asks: names and terms, and the kind of key.</summary>
    public static bool Fits(AttemptFacts request, Certificate certificate) =>
        request.CertificateUid == certificate.Metadata.Uid && request.KeyIsStaged
        && request.Csr is { } csr && KeyDefaults.Of(certificate.Spec) == (csr.KeyAlgorithm, csr.KeySizeInBits)
        && RequestMatch.Differences(request, certificate.Spec).Count == 0;

    private static AttemptFacts? UnderWay(CertificateFacts facts) =>
        facts.Next is { State: RequestPolicy.Pending or RequestPolicy.Issued } next && next.CertificateUid == facts.Certificate.Metadata.Uid ? next : null;

    /// <summary>A foreign object is left alone, also while it lies soft-deleted and keeps the name.</summary>
    private static Reason? Taken(CertificateFacts facts)
    {
        var isForeign = facts.Stored is { IsOurs: false } && !facts.LostItsTags;
        var isForeignDeleted = facts.Deleted?.ContainsKey(Annotations.CertificateUid) is false;
        return (isForeign || isForeignDeleted) && facts.Certificate.Metadata.Annotations?.Find(Annotations.Adopt) != "true"
            ? new(SecretNameTaken, $"The vault holds {(isForeign ? "an" : "a soft-deleted")} object of this name that CertFunctions did not make; it is left alone. Choose another "
                + $"secretName, or set the annotation {Annotations.Adopt}: \"true\" to take it over.")
            : null;
    }

    private static bool IsNewGeneration(CertificateFacts facts) =>
        facts.Certificate.Status?.Conditions.Find("Ready") is { } ready && ready.ObservedGeneration != facts.Certificate.Metadata.Generation;

    private static bool IsOwner(CertificateFacts facts) => facts.Claim?.OwnerUid == facts.Certificate.Metadata.Uid;
}
