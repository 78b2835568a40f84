using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.CertificateRequests;

/// <summary>The <c>selfSigned</c> issuer: signs with the request's own key, which it finds by the request's annotations (semantics §4.1).</summary>
public sealed class SelfSignedIssuerSigner(IVault vault, VaultPlaces places) : IIssuer
{
    public string Type => "selfSigned";

    public async Task<SigningAnswer> SignAsync(SigningJob job, CancellationToken cancellationToken)
    {
        var annotations = job.Request.Metadata.Annotations ?? ValueMap.Empty;
        if (annotations.Find(Annotations.PrivateKeySecretName) is not { } name || annotations.Find(Annotations.PrivateKeyVersion) is not { } version)
        {
            return SigningAnswer.Failed(
                "MissingAnnotation", 
                $"A selfSigned issuer signs with the requester's own private key, which it knows only for requests of Certificates (annotations {Annotations.PrivateKeySecretName} and {Annotations.PrivateKeyVersion}). For a CSR of your own use a ca issuer.");
        }

        var place = places.StagedKey(job.Request.Metadata.Uid!) with { Name = name };
        if (await vault.FindSecretAsync(place, version, cancellationToken) is not { } secret)
        {
            return SigningAnswer.Pending("SecretMissing", $"The system vault holds no enabled key {name} of version {version}.");
        }

        using var key = PrivateKey.FromPkcs8Base64(secret.Reveal());
        var links = job.Issuer.Spec.SelfSigned is { } issuer ? IssuerLinks.Of(issuer) : IssuerLinks.None;
        var der = SelfSigner.Sign(job.Csr, key, job.Terms with { Links = links });
        return SigningAnswer.Issued([der], der);
    }
}
