using System.Formats.Asn1;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>Writes the name constraints extension (RFC 5280 §4.2.1.10) that a spec asks for; <see cref="NameConstraintsExtension"/> reads it.</summary>
internal static class NameConstraintsValue
{
    private static readonly Asn1Tag EmailTag = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag DnsTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag IpTag = new(TagClass.ContextSpecific, 7);

    /// <summary>Permitted, then excluded; each DNS, IP, email, URI (cert-manager's order). Null when there is nothing in either. Throws on what cannot be encoded.</summary>
    public static byte[]? Write(NameConstraints constraints)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            Write(writer, constraints.Permitted, 0);
            Write(writer, constraints.Excluded, 1);
        }

        var value = writer.Encode();
        return value.Length > 2 ? value : null;
    }

    private static void Write(AsnWriter writer, NameConstraintItem? item, int tag)
    {
        if (item is null || item.Count() == 0) { return; }

        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, tag, isConstructed: true)))
        {
            Texts(writer, item.DnsDomains, DnsTag);
            foreach (var text in item.IpRanges ?? [])
            {
                if (!IpRange.TryParse(text, out var range)) { throw new FormatException($"\"{text}\" is not a range of IP addresses."); }
                using (writer.PushSequence()) { writer.WriteOctetString(range.Octets, IpTag); }
            }

            Texts(writer, item.EmailAddresses, EmailTag);
            Texts(writer, item.UriDomains, UriTag);
        }
    }

    private static void Texts(AsnWriter writer, ValueList<string>? texts, Asn1Tag tag)
    {
        foreach (var text in texts ?? [])
        {
            using (writer.PushSequence()) { writer.WriteCharacterString(UniversalTagNumber.IA5String, text, tag); }
        }
    }
}
