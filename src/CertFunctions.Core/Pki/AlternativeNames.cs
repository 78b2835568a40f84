using System.Formats.Asn1;
using System.Net;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>The subject alternative names of a CSR or certificate (RFC 5280 §4.2.1.6).</summary>
/// <param name="IpAddresses">Canonical text (<see cref="IpLiteral.Canonical"/>).</param>
/// <param name="OtherNames">Those with a UTF8String, as <see cref="OtherNameText"/> writes them.</param>
/// <param name="Unknown">Everything else, as tag and hex, so that sets can be compared.</param>
internal sealed record AlternativeNames(
    ValueList<string> DnsNames,
    ValueList<string> EmailAddresses,
    ValueList<string> IpAddresses,
    ValueList<string> Uris,
    ValueList<string> OtherNames,
    ValueList<string> Unknown)
{
    public const string Oid = "2.5.29.17";

    private static readonly Asn1Tag OtherTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag ValueTag = OtherTag;
    private static readonly Asn1Tag EmailTag = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag DnsTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag IpTag = new(TagClass.ContextSpecific, 7);

    public static AlternativeNames None { get; } = new([], [], [], [], [], []);

    /// <summary>The extension's value: DNS, email, IP, URI, otherName, within a kind as listed (cert-manager's order); null when there are no names.</summary>
    /// <remarks>Throws on names that cannot be encoded.</remarks>
    public static byte[]? Write(CertificateSpec spec)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var name in spec.DnsNames ?? []) { writer.WriteCharacterString(UniversalTagNumber.IA5String, name, DnsTag); }
            foreach (var email in spec.EmailAddresses ?? []) { writer.WriteCharacterString(UniversalTagNumber.IA5String, email, EmailTag); }
            foreach (var ip in spec.IpAddresses ?? [])
            {
                if (!IpLiteral.TryParse(ip, out var address)) { throw new FormatException($"\"{ip}\" is not an IP address."); }
                writer.WriteOctetString(address.GetAddressBytes(), IpTag);
            }

            foreach (var uri in spec.Uris ?? []) { writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, UriTag); }
            foreach (var other in spec.OtherNames ?? []) { WriteOther(writer, other); }
        }

        var value = writer.Encode();
        return value.Length > 2 ? value : null;
    }

    /// <summary>Throws <see cref="AsnContentException"/> on bytes that are no such extension.</summary>
    public static AlternativeNames Read(ReadOnlyMemory<byte> value)
    {
        List<string> dns = [], emails = [], ips = [], uris = [], others = [], unknown = [];
        var outer = new AsnReader(value, AsnEncodingRules.DER);
        var names = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            if (tag == DnsTag) { dns.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, DnsTag)); }
            else if (tag == EmailTag) { emails.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, EmailTag)); }
            else if (tag == IpTag) { ips.Add(IpText(names.ReadOctetString(IpTag))); }
            else if (tag == UriTag) { uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag)); }
            else if (tag == OtherTag && ReadOther(names.PeekEncodedValue()) is { } other) { others.Add(other); names.ReadEncodedValue(); }
            else { unknown.Add($"{tag.TagValue}:{Convert.ToHexStringLower(names.ReadEncodedValue().Span)}"); }
        }

        return new AlternativeNames(
            dns.ToValueList(), emails.ToValueList(), ips.ToValueList(), uris.ToValueList(), others.ToValueList(), unknown.ToValueList());
    }

    /// <summary>An otherName as one string, to compare and to show.</summary>
    public static string OtherNameText(string? oid, string? value) => $"{oid}:{value}";

    /// <summary>Everything as one set; what is a domain name, or part of a mailbox that is one, without regard to case.</summary>
    public HashSet<string> AsSet() =>
    [
        .. DnsNames.Select(name => "dns:" + name.ToLowerInvariant()),
        .. EmailAddresses.Select(email => "email:" + WithLowerCaseHost(email)),
        .. IpAddresses.Select(ip => "ip:" + ip),
        .. Uris.Select(uri => "uri:" + uri),
        .. OtherNames.Select(other => "other:" + other),
        .. Unknown,
    ];

    private static void WriteOther(AsnWriter writer, OtherName other)
    {
        using (writer.PushSequence(OtherTag))
        {
            writer.WriteObjectIdentifier(other.Oid ?? "");
            using (writer.PushSequence(ValueTag)) { writer.WriteCharacterString(UniversalTagNumber.UTF8String, other.Utf8Value ?? ""); }
        }
    }

    private static string? ReadOther(ReadOnlyMemory<byte> encoded)
    {
        var other = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence(OtherTag);
        var oid = other.ReadObjectIdentifier();
        var value = other.ReadSequence(ValueTag);
        if (!value.HasData || value.PeekTag() != new Asn1Tag(UniversalTagNumber.UTF8String)) { return null; }

        var text = value.ReadCharacterString(UniversalTagNumber.UTF8String);
        return value.HasData || other.HasData ? null : OtherNameText(oid, text);
    }

    private static string WithLowerCaseHost(string email)
    {
        var at = email.LastIndexOf('@');
        return email[..(at + 1)] + email[(at + 1)..].ToLowerInvariant();
    }

    private static string IpText(byte[] octets) =>
        octets.Length is 4 or 16 ? new IPAddress(octets).ToString() : throw new AsnContentException("An IP address has 4 or 16 octets.");
}
