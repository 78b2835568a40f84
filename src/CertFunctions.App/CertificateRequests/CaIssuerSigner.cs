using CertFunctions.App.Issuers;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.CertificateRequests;

/// <summary>The <c>ca</c> issuer: signs with the pinned version of its CA, after the issued log knows of it (semantics §4.2, ca-rotation 11).</summary>
public sealed class CaIssuerSigner(CaSigners cas, IssuedLog issued, IssuerStore issuers) : IIssuer
{
    public string Type => "ca";

    public async Task<SigningAnswer> SignAsync(SigningJob job, CancellationToken cancellationToken)
    {
        if (job.Issuer is not { Status.Pinned: { } pinned, Spec.Ca: { } ca }) { return SigningAnswer.Pending("IssuerNotReady", "The issuer has no signer pinned yet."); }
        if (await cas.FindAsync(pinned, job.Issuer.SecretNamespace, pinned.SecretName ?? ca.SecretName, cancellationToken) is not { } signer)
        {
            return SigningAnswer.Pending("SecretMissing", $"The system vault holds no enabled key {pinned.Object} of version {pinned.Version}.");
        }

        var record = new IssuedRecord(job.Request.Metadata.Uid!, pinned.Thumbprint, signer.AboveThumbprints);
        if (!await issued.RecordAsync(job.Issuer.Uid, signer.NotAfter(job.Terms), job.Terms.SerialNumber, record, Tags(job, pinned), cancellationToken))
        {
            return SigningAnswer.Failed("SigningError", "The serial number of this request was already used by another one.");
        }

        var again = await issuers.FindAsync(job.Request.Spec.IssuerRef, job.Request.Metadata.Namespace, cancellationToken);
        if (again?.Uid != job.Issuer.Uid || again.Status?.Pinned != pinned) { return SigningAnswer.Pending("SignerChanged", "The issuer changed its signer; it is asked again.", TimeSpan.FromSeconds(5)); }

        var leaf = signer.Sign(job.Csr, job.Terms with { Links = IssuerLinks.Of(ca) });
        var chain = Chains.Build([leaf, .. signer.Certificates]);
        return chain.Problem is { } problem ? SigningAnswer.Failed("SigningError", problem) : SigningAnswer.Issued(chain.Chain, chain.Ca);
    }

    private static IssuedTags Tags(SigningJob job, PinnedSigner pinned)
    {
        var owner = RequestOwner.Of(job.Request);
        return new IssuedTags(SignerKeys.Of(pinned), pinned.SerialNumber, job.Request.Spec.IsCA is true, owner?.Uid, owner is var (name, _) ? $"{job.Request.Metadata.Namespace}/{name}" : null);
    }
}
