using System.Formats.Asn1;
using System.Net;

namespace CertFunctions.Core.Pki;

/// <summary>The kinds of RFC 5280 §4.2.1.6, by their tags.</summary>
internal enum GeneralNameKind
{
    OtherName = 0,
    Email = 1,
    Dns = 2,
    X400Address = 3,
    DirectoryName = 4,
    EdiPartyName = 5,
    Uri = 6,
    IpAddress = 7,
    RegisteredId = 8,
}

/// <summary>One name as a certificate carries it, of whatever kind.</summary>
/// <param name="Encoded">With its tag.</param>
internal sealed record GeneralName(GeneralNameKind Kind, ReadOnlyMemory<byte> Encoded)
{
    private Asn1Tag Tag => new(TagClass.ContextSpecific, (int)Kind);

    /// <summary>Of a DNS name, mailbox or URI.</summary>
    public string Text => new AsnReader(Encoded, AsnEncodingRules.DER).ReadCharacterString(UniversalTagNumber.IA5String, Tag);

    /// <summary>Of an IP address; in name constraints followed by the mask.</summary>
    public byte[] Octets => new AsnReader(Encoded, AsnEncodingRules.DER).ReadOctetString(Tag);

    /// <summary>The X.501 name inside a directoryName.</summary>
    public ReadOnlyMemory<byte> Directory => new AsnReader(Encoded, AsnEncodingRules.DER).ReadSequence(Tag).ReadEncodedValue();

    /// <summary>Type, and value when that is a UTF8String, of an otherName.</summary>
    public (string Oid, string? Utf8) Other
    {
        get
        {
            var parts = new AsnReader(Encoded, AsnEncodingRules.DER).ReadSequence(Tag);
            var oid = parts.ReadObjectIdentifier();
            var value = parts.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
            parts.ThrowIfNotEmpty();
            return (oid, value.PeekTag() == new Asn1Tag(UniversalTagNumber.UTF8String) ? value.ReadCharacterString(UniversalTagNumber.UTF8String) : null);
        }
    }

    /// <summary>Fit for a sentence.</summary>
    public override string ToString() => Kind switch
    {
        GeneralNameKind.Email or GeneralNameKind.Dns or GeneralNameKind.Uri => Printable(Text),
        GeneralNameKind.IpAddress when Octets is { Length: 4 or 16 } octets => new IPAddress(octets).ToString(),
        GeneralNameKind.DirectoryName => Printable(string.Join(", ", DistinguishedNameParts.Of(Directory))),
        _ => Kind.ToString(),
    };

    internal static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}

/// <summary>Lists of names, and what a name must be before it is signed.</summary>
internal static class GeneralNames
{
    /// <summary>As many as a Certificate may hold (security A5).</summary>
    public const int Most = 100;

    private const int MaxDnsName = 253;

    /// <summary>Every name in order. Throws <see cref="AsnContentException"/> on bytes that are no list of names.</summary>
    public static IReadOnlyList<GeneralName> Read(ReadOnlyMemory<byte> value)
    {
        var outer = new AsnReader(value, AsnEncodingRules.DER);
        var list = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var names = new List<GeneralName>();
        while (list.HasData) { names.Add(Of(list.PeekTag(), list.ReadEncodedValue())); }

        return names;
    }

    public static GeneralName Of(Asn1Tag tag, ReadOnlyMemory<byte> encoded) => tag is { TagClass: TagClass.ContextSpecific, TagValue: >= 0 and <= 8 }
        ? new GeneralName((GeneralNameKind)tag.TagValue, encoded)
        : throw new AsnContentException("There is no such kind of name.");

    /// <summary>What is wrong with the names of a CSR; nothing when they may be copied as they are. Kinds that no Certificate can ask for are refused: nobody would look at them before they are signed.</summary>
    public static IEnumerable<string> Problems(ReadOnlyMemory<byte> value)
    {
        var names = Read(value);
        if (names.Count == 0) { yield return "has a subject alternative name extension without names"; }
        if (names.Count > Most)
        {
            yield return $"asks for {names.Count} names; at most {Most} fit into one certificate";
            yield break;
        }

        foreach (var problem in names.Select(Problem).OfType<string>().Distinct()) { yield return problem; }
    }

    private static string? Problem(GeneralName name) => name.Kind switch
    {
        GeneralNameKind.Dns => Text(name, "DNS name", MaxDnsName),
        GeneralNameKind.Email => Text(name, "email address", Pem.MaxSingleBytes),
        GeneralNameKind.Uri => Text(name, "URI", Pem.MaxSingleBytes),
        GeneralNameKind.IpAddress => name.Octets.Length is 4 or 16 ? null : "holds an IP address that has neither 4 nor 16 octets",
        GeneralNameKind.OtherName => name.Other.Oid.Length > 0 ? null : "holds an otherName without a type",
        _ => $"holds a name of the kind {name.Kind}, which is not supported; supported are DNS names, IP addresses, URIs, email addresses and otherNames",
    };

    /// <summary>A NUL or a space inside a name means one thing to a CA and another to its clients (CVE-2009-2408).</summary>
    private static string? Text(GeneralName name, string kind, int most)
    {
        var text = name.Text;
        if (text.Length == 0) { return $"holds an empty {kind}"; }
        if (text.Any(c => c is <= ' ' or >= (char)0x7f)) { return $"holds the {kind} \"{GeneralName.Printable(text)}\", which is not ASCII without spaces"; }

        return text.Length > most ? $"holds a {kind} of {text.Length} characters; at most {most} are taken" : null;
    }
}
