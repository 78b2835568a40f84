using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Resources;
using Pkcs10 = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace CertFunctions.Core.Pki;

/// <summary>What a built-in issuer puts into a certificate besides what it takes from the CSR.</summary>
/// <param name="Usages">Usage names; null or empty means the default pair.</param>
/// <param name="Duration">Wanted lifetime, counted from <paramref name="Now"/>.</param>
/// <param name="Now">notBefore, cut to whole seconds; never back-dated.</param>
/// <param name="SerialNumber">From <c>IIds.NewSerialNumber</c>: positive, at most 20 octets, first octet not zero.</param>
/// <param name="SubjectKeyIdToCopy">For a CA renewed with its key: the SKI octets of the certificate before. Null: derived from the key. Ignored when not a CA.</param>
public sealed record SigningTerms(
    bool IsCA, ValueList<string>? Usages, TimeSpan Duration, DateTimeOffset Now, byte[] SerialNumber, byte[]? SubjectKeyIdToCopy);

/// <summary>A built-in issuer will not sign. Activities turn it into a value at their edge.</summary>
/// <param name="reason">A PascalCase code: <c>ErrInvalidKeyPair</c>, <c>CAExpired</c>, <c>CANotYetValid</c>, <c>PathLengthExceeded</c>, <c>ErrorKeyMatch</c>, <c>SigningError</c>.</param>
public sealed class SigningRefusedException(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}

/// <summary>Builds and signs the certificate that <see cref="SelfSigner"/> and <see cref="CaSigner"/> share (cert-manager semantics §7.3).</summary>
internal static class CertificateTemplate
{
    public static byte[] Sign(
        CsrFacts csr, SigningTerms terms, ReadOnlyMemory<byte> issuer, byte[]? authorityKeyId, DateTimeOffset notAfter, PrivateKey key)
    {
        var request = new Pkcs10(
            new X500DistinguishedName(csr.Subject.Span), PublicKey.CreateFromSubjectPublicKeyInfo(csr.SubjectPublicKeyInfo.Span, out _), key.Hash);
        var extensions = request.CertificateExtensions;
        AddUsages(extensions, UsageNames.Expand(terms.Usages, terms.IsCA));
        extensions.Add(new X509BasicConstraintsExtension(terms.IsCA, hasPathLengthConstraint: false, 0, critical: true));
        if (terms.IsCA)
        {
            extensions.Add(new X509SubjectKeyIdentifierExtension(terms.SubjectKeyIdToCopy ?? KeyIdOf(csr.SubjectPublicKeyInfo), critical: false));
        }

        if (authorityKeyId is not null) { extensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(authorityKeyId)); }
        if (csr.AlternativeNames is { } san)
        {
            extensions.Add(new X509Extension(AlternativeNames.Oid, san.Span, critical: DistinguishedNames.IsEmpty(csr.Subject)));
        }

        using var x509 = request.Create(new X500DistinguishedName(issuer.Span), key.NewGenerator(), WholeSeconds(terms.Now), notAfter, terms.SerialNumber);
        return x509.RawData;
    }

    public static DateTimeOffset NotAfter(SigningTerms terms) => WholeSeconds(WholeSeconds(terms.Now) + terms.Duration);

    public static void Check(SigningTerms terms)
    {
        if (terms.Duration <= TimeSpan.Zero) { throw new SigningRefusedException("SigningError", "The duration must be longer than zero."); }
        if (terms.SerialNumber is { Length: > 20 } or (not [>= 1 and <= 0x7f, ..]))
        {
            throw new ArgumentException("A serial number has 1 to 20 octets and starts with 0x01..0x7f.", nameof(terms));
        }
    }

    /// <summary>Key usage (critical) and extended key usage, each only when it says something.</summary>
    public static void AddUsages(System.Collections.ObjectModel.Collection<X509Extension> extensions, ExpandedUsages usages)
    {
        if (usages.KeyUsage != X509KeyUsageFlags.None) { extensions.Add(new X509KeyUsageExtension(usages.KeyUsage, critical: true)); }
        if (usages.ExtendedKeyUsages.Count == 0) { return; }

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var oid in usages.ExtendedKeyUsages) { writer.WriteObjectIdentifier(oid); }
        }

        extensions.Add(new X509Extension("2.5.29.37", writer.Encode(), critical: false));
    }

    /// <summary>The leftmost 160 bits of SHA-256 over the public key's bits (RFC 7093 §2, method 1).</summary>
    private static byte[] KeyIdOf(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        var spki = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence();
        spki.ReadSequence();
        return SHA256.HashData(spki.ReadBitString(out _))[..20];
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
}
