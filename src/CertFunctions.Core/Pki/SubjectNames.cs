using System.Formats.Asn1;
using System.Net;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>The subject alternative names of a CSR or certificate.</summary>
/// <param name="Others">Kinds not acted on yet, as tag and hex, so that sets can be compared.</param>
internal sealed record AlternativeNames(ValueList<string> DnsNames, ValueList<string> IpAddresses, ValueList<string> Others)
{
    public const string Oid = "2.5.29.17";

    private static readonly Asn1Tag DnsTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag IpTag = new(TagClass.ContextSpecific, 7);

    public static AlternativeNames None { get; } = new([], [], []);

    /// <summary>The extension's value (RFC 5280 §4.2.1.6): DNS names, then IP addresses, each as listed; null when there are no names.</summary>
    public static byte[]? Write(IEnumerable<string> dnsNames, IEnumerable<string> ipAddresses)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        var any = false;
        using (writer.PushSequence())
        {
            foreach (var name in dnsNames)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, name, DnsTag);
                any = true;
            }

            foreach (var ip in ipAddresses)
            {
                if (!IpLiteral.TryParse(ip, out var address)) { throw new FormatException($"\"{ip}\" is not an IP address."); }

                writer.WriteOctetString(address.GetAddressBytes(), IpTag);
                any = true;
            }
        }

        return any ? writer.Encode() : null;
    }

    /// <summary>Throws <see cref="AsnContentException"/> on bytes that are no such extension.</summary>
    public static AlternativeNames Read(ReadOnlyMemory<byte> value)
    {
        List<string> dns = [], ips = [], others = [];
        var outer = new AsnReader(value, AsnEncodingRules.DER);
        var names = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            if (tag == DnsTag) { dns.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, DnsTag)); }
            else if (tag == IpTag) { ips.Add(IpText(names.ReadOctetString(IpTag))); }
            else { others.Add($"{tag.TagValue}:{Convert.ToHexStringLower(names.ReadEncodedValue().Span)}"); }
        }

        return new AlternativeNames(dns.ToValueList(), ips.ToValueList(), others.ToValueList());
    }

    /// <summary>Everything as one set, names without regard to case.</summary>
    public HashSet<string> AsSet() =>
        [.. DnsNames.Select(name => "dns:" + name.ToLowerInvariant()), .. IpAddresses.Select(ip => "ip:" + ip), .. Others];

    private static string IpText(byte[] octets) =>
        octets.Length is 4 or 16 ? new IPAddress(octets).ToString() : throw new AsnContentException("An IP address has 4 or 16 octets.");
}

/// <summary>X.501 names, as far as a common name goes.</summary>
internal static class DistinguishedNames
{
    private const string CommonNameOid = "2.5.4.3";

    /// <summary>The DER of a subject with this CN, or of the empty one. PrintableString where it fits, else UTF8String.</summary>
    public static byte[] OfCommonName(string? commonName)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (!string.IsNullOrEmpty(commonName)) { WriteCommonName(writer, commonName); }
        }

        return writer.Encode();
    }

    /// <summary>The last CN, as most verifiers read it; null when there is none.</summary>
    public static string? CommonName(ReadOnlyMemory<byte> subject)
    {
        string? found = null;
        var rdns = new AsnReader(subject, AsnEncodingRules.DER).ReadSequence();
        while (rdns.HasData)
        {
            var rdn = rdns.ReadSetOf(skipSortOrderValidation: true);
            while (rdn.HasData)
            {
                var attribute = rdn.ReadSequence();
                if (attribute.ReadObjectIdentifier() == CommonNameOid)
                {
                    found = attribute.ReadCharacterString((UniversalTagNumber)attribute.PeekTag().TagValue);
                }
            }
        }

        return found;
    }

    public static bool IsEmpty(ReadOnlyMemory<byte> subject) => !new AsnReader(subject, AsnEncodingRules.DER).ReadSequence().HasData;

    private static void WriteCommonName(AsnWriter writer, string commonName)
    {
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(CommonNameOid);
            writer.WriteCharacterString(commonName.All(IsPrintable) ? UniversalTagNumber.PrintableString : UniversalTagNumber.UTF8String, commonName);
        }
    }

    // The ASN.1 set (X.680 §41.4): no '*', '&', '@' or '_'.
    private static bool IsPrintable(char c) => char.IsAsciiLetterOrDigit(c) || " '()+,-./:=?".Contains(c, StringComparison.Ordinal);
}
