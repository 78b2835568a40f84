using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Decides whether a Certificate needs issuing, and whether it is Ready. The first check that fails gives the reason.</summary>
/// <remarks>cert-manager internal/controller/certificates/policies: trigger = common checks + due for renewal, readiness = common checks + expired.</remarks>
public static class ReissuePolicy
{
    /// <summary>Reason of an Issuing condition that a person set (<c>cmctl renew</c>).</summary>
    public const string ManuallyTriggered = "ManuallyTriggered";

    /// <summary>Reason of an Issuing condition of ours: the CA behind the stored certificate is retiring (ca-rotation 12).</summary>
    public const string SignerRetiring = "SignerRetiring";

    /// <summary>Reason of an Issuing condition of ours: a CA is to be replaced by one with a new key.</summary>
    public const string RotatingCA = "RotatingCA";

    /// <summary>Reason of ours: a person asked for the stored certificate to be revoked.</summary>
    public const string Revoked = "Revoked";

    /// <summary>Reason of ours: only the stand-in is stored.</summary>
    public const string TemporaryCertificate = "TemporaryCertificate";

    // Order matters: each check may rely on the ones above it having passed.
    private static readonly Func<CertificateFacts, Reason?>[] Content =
    [
        ObjectIsMissing,
        NewestVersionIsDisabled,
        LeafIsUnreadable,
        KeyIsUnusable,
    ];

    private static readonly Func<CertificateFacts, Reason?>[] Common =
    [
        .. Content,
        OnlyTemporary,
        WasRevoked,
        IssuerChanged,
        OtherCertificate,
        KeyDiffersFromSpec,
        KeyDiffersFromRequest,
        RequestChanged,
        NamesChanged,
    ];

    private static readonly Func<CertificateFacts, Reason?>[] Trigger = [.. Common, DueForRenewal];

    private static readonly Func<CertificateFacts, Reason?>[] Readiness = [.. Common, Expired, NoWindowFits];

    /// <summary>Why to issue now; null when the stored certificate is what is wanted and not yet due.</summary>
    public static Reason? Evaluate(CertificateFacts facts) => TriggeredByHand(facts) ?? First(facts, Trigger);

    /// <summary>Why the Certificate is not Ready; null when it is.</summary>
    public static Reason? NotReady(CertificateFacts facts) => First(facts, Readiness);

    /// <summary>Why what is stored cannot be served at all; null when it can, whoever issued it and for whom.</summary>
    public static Reason? Unusable(CertificateFacts facts) => First(facts, Content);

    private static Reason? First(CertificateFacts facts, IEnumerable<Func<CertificateFacts, Reason?>> checks) =>
        checks.Select(check => check(facts)).FirstOrDefault(reason => reason is not null);

    /// <summary>The Certificate with an issuance asked for: the Issuing condition that <c>cmctl renew</c> sets, and with other reasons a CA rotation.</summary>
    public static Certificate Ask(Certificate certificate, string reason, string message, DateTimeOffset now)
    {
        var status = certificate.Status ?? new CertificateStatus();
        var issuing = new Condition { Type = "Issuing", Status = "True", Reason = reason, Message = message, ObservedGeneration = certificate.Metadata.Generation };
        return certificate with { Status = status with { Conditions = status.Conditions.With(issuing, now) } };
    }

    /// <summary>Not a check of the chains: in cert-manager whoever sets the condition starts the issuance (semantics §3.5). So does a CA rotation.</summary>
    private static Reason? TriggeredByHand(CertificateFacts facts) =>
        facts.Certificate.Status?.Conditions.Find("Issuing") is { IsTrue: true, Reason: ManuallyTriggered or SignerRetiring or RotatingCA } asked
            ? new(asked.Reason, asked.Message ?? "Certificate re-issuance manually triggered")
            : null;

    private static Reason? ObjectIsMissing(CertificateFacts facts) =>
        facts.Stored is null ? new("DoesNotExist", "Issuing certificate as the vault object does not exist.") : null;

    /// <summary>The vault gives nobody the key of a disabled version, and consumers take the newest.</summary>
    private static Reason? NewestVersionIsDisabled(CertificateFacts facts) => facts.Stored!.IsEnabled
        ? null
        : new("MissingData", $"Issuing certificate as the newest version of the vault object, {facts.Stored.Version}, is disabled.");

    private static Reason? LeafIsUnreadable(CertificateFacts facts) => facts.Stored!.Leaf is null
        ? new("InvalidCertificate", $"Issuing certificate as the vault object contains an invalid certificate: {facts.Stored.LeafProblem}")
        : null;

