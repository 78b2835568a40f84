using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Resources;
using Pkcs10 = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace CertFunctions.Core.Pki;

/// <summary>Certificate signing requests (PKCS#10, RFC 2986): made from a spec, and read from strangers.</summary>
public static class SigningRequests
{
    private const string Label = "CERTIFICATE REQUEST";

    /// <summary>A PEM CSR for this spec, signed with this key: SAN, key usage, extended key usage, name constraints; no basicConstraints, as in cert-manager.</summary>
    /// <remarks>Throws on names that cannot be encoded; validation has refused those.</remarks>
    public static ReadOnlyMemory<byte> Create(CertificateSpec spec, PrivateKey key)
    {
        var subject = DistinguishedNames.Of(spec);
        var request = new Pkcs10(
            new X500DistinguishedName(subject), PublicKey.CreateFromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _), SignatureNames.Hash(spec, key));
        var extensions = request.CertificateExtensions;
        if (AlternativeNames.Write(spec) is { } san) { extensions.Add(new X509Extension(AlternativeNames.Oid, san, critical: DistinguishedNames.IsEmpty(subject))); }
        if (spec.EncodeUsagesInRequestOrDefault()) { CertificateTemplate.AddUsages(extensions, UsageNames.Expand(spec.Usages, spec.IsCAOrDefault())); }
        if (spec.NameConstraints is { } constraints && NameConstraintsValue.Write(constraints) is { } value)
        {
            extensions.Add(new X509Extension(NameConstraintsExtension.Oid, value, constraints.CriticalOrDefault()));
        }

        return Pem.Write(Label, request.CreateSigningRequest(key.NewGenerator()));
    }

    /// <summary>The DER of a PEM CSR that <see cref="TryRead"/> took.</summary>
    public static ReadOnlyMemory<byte> ToDer(ReadOnlyMemory<byte> pem) => Pem.ReadBlocks(pem, Pem.MaxSingleBytes)[0].Der;

    /// <summary>What one PEM CSR asks for; null, and a sentence for the caller, when it is refused: too large, malformed, weak key, bad or weak self-signature.</summary>
    public static CsrFacts? TryRead(ReadOnlyMemory<byte> pem, out string? problem)
    {
        var facts = CsrReader.Read(pem, out var problems);
        problem = facts is null ? string.Join("; ", problems) : null;
        return facts;
    }
}
