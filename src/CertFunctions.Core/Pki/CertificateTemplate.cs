using System.Collections.ObjectModel;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>What a built-in issuer puts into a certificate besides what it takes from the CSR.</summary>
/// <param name="Usages">Usage names; null or empty means the default pair.</param>
/// <param name="Duration">Wanted lifetime, counted from <paramref name="Now"/>.</param>
/// <param name="Now">notBefore, cut to whole seconds; never back-dated.</param>
/// <param name="SerialNumber">From <c>IIds.NewSerialNumber</c>: positive, 16 to 20 octets, first octet not zero.</param>
/// <param name="SubjectKeyIdToCopy">For a CA renewed with its key: the SKI octets of the certificate before. Null: derived from the key. Ignored when not a CA.</param>
public sealed record SigningTerms(
    bool IsCA, ValueList<string>? Usages, TimeSpan Duration, DateTimeOffset Now, byte[] SerialNumber, byte[]? SubjectKeyIdToCopy)
{
    /// <summary>The issuer's URLs; none unless it names some.</summary>
    public IssuerLinks Links { get; init; } = IssuerLinks.None;
}

/// <summary>A built-in issuer will not sign. Activities turn it into a value at their edge.</summary>
/// <param name="reason">A PascalCase code: <c>ErrInvalidKeyPair</c>, <c>CAExpired</c>, <c>CANotYetValid</c>, <c>PathLengthExceeded</c>, <c>NameNotPermitted</c>, <c>ErrorKeyMatch</c>, <c>SigningError</c>.</param>
public sealed class SigningRefusedException(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}

/// <summary>Builds and signs the certificate that <see cref="SelfSigner"/> and <see cref="CaSigner"/> share (cert-manager semantics §7.3).</summary>
/// <remarks>.NET's own builder takes no Ed25519 keys and re-encodes what it is given; here subject, key and SAN stay byte for byte what the CSR holds.</remarks>
internal static class CertificateTemplate
{
    // RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime afterwards.
    private const int LastYearOfUtcTime = 2049;

    public static byte[] Sign(
        CsrFacts csr, SigningTerms terms, ReadOnlyMemory<byte> issuer, byte[]? authorityKeyId, DateTimeOffset notAfter, PrivateKey key)
    {
        var generator = key.NewGenerator();
        var algorithm = generator.GetSignatureAlgorithmIdentifier(key.Hash);
        var tbs = new AsnWriter(AsnEncodingRules.DER);
        using (tbs.PushSequence())
        {
            using (tbs.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) { tbs.WriteInteger(2); }   // v3
            tbs.WriteInteger(terms.SerialNumber);
            tbs.WriteEncodedValue(algorithm);
            tbs.WriteEncodedValue(issuer.Span);
            using (tbs.PushSequence())
            {
                WriteTime(tbs, terms.Now.InWholeSeconds());
                WriteTime(tbs, notAfter);
            }

            tbs.WriteEncodedValue(csr.Subject.Span);
            tbs.WriteEncodedValue(csr.SubjectPublicKeyInfo.Span);
            WriteExtensions(tbs, Extensions(csr, terms, authorityKeyId));
        }

        var signed = tbs.Encode();
        var certificate = new AsnWriter(AsnEncodingRules.DER);
        using (certificate.PushSequence())
        {
            certificate.WriteEncodedValue(signed);
            certificate.WriteEncodedValue(algorithm);
            certificate.WriteBitString(generator.SignData(signed, key.Hash));
        }

        return certificate.Encode();
    }

    public static DateTimeOffset NotAfter(SigningTerms terms) => (terms.Now.InWholeSeconds() + terms.Duration).InWholeSeconds();

    /// <summary>Refuses what no verifier would take, or would take for something else (RFC 5280 §4.1.2.4, §4.1.2.6, §4.2.1.3, §4.2.1.10).</summary>
    public static void Check(CsrFacts csr, SigningTerms terms)
    {
        if (terms.SerialNumber is not { Length: >= 16 and <= 20 } || terms.SerialNumber is not [>= 1 and <= 0x7f, ..])
        {
            throw new ArgumentException("A serial number has 16 to 20 octets and starts with 0x01..0x7f.", nameof(terms));
        }

        if (terms.Duration <= TimeSpan.Zero) { throw Refused("The duration must be longer than zero."); }
        if (csr.NamesNobody) { throw Refused("The request names nobody: its subject and its subject alternative names are both empty."); }
        if (terms.IsCA && !csr.HasSubject) { throw Refused("A CA needs a subject: what it signs names its issuer by it. Set commonName."); }
        if (!terms.IsCA && csr.NameConstraints is not null) { throw Refused("The request holds name constraints, which only a CA certificate may have."); }
        if (!terms.IsCA && UsageNames.Expand(terms.Usages, isCA: false).KeyUsage.HasFlag(X509KeyUsageFlags.KeyCertSign))
        {
            throw Refused("The usage \"cert sign\" is for CA certificates only: set isCA.");
        }
    }

    /// <summary>Key usage (critical) and extended key usage, each only when it says something.</summary>
    public static void AddUsages(Collection<X509Extension> extensions, ExpandedUsages usages)
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

    private static Collection<X509Extension> Extensions(CsrFacts csr, SigningTerms terms, byte[]? authorityKeyId)
    {
        var extensions = new Collection<X509Extension>();
        AddUsages(extensions, UsageNames.Expand(terms.Usages, terms.IsCA));
        var pathLength = terms.IsCA ? csr.PathLength : null;
        extensions.Add(new X509BasicConstraintsExtension(terms.IsCA, pathLength is not null, pathLength ?? 0, critical: true));
        if (terms.IsCA) { extensions.Add(new X509SubjectKeyIdentifierExtension(terms.SubjectKeyIdToCopy ?? KeyIdOf(csr.SubjectPublicKeyInfo), critical: false)); }
        if (authorityKeyId is not null) { extensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(authorityKeyId)); }
        if (terms.Links.Access() is { } access) { extensions.Add(access); }
        if (csr.AlternativeNames is { } san) { extensions.Add(new X509Extension(AlternativeNames.Oid, san.Span, critical: !csr.HasSubject)); }
        if (csr.NameConstraints is { } constraints)
        {
            extensions.Add(new X509Extension(NameConstraintsExtension.Oid, constraints.Span, csr.NameConstraintsAreCritical));
        }

        if (terms.Links.Revocation() is { } revocation) { extensions.Add(revocation); }
        return extensions;
    }

    private static void WriteExtensions(AsnWriter tbs, Collection<X509Extension> extensions)
    {
        using (tbs.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
        using (tbs.PushSequence())
        {
            foreach (var extension in extensions)
            {
                using (tbs.PushSequence())
                {
                    tbs.WriteObjectIdentifier(extension.Oid!.Value!);
                    if (extension.Critical) { tbs.WriteBoolean(true); }
                    tbs.WriteOctetString(extension.RawData);
                }
            }
        }
    }

    private static void WriteTime(AsnWriter tbs, DateTimeOffset time)
    {
        if (time.UtcDateTime.Year > LastYearOfUtcTime) { tbs.WriteGeneralizedTime(time, omitFractionalSeconds: true); }
        else { tbs.WriteUtcTime(time, LastYearOfUtcTime); }
    }

    /// <summary>The leftmost 160 bits of SHA-256 over the public key's bits (RFC 7093 §2, method 1).</summary>
    private static byte[] KeyIdOf(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        var spki = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence();
        spki.ReadSequence();
        return SHA256.HashData(spki.ReadBitString(out _))[..20];
    }

    private static SigningRefusedException Refused(string message) => new("SigningError", message);
}
