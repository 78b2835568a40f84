using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Decides whether consumers get a self-signed stand-in while an issuance waits (cert-manager.io/issue-temporary-certificate, semantics §3.4).</summary>
/// <remarks>Unlike in cert-manager it is marked, so it is never taken for issued; a CA gets none, since an issuer could come to sign with it (ADR 0011).</remarks>
public static class TemporaryCertificatePolicy
{
    /// <summary>Only where nothing usable is stored: a certificate that was issued, for whomever, is never replaced by a stand-in.</summary>
    public static bool IsWanted(CertificateFacts facts) =>
        facts.Certificate.Metadata.Annotations?.Find(Annotations.IssueTemporary) == "true"
        && !facts.Certificate.Spec.IsCAOrDefault()
        && (ReissuePolicy.Unusable(facts) is not null || (facts.Stored is { IsTemporary: true, Leaf: { } leaf } && leaf.NotAfter < facts.Now));
}
