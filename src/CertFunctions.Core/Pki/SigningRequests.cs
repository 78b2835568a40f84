using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Resources;
using Pkcs10 = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace CertFunctions.Core.Pki;

/// <summary>Certificate signing requests (PKCS#10, RFC 2986): made from a spec, and read from strangers.</summary>
public static class SigningRequests
{
    private const string Label = "CERTIFICATE REQUEST";

    /// <summary>A PEM CSR for this spec, signed with this key: SAN, key usage, extended key usage; no basicConstraints, as in cert-manager.</summary>
    /// <remarks>Throws on names that cannot be encoded; validation has refused those.</remarks>
    public static ReadOnlyMemory<byte> Create(CertificateSpec spec, PrivateKey key)
    {
        var subject = DistinguishedNames.OfCommonName(spec.CommonName);
        var request = new Pkcs10(
            new X500DistinguishedName(subject), PublicKey.CreateFromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _), key.Hash);
        if (AlternativeNames.Write(spec.DnsNames ?? [], spec.IpAddresses ?? []) is { } san)
        {
            request.CertificateExtensions.Add(new X509Extension(AlternativeNames.Oid, san, critical: string.IsNullOrEmpty(spec.CommonName)));
        }

        CertificateTemplate.AddUsages(request.CertificateExtensions, UsageNames.Expand(spec.Usages, spec.IsCA ?? false));
        return Pem.Write(Label, request.CreateSigningRequest(key.NewGenerator()));
    }

    /// <summary>What one PEM CSR asks for; null, and a sentence for the caller, when it is refused: too large, malformed, weak key, bad or weak self-signature.</summary>
    public static CsrFacts? TryRead(ReadOnlyMemory<byte> pem, out string? problem)
    {
        try
        {
            var blocks = Pem.ReadBlocks(pem, Pem.MaxSingleBytes);
            if (blocks is not [(Label or "NEW " + Label, var der)])
            {
                problem = "must be one PEM block \"CERTIFICATE REQUEST\"";
                return null;
            }

            return Read(der, out problem);
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException or ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            problem = $"cannot be read as a PKCS#10 request: {exception.Message}";
            return null;
        }
    }

    private static CsrFacts? Read(byte[] der, out string? problem)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var request = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var signed = request.PeekEncodedValue();
        var info = request.ReadSequence();
        var signatureAlgorithm = request.ReadSequence().ReadObjectIdentifier();
        var signature = request.ReadBitString(out _);
        request.ThrowIfNotEmpty();

        info.ReadInteger();
        var subject = info.ReadEncodedValue();
        var spki = info.ReadEncodedValue();
        problem = KeyPolicy.Problem(spki, out var key);
        if (problem is not null || key is null) { return null; }

        problem = Signatures.IsAcceptable(signatureAlgorithm) ? null : "must be signed with SHA-256 or better (RSA PKCS#1 or ECDSA)";
        problem ??= Signatures.Verify(spki, signatureAlgorithm, signed.Span, signature) ? null : "its signature does not verify: it was changed, or made with another key";
        if (problem is not null) { return null; }

        var extensions = CsrExtensions.Read(info, out problem);
        return extensions is null ? null : Facts(subject, spki, key, extensions);
    }

    private static CsrFacts Facts(ReadOnlyMemory<byte> subject, ReadOnlyMemory<byte> spki, PublicKeyFacts key, CsrExtensions extensions)
    {
        var names = extensions.AlternativeNames is { } san ? AlternativeNames.Read(san) : AlternativeNames.None;
        return new CsrFacts(
            Convert.ToHexStringLower(SHA256.HashData(spki.Span)),
            key.Algorithm,
            key.SizeInBits,
            DistinguishedNames.CommonName(subject),
            names.DnsNames,
            names.IpAddresses)
        {
            Subject = subject,
            AlternativeNames = extensions.AlternativeNames,
            SubjectPublicKeyInfo = spki,
            IsCA = extensions.IsCA,
            KeyUsage = extensions.KeyUsage,
            ExtendedKeyUsages = extensions.ExtendedKeyUsages,
        };
    }
}
