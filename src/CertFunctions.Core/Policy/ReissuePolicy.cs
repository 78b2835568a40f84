using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Decides whether a Certificate needs issuing, and whether it is Ready. The first check that fails gives the reason.</summary>
/// <remarks>cert-manager internal/controller/certificates/policies: trigger = common checks + due for renewal, readiness = common checks + expired.</remarks>
public static class ReissuePolicy
{
    // Order matters: each check may rely on the ones above it having passed.
    private static readonly Func<CertificateFacts, Reason?>[] Common =
    [
        SecretIsMissing,
        IssuerChanged,
        OtherCertificate,
        KeyDiffersFromSpec,
        KeyDiffersFromRequest,
        RequestChanged,
        NamesChanged,
    ];

    /// <summary>Why to issue now; null when the stored certificate is what is wanted and not yet due.</summary>
    public static Reason? Evaluate(CertificateFacts facts) => First(facts, [.. Common, DueForRenewal]);

    /// <summary>Why the Certificate is not Ready; null when it is.</summary>
    public static Reason? NotReady(CertificateFacts facts) => First(facts, [.. Common, Expired]);

    private static Reason? First(CertificateFacts facts, IEnumerable<Func<CertificateFacts, Reason?>> checks) =>
        checks.Select(check => check(facts)).FirstOrDefault(reason => reason is not null);

    private static Reason? SecretIsMissing(CertificateFacts facts) =>
        facts.Stored is null ? new("DoesNotExist", "Issuing certificate as the vault object does not exist.") : null;

    private static Reason? IssuerChanged(CertificateFacts facts)
    {
        var tags = facts.Stored!.Tags;
        var stored = new IssuerRef
        {
            Name = tags.Find(Annotations.IssuerName) ?? "", Kind = tags.Find(Annotations.IssuerKind), Group = tags.Find(Annotations.IssuerGroup),
        };
        return stored.Same(facts.Certificate.Spec.IssuerRef)
            ? null
            : new("IncorrectIssuer", $"Issuing certificate as the stored one was issued by {stored.Describe()}.");
    }

    private static Reason? OtherCertificate(CertificateFacts facts) => facts.Stored!.IsOf(facts.Certificate)
        ? null
        : new("IncorrectCertificate", $"The vault object was issued for Certificate \"{facts.Stored.Tags.Find(Annotations.CertificateName)}\".");

    private static Reason? KeyDiffersFromSpec(CertificateFacts facts)
    {
        var (algorithm, size) = KeyDefaults.Of(facts.Certificate.Spec);
        var leaf = facts.Stored!.Leaf;
        return leaf.KeyAlgorithm == algorithm && leaf.KeySizeInBits == size
            ? null
            : new("SecretMismatch", $"The stored key is {leaf.KeyAlgorithm} {leaf.KeySizeInBits}, wanted is {algorithm} {size}.");
    }

    private static Reason? KeyDiffersFromRequest(CertificateFacts facts) => facts.Current switch
    {
        null => null,
        { Csr: null } => new("InvalidCertificateRequest", "The CSR of the current request cannot be read."),
        { Csr.KeyHash: var hash } when hash != facts.Stored!.Leaf.KeyHash => new("SecretMismatch", "The stored key is not the one of the current request."),
        _ => null,
    };

    private static Reason? RequestChanged(CertificateFacts facts) =>
        facts.Current is { } current && RequestMatch.Differences(current, facts.Certificate.Spec) is { Count: > 0 } fields
            ? new("RequestChanged", $"Fields on existing CertificateRequest resource not up to date: {string.Join(", ", fields)}.")
            : null;

    private static Reason? NamesChanged(CertificateFacts facts) =>
        facts.Current is null && RequestMatch.Differences(facts.Stored!.Leaf, facts.Certificate.Spec) is { Count: > 0 } fields
            ? new("SecretMismatch", $"The stored certificate is not up to date: {string.Join(", ", fields)}.")
            : null;

    private static Reason? DueForRenewal(CertificateFacts facts)
    {
        var leaf = facts.Stored!.Leaf;
        var due = RenewalPolicy.RenewalTime(leaf.NotBefore, leaf.NotAfter, facts.Certificate.Spec.RenewBefore);
        return facts.Now < due ? null : new("Renewing", $"Renewing certificate as renewal was scheduled at {due:yyyy-MM-dd HH:mm:ss} UTC.");
    }

    private static Reason? Expired(CertificateFacts facts) => facts.Now > facts.Stored!.Leaf.NotAfter
        ? new("Expired", $"Certificate expired on {facts.Stored.Leaf.NotAfter:yyyy-MM-dd HH:mm:ss} UTC.")
        : null;
}
