using System.Formats.Asn1;

namespace CertFunctions.Core.Pki;

/// <summary>X.501 names as text, RDN by RDN, so that two of them can be compared without regard to case, spaces and string types (RFC 5280 §7.1).</summary>
internal static class DistinguishedNameParts
{
    private const string EmailAddress = "1.2.840.113549.1.9.1";

    public static IReadOnlyList<string> Of(ReadOnlyMemory<byte> name)
    {
        var parts = new List<string>();
        foreach (var rdn in Read(name)) { parts.Add(string.Join('+', rdn.Select(each => $"{each.Oid}={Folded(each.Value)}").Order(StringComparer.Ordinal))); }

        return parts;
    }

    /// <summary>Mailboxes in the subject, which name constraints on email addresses cover too (RFC 5280 §4.2.1.10).</summary>
    public static IEnumerable<string> EmailAddresses(ReadOnlyMemory<byte> name) =>
        Read(name).SelectMany(rdn => rdn).Where(each => each.Oid == EmailAddress).Select(each => each.Value);

    private static List<List<(string Oid, string Value)>> Read(ReadOnlyMemory<byte> name)
    {
        var found = new List<List<(string, string)>>();
        var rdns = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
        while (rdns.HasData)
        {
            var rdn = rdns.ReadSetOf(skipSortOrderValidation: true);
            var attributes = new List<(string, string)>();
            while (rdn.HasData)
            {
                var attribute = rdn.ReadSequence();
                attributes.Add((attribute.ReadObjectIdentifier(), Text(attribute)));
            }

            found.Add(attributes);
        }

        return found;
    }

    private static string Text(AsnReader attribute)
    {
        var tag = attribute.PeekTag();
        return tag.TagClass is TagClass.Universal && (UniversalTagNumber)tag.TagValue
            is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.BMPString
            or UniversalTagNumber.T61String or UniversalTagNumber.NumericString or UniversalTagNumber.VisibleString
            ? attribute.ReadCharacterString((UniversalTagNumber)tag.TagValue)
            : "#" + Convert.ToHexString(attribute.ReadEncodedValue().Span);
    }

    private static string Folded(string text) => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();
}
