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
}

/// <param name="Resume">The request of an earlier run that still fits and is not decided: go on with it instead of making another.</param>
/// <param name="Until">For <see cref="CertificateStep.Wait"/>; null: the ordinary pace of waiting.</param>
public sealed record CertificatePlan(CertificateStep Step, Reason? Reason = null, AttemptFacts? Resume = null, DateTimeOffset? Until = null)
{
    /// <summary>The vault object must be claimed first: to issue, or because it is not (yet) this Certificate's. Whoever has it keeps it, unless gone.</summary>
    public bool Claims { get; private init; }

    /// <summary>Decides from the facts alone. Refusals that concern the vault object come before any reason to issue.</summary>
    public static CertificatePlan Decide(CertificateFacts facts)
    {
        if (facts.VaultProblem is { } problem) { return new(CertificateStep.Wait, new("VaultRefused", problem)); }
        if (Taken(facts) is { } taken) { return new(CertificateStep.Wait, taken); }
        if (facts.Claim is { LeaseRequestUid: not null, LeaseUntil: { } until } && until > facts.Now && IsOwner(facts))
        {
            return new(CertificateStep.Wait, new("ImportUnderWay", "Another run is storing a certificate."), Until: until);
        }

        if (ReissuePolicy.Evaluate(facts) is not { } reason) { return new(CertificateStep.Rest) { Claims = !IsOwner(facts) }; }

        var next = facts.Next;
        var fits = next is { Csr: not null, KeyIsStaged: true } && next.CertificateUid == facts.Certificate.Metadata.Uid
            && RequestMatch.Differences(next, facts.Certificate.Spec).Count == 0;
        if (next is not null && next.CertificateUid != facts.Certificate.Metadata.Uid && next.CertificateUid is null)
        {
            return new(CertificateStep.Wait, new("RequestNameTaken", $"A CertificateRequest named \"{next.Name}\" exists that was not made for this Certificate."));
        }

        if ((next is null || fits) && BackoffPolicy.RetryAt(facts.Certificate.Status) is { } retryAt && facts.Now < retryAt && next?.State is not "Issued")
        {
            return new(CertificateStep.Wait, Until: retryAt);
        }

        return new(CertificateStep.Issue, reason, fits && next!.State is "Pending" or "Issued" && fits ? next : null) { Claims = true };
    }

    private static Reason? Taken(CertificateFacts facts)
    {
        var adopt = facts.Certificate.Metadata.Annotations?.Find(Annotations.Adopt) == "true";
        return facts.Stored is { IsOurs: false } && !adopt
            ? new("SecretNameTaken", "The vault holds an object of this name that CertFunctions did not make; it is left alone. Choose another "
                + $"secretName, or set the annotation {Annotations.Adopt}: \"true\" to take it over.")
            : null;
    }

    private static bool IsOwner(CertificateFacts facts) => facts.Claim?.OwnerUid == facts.Certificate.Metadata.Uid;
}
