using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>What a verified CSR asks for.</summary>
/// <param name="KeyHash">SHA-256 of SubjectPublicKeyInfo, lower-case hex.</param>
/// <param name="KeyAlgorithm"><c>RSA</c> or <c>ECDSA</c>.</param>
/// <param name="IpAddresses">Canonical text (<see cref="IpLiteral.Canonical"/>).</param>
public sealed record CsrFacts(
    string KeyHash, string KeyAlgorithm, int KeySizeInBits, string? CommonName, ValueList<string> DnsNames, ValueList<string> IpAddresses)
{
    /// <summary>DER, copied into the certificate as it is.</summary>
    public required ReadOnlyMemory<byte> Subject { get; init; }

    /// <summary>Value of the SAN extension, copied byte for byte; null when absent.</summary>
    public required ReadOnlyMemory<byte>? AlternativeNames { get; init; }

    public required ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; init; }

    /// <summary>Null when the CSR has no basicConstraints.</summary>
    public bool? IsCA { get; init; }

    /// <summary>Null when the CSR has no key usage extension.</summary>
    public X509KeyUsageFlags? KeyUsage { get; init; }

    /// <summary>OIDs in the order given; null when the CSR has no extended key usage extension.</summary>
    public ValueList<string>? ExtendedKeyUsages { get; init; }
}

/// <summary>The extensions that a CSR requests, as far as they mean something here.</summary>
internal sealed record CsrExtensions(ReadOnlyMemory<byte>? AlternativeNames, bool? IsCA, X509KeyUsageFlags? KeyUsage, ValueList<string>? ExtendedKeyUsages)
{
    private const string ExtensionRequest = "1.2.840.113549.1.9.14";
    private const string NameConstraints = "2.5.29.30";

    /// <summary>Null and a sentence when an extension is there twice, or asks for what would silently be left out although it narrows the certificate.</summary>
    public static CsrExtensions? Read(AsnReader info, out string? problem)
    {
        problem = null;
        var extensions = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var (oid, value) in Requested(info))
        {
            if (extensions.TryAdd(oid, value)) { continue; }

            problem = $"asks for extension {oid} twice";
            return null;
        }

        if (extensions.ContainsKey(NameConstraints))
        {
            problem = "asks for name constraints, which are not supported yet";
            return null;
        }

        return new CsrExtensions(
            extensions.TryGetValue(Pki.AlternativeNames.Oid, out var san) ? san : default(ReadOnlyMemory<byte>?),
            extensions.TryGetValue("2.5.29.19", out var constraints) ? ReadIsCA(constraints) : default(bool?),
            extensions.TryGetValue("2.5.29.15", out var usage) ? KeyUsages.Read(usage) : default(X509KeyUsageFlags?),
            extensions.TryGetValue("2.5.29.37", out var extended) ? KeyUsages.ReadExtended(extended).ToValueList() : null);
    }

    private static List<(string Oid, ReadOnlyMemory<byte> Value)> Requested(AsnReader info)
    {
        var found = new List<(string, ReadOnlyMemory<byte>)>();
        if (!info.HasData) { return found; }

        var attributes = info.ReadSetOf(skipSortOrderValidation: true, new Asn1Tag(TagClass.ContextSpecific, 0));
        while (attributes.HasData)
        {
            var attribute = attributes.ReadSequence();
            if (attribute.ReadObjectIdentifier() != ExtensionRequest) { continue; }

            var list = attribute.ReadSetOf(skipSortOrderValidation: true).ReadSequence();
            while (list.HasData)
            {
                var extension = list.ReadSequence();
                var oid = extension.ReadObjectIdentifier();
                if (extension.PeekTag() == Asn1Tag.Boolean) { extension.ReadBoolean(); }
                found.Add((oid, extension.ReadOctetString()));
            }
        }

        return found;
    }

    private static bool ReadIsCA(ReadOnlyMemory<byte> value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER).ReadSequence();
        return reader.HasData && reader.PeekTag() == Asn1Tag.Boolean && reader.ReadBoolean();
    }
}
