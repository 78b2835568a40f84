using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>X.501 names: written from a spec, and read as far as the members of a spec go.</summary>
internal static class DistinguishedNames
{
    /// <summary>DER of the spec's subject: C, O, OU, L, ST, STREET, postalCode, CN, serialNumber, the values of one list in one RDN; or the literal subject.</summary>
    /// <remarks>Throws <see cref="FormatException"/> on a literal subject that cannot be read; validation has refused those.</remarks>
    public static byte[] Of(CertificateSpec spec)
    {
        if (!string.IsNullOrEmpty(spec.LiteralSubject))
        {
            return Write(LiteralSubject.TryParse(spec.LiteralSubject, out var problem) ?? throw new FormatException($"spec.literalSubject {problem}."));
        }

        var subject = spec.Subject;
        return Write(
        [
            Rdn(AttributeTypes.Country, subject?.Countries),
            Rdn(AttributeTypes.Organization, subject?.Organizations),
            Rdn(AttributeTypes.OrganizationalUnit, subject?.OrganizationalUnits),
            Rdn(AttributeTypes.Locality, subject?.Localities),
            Rdn(AttributeTypes.Province, subject?.Provinces),
            Rdn(AttributeTypes.StreetAddress, subject?.StreetAddresses),
            Rdn(AttributeTypes.PostalCode, subject?.PostalCodes),
            Rdn(AttributeTypes.CommonName, One(spec.CommonName)),
            Rdn(AttributeTypes.SerialNumber, One(subject?.SerialNumber)),
        ]);
    }

    /// <summary>The CN that the spec asks for, wherever it says so; null when there is none.</summary>
    public static string? CommonName(CertificateSpec spec) =>
        string.IsNullOrEmpty(spec.LiteralSubject)
            ? spec.CommonName
            : LiteralSubject.TryParse(spec.LiteralSubject, out _)?.SelectMany(rdn => rdn).LastOrDefault(each => each.Type == AttributeTypes.CommonName).Value;

    /// <summary>The last CN, as most verifiers read it; null when there is none.</summary>
    public static string? CommonName(ReadOnlyMemory<byte> subject) => Last(Read(subject), AttributeTypes.CommonName);

    /// <summary>Which members of a spec's subject these attributes would be; those of other types are left out.</summary>
    public static X509Subject Subject(ReadOnlyMemory<byte> subject)
    {
        var attributes = Read(subject);
        return new X509Subject
        {
            Organizations = All(attributes, AttributeTypes.Organization),
            Countries = All(attributes, AttributeTypes.Country),
            OrganizationalUnits = All(attributes, AttributeTypes.OrganizationalUnit),
            Localities = All(attributes, AttributeTypes.Locality),
            Provinces = All(attributes, AttributeTypes.Province),
            StreetAddresses = All(attributes, AttributeTypes.StreetAddress),
            PostalCodes = All(attributes, AttributeTypes.PostalCode),
            SerialNumber = Last(attributes, AttributeTypes.SerialNumber),
        };
    }

    public static bool IsEmpty(ReadOnlyMemory<byte> subject) => !new AsnReader(subject, AsnEncodingRules.DER).ReadSequence().HasData;

    /// <summary>SHA-256 of a DER name, lower-case hex.</summary>
    public static string Hash(ReadOnlySpan<byte> name) => Convert.ToHexStringLower(SHA256.HashData(name));

    /// <summary>RDN by RDN, as in the DER.</summary>
    public static IReadOnlyList<IReadOnlyList<NameAttribute>> ReadRdns(ReadOnlyMemory<byte> name)
    {
        var found = new List<IReadOnlyList<NameAttribute>>();
        var rdns = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
        while (rdns.HasData)
        {
            var rdn = rdns.ReadSetOf(skipSortOrderValidation: true);
            var attributes = new List<NameAttribute>();
            while (rdn.HasData)
            {
                var attribute = rdn.ReadSequence();
                attributes.Add(new NameAttribute(attribute.ReadObjectIdentifier(), Text(attribute)));
            }

            found.Add(attributes);
        }

        return found;
    }

    /// <summary>What an attribute may hold: no control characters, and nothing beyond U+FFFF.</summary>
    public static bool IsText(string value) => !value.Any(c => char.IsControl(c) || char.IsSurrogate(c));

    private static byte[] Write(IEnumerable<IReadOnlyList<NameAttribute>> rdns)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var rdn in rdns.Where(rdn => rdn.Count > 0))
            {
                using (writer.PushSetOf())   // sorts its members, as DER wants
                {
                    foreach (var (type, value) in rdn)
                    {
                        using (writer.PushSequence())
                        {
                            writer.WriteObjectIdentifier(type);
                            writer.WriteCharacterString(value.All(IsPrintable) ? UniversalTagNumber.PrintableString : UniversalTagNumber.UTF8String, value);
                        }
                    }
                }
            }
        }

        return writer.Encode();
    }

    private static List<NameAttribute> Read(ReadOnlyMemory<byte> subject) => [.. ReadRdns(subject).SelectMany(rdn => rdn)];

    /// <summary>The value at which the reader stands. One of a type that is no text becomes '#' and hex (RFC 4514 §2.4): such attributes occur, and must not make a certificate unreadable.</summary>
    /// <remarks>Nor must a PrintableString with a '*', '&amp;' or '@', which its type does not have: CAs wrote many, and everybody reads them.</remarks>
    internal static string Text(AsnReader attribute)
    {
        var tag = attribute.PeekTag();
        switch ((UniversalTagNumber)tag.TagValue)
        {
            case UniversalTagNumber.UTF8String or UniversalTagNumber.BMPString when tag.TagClass is TagClass.Universal:
                return attribute.ReadCharacterString((UniversalTagNumber)tag.TagValue);
            case UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.NumericString or UniversalTagNumber.VisibleString or UniversalTagNumber.T61String
                when tag.TagClass is TagClass.Universal && attribute.TryReadPrimitiveCharacterStringBytes(tag, out var octets):
                return Encoding.Latin1.GetString(octets.Span);
            default:
                return "#" + Convert.ToHexStringLower(attribute.ReadEncodedValue().Span);
        }
    }

    private static List<NameAttribute> Rdn(string type, ValueList<string>? values) => [.. (values ?? []).Select(value => new NameAttribute(type, value))];

    private static ValueList<string>? One(string? value) => string.IsNullOrEmpty(value) ? null : [value];

    private static ValueList<string>? All(List<NameAttribute> attributes, string type) =>
        attributes.Where(each => each.Type == type).Select(each => each.Value).ToValueList() is { Count: > 0 } found ? found : null;

    private static string? Last(List<NameAttribute> attributes, string type) => attributes.LastOrDefault(each => each.Type == type).Value;

    // The ASN.1 set (X.680 §41.4): no '*', '&', '@' or '_'.
    private static bool IsPrintable(char c) => char.IsAsciiLetterOrDigit(c) || " '()+,-./:=?".Contains(c, StringComparison.Ordinal);
}
