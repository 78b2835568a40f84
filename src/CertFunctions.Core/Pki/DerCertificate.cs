using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>An X.509 certificate taken apart (RFC 5280 §4.1), with the raw bytes that hashes, copies and signatures need.</summary>
internal sealed class DerCertificate
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _extensions = [];

    private DerCertificate(ReadOnlyMemory<byte> der)
    {
        Der = der;
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        Signed = certificate.PeekEncodedValue();
        var tbs = certificate.ReadSequence();
        var algorithm = certificate.PeekEncodedValue();
        SignatureAlgorithm = certificate.ReadSequence().ReadObjectIdentifier();
        Signature = certificate.ReadBitString(out _);
        certificate.ThrowIfNotEmpty();

        Version = ReadVersion(tbs);
        SerialNumber = tbs.ReadIntegerBytes();
        if (!tbs.ReadEncodedValue().Span.SequenceEqual(algorithm.Span)) { throw new FormatException("Its two signature algorithms differ (RFC 5280 §4.1.1.2)."); }

        Issuer = tbs.ReadEncodedValue();
        var validity = tbs.ReadSequence();
        NotBefore = ReadTime(validity);
        NotAfter = ReadTime(validity);
        Subject = tbs.ReadEncodedValue();
        SubjectPublicKeyInfo = tbs.ReadEncodedValue();
        while (tbs.HasData)
        {
            if (tbs.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 3))) { ReadExtensions(tbs); }
            else { tbs.ReadEncodedValue(); }
        }

        (IsCA, PathLength) = ReadBasicConstraints();
        AlternativeNames = Find(AlternativeNames.Oid) is { } san ? Pki.AlternativeNames.Read(san) : Pki.AlternativeNames.None;
        KeyUsage = Find("2.5.29.15") is { } usage ? KeyUsages.Read(usage) : default(X509KeyUsageFlags?);
        ExtendedKeyUsages = Find("2.5.29.37") is { } extended ? KeyUsages.ReadExtended(extended).ToValueList() : null;
        AuthorityKeyId = ReadAuthorityKeyId();
        SubjectKeyId = Find("2.5.29.14") is { } ski ? new AsnReader(ski, AsnEncodingRules.DER).ReadOctetString() : null;
        CommonName = DistinguishedNames.CommonName(Subject);
    }

    public ReadOnlyMemory<byte> Der { get; }

    public ReadOnlyMemory<byte> Signed { get; }

    /// <summary>1 to 3; only 3 has extensions.</summary>
    public int Version { get; }

    public string SignatureAlgorithm { get; }

    public byte[] Signature { get; }

    public ReadOnlyMemory<byte> SerialNumber { get; }

    public ReadOnlyMemory<byte> Issuer { get; }

    public ReadOnlyMemory<byte> Subject { get; }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }

    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    public bool IsCA { get; }

    /// <summary>Null: unlimited.</summary>
    public int? PathLength { get; }

    public AlternativeNames AlternativeNames { get; }

    public byte[]? SubjectKeyId { get; }

    public string? CommonName { get; }

    public string KeyHash => Convert.ToHexStringLower(SHA256.HashData(SubjectPublicKeyInfo.Span));

    public bool HasSameNameTwice => Issuer.Span.SequenceEqual(Subject.Span);

    /// <summary>Issued to its own name and signed by its own key.</summary>
    public bool IsSelfSigned => HasSameNameTwice && IsSignedBy(this);

    /// <summary>Null when there is no key usage extension.</summary>
    public X509KeyUsageFlags? KeyUsage { get; }

    /// <summary>OIDs in the order given; null when there is no such extension.</summary>
    public ValueList<string>? ExtendedKeyUsages { get; }

    /// <summary>Key id of the authority key identifier; null when there is none.</summary>
    public byte[]? AuthorityKeyId { get; }

    /// <summary>The certificate, or null and what is wrong with it.</summary>
    public static DerCertificate? TryRead(ReadOnlyMemory<byte> der, out string? problem)
    {
        try
        {
            problem = der.Length > Pem.MaxSingleBytes ? $"It has {der.Length} bytes; at most {Pem.MaxSingleBytes} are read." : null;
            return problem is null ? new DerCertificate(der) : null;
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException or ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            problem = $"It is not a valid X.509 certificate: {exception.Message}";
            return null;
        }
    }

    public static DerCertificate Read(ReadOnlyMemory<byte> der) => TryRead(der, out var problem) ?? throw new FormatException(problem);

    /// <summary>True when <paramref name="issuer"/>'s name is this one's issuer name and its key made this signature.</summary>
    public bool IsSignedBy(DerCertificate issuer) =>
        Issuer.Span.SequenceEqual(issuer.Subject.Span)
        && Signatures.Verify(issuer.SubjectPublicKeyInfo, SignatureAlgorithm, Signed.Span, Signature);

    /// <summary>The value of an extension, or null.</summary>
    // Not "? value : null": null turns into empty memory there, by way of byte[].
    public ReadOnlyMemory<byte>? Find(string oid) => _extensions.TryGetValue(oid, out var value) ? value : default(ReadOnlyMemory<byte>?);

    private static int ReadVersion(AsnReader tbs)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        return !tbs.PeekTag().HasSameClassAndValue(tag) ? 1
            : tbs.ReadSequence(tag).TryReadInt32(out var number) && number is >= 0 and <= 2 ? number + 1
            : throw new FormatException("Its version is none of 1, 2 and 3.");
    }

    private void ReadExtensions(AsnReader tbs)
    {
        var list = tbs.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3)).ReadSequence();
        while (list.HasData)
        {
            var extension = list.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            if (extension.PeekTag() == Asn1Tag.Boolean) { extension.ReadBoolean(); }
            if (!_extensions.TryAdd(oid, extension.ReadOctetString())) { throw new FormatException($"Extension {oid} appears twice."); }
        }
    }

    private byte[]? ReadAuthorityKeyId()
    {
        if (Find("2.5.29.35") is not { } value) { return null; }

        var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
        var reader = new AsnReader(value, AsnEncodingRules.DER).ReadSequence();
        return reader.HasData && reader.PeekTag() == tag ? reader.ReadOctetString(tag) : null;
    }

    private (bool IsCA, int? PathLength) ReadBasicConstraints()
    {
        if (Find("2.5.29.19") is not { } value) { return (false, null); }

        var reader = new AsnReader(value, AsnEncodingRules.DER).ReadSequence();
        var isCA = reader.HasData && reader.PeekTag() == Asn1Tag.Boolean && reader.ReadBoolean();
        int? length = reader.HasData ? (int)BigInteger.Min(reader.ReadInteger(), int.MaxValue) : null;
        return length < 0 ? throw new FormatException("Its path length is negative.") : (isCA, length);
    }

    private static DateTimeOffset ReadTime(AsnReader validity) =>
        validity.PeekTag() == Asn1Tag.UtcTime ? validity.ReadUtcTime() : validity.ReadGeneralizedTime();
}