    /// <summary>That key and certificate belong together is what the vault checks at import; that the key is sound is left to us.</summary>
    private static Reason? KeyIsUnusable(CertificateFacts facts) => facts.Stored!.Leaf!.KeyAlgorithm.Length == 0
        ? new("InvalidKeyPair", "Issuing certificate as the vault object contains a key of an unknown or weak kind.")
        : null;

    private static Reason? OnlyTemporary(CertificateFacts facts) => facts.Stored!.IsTemporary
        ? new(TemporaryCertificate, "Issuing certificate as the vault object holds a temporary certificate only.")
        : null;

    /// <summary>Also while its issuer has not answered yet: whoever asks to revoke wants another.</summary>
    private static Reason? WasRevoked(CertificateFacts facts) =>
        facts.Certificate.Status?.Revocation is { } revocation && revocation.X5t == facts.Stored!.Leaf!.X5t
            ? new(Revoked, $"Issuing certificate with a new key as the stored one is revoked ({revocation.Reason}).")
            : null;

    private static Reason? IssuerChanged(CertificateFacts facts)
    {
        // Then the request of the revision says who issued it, and the tags are put back.
        if (facts is { LostItsTags: true, Current: not null }) { return null; }

        var tags = facts.Stored!.Tags;
        if (!tags.ContainsKey(Annotations.IssuerName))
        {
            return new("IncorrectIssuer", "Issuing certificate as nothing tells who issued the stored one.");
        }

        var stored = new IssuerRef { Name = tags[Annotations.IssuerName], Kind = tags.Find(Annotations.IssuerKind), Group = tags.Find(Annotations.IssuerGroup) };
        return stored.Same(facts.Certificate.Spec.IssuerRef)
            ? null
            : new("IncorrectIssuer", $"Issuing certificate as the stored one was previously issued by {stored.Describe()}.");
    }

    private static Reason? OtherCertificate(CertificateFacts facts) => facts.LostItsTags || facts.Stored!.IsOf(facts.Certificate)
        ? null
        : new("IncorrectCertificate",
            $"The vault object was issued for Certificate \"{facts.Stored.Tags.Find(Annotations.Namespace)}/{facts.Stored.Tags.Find(Annotations.CertificateName)}\".");

    private static Reason? KeyDiffersFromSpec(CertificateFacts facts)
    {
        var (algorithm, size) = KeyDefaults.Of(facts.Certificate.Spec);
        var leaf = facts.Stored!.Leaf!;
        return leaf.KeyAlgorithm == algorithm && leaf.KeySizeInBits == size
            ? null
            : new("SecretMismatch", $"Existing private key is not up to date for spec: it is {leaf.KeyAlgorithm} {leaf.KeySizeInBits}, wanted is {algorithm} {size}.");
    }

    private static Reason? KeyDiffersFromRequest(CertificateFacts facts) => facts.Current switch
    {
        null => null,
        { Csr: null } => new("InvalidCertificateRequest", "The CSR of the current CertificateRequest cannot be read."),
        { Csr.KeyHash: var hash } when hash != facts.Stored!.Leaf!.KeyHash =>
            new("SecretMismatch", "The vault object contains a private key that does not match the current CertificateRequest."),
        _ => null,
    };

    private static Reason? RequestChanged(CertificateFacts facts) =>
        facts.Current is { } current && RequestMatch.Differences(current, facts.Certificate.Spec) is { Count: > 0 } fields
            ? new("RequestChanged", $"Fields on existing CertificateRequest resource not up to date: {fields}.")
            : null;

    private static Reason? NamesChanged(CertificateFacts facts) =>
        facts.Current is null && RequestMatch.Differences(facts.Stored!.Leaf!, facts.Certificate.Spec) is { Count: > 0 } fields
            ? new("SecretMismatch", $"The stored certificate is not up to date for spec: {fields}.")
            : null;

    private static Reason? DueForRenewal(CertificateFacts facts) =>
        RenewalPolicy.RenewalTime(facts).At is { } due && facts.Now >= due
            ? new("Renewing", $"Renewing certificate as renewal was scheduled at {due:yyyy-MM-dd HH:mm:ss} UTC.")
            : null;

    private static Reason? Expired(CertificateFacts facts) => facts.Now > facts.Stored!.Leaf!.NotAfter
        ? new("Expired", $"Certificate expired on {facts.Stored.Leaf.NotAfter:yyyy-MM-dd HH:mm:ss} UTC.")
        : null;

    private static Reason? NoWindowFits(CertificateFacts facts) =>
        RenewalPolicy.RenewalTime(facts).WindowProblem is { } problem ? new("WindowError", problem) : null;
}
