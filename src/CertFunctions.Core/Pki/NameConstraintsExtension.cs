using System.Formats.Asn1;

namespace CertFunctions.Core.Pki;

/// <summary>The names below which a CA may, and may not, certify (RFC 5280 §4.2.1.10), as a certificate carries them.</summary>
internal sealed record NameConstraintsExtension(IReadOnlyList<GeneralName> Permitted, IReadOnlyList<GeneralName> Excluded)
{
    public const string Oid = "2.5.29.30";

    private static readonly Asn1Tag PermittedTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag ExcludedTag = new(TagClass.ContextSpecific, 1);

    /// <summary>Reads all of it, so that no later comparison fails. Throws <see cref="AsnContentException"/> on bytes that are no such extension, or that say nothing.</summary>
    public static NameConstraintsExtension Read(ReadOnlyMemory<byte> value)
    {
        var outer = new AsnReader(value, AsnEncodingRules.DER);
        var lists = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var permitted = ReadList(lists, PermittedTag);
        var excluded = ReadList(lists, ExcludedTag);
        lists.ThrowIfNotEmpty();
        return permitted.Count + excluded.Count > 0 ? new(permitted, excluded) : throw new AsnContentException("Name constraints must permit or exclude something.");
    }

    /// <summary>Null when the CA may certify every one of these names; otherwise a sentence naming the first it may not.</summary>
    public string? Problem(string ca, IEnumerable<GeneralName> names) => names.Select(name => Problem(ca, name)).FirstOrDefault(problem => problem is not null);

    private string? Problem(string ca, GeneralName name)
    {
        if (Excluded.Any(excluded => excluded.Kind == name.Kind && NameConstraintRules.Excludes(excluded, name)))
        {
            return $"The CA \"{ca}\" excludes the name \"{name}\" (name constraints).";
        }

        var permitted = Permitted.Where(each => each.Kind == name.Kind).ToArray();
        return permitted.Length == 0 || permitted.Any(each => NameConstraintRules.Covers(each, name))
            ? null
            : $"The CA \"{ca}\" does not permit the name \"{name}\" (name constraints).";
    }

    private static List<GeneralName> ReadList(AsnReader lists, Asn1Tag tag)
    {
        var found = new List<GeneralName>();
        if (!lists.HasData || !lists.PeekTag().HasSameClassAndValue(tag)) { return found; }

        var subtrees = lists.ReadSequence(tag);
        while (subtrees.HasData)
        {
            var subtree = subtrees.ReadSequence();
            var name = GeneralNames.Of(subtree.PeekTag(), subtree.ReadEncodedValue());
            subtree.ThrowIfNotEmpty();   // minimum and maximum are not used (RFC 5280)
            _ = name.ToString();
            if (name.Kind is GeneralNameKind.IpAddress && name.Octets.Length is not (8 or 32)) { throw new AsnContentException("An IP range has an address and a mask of its length."); }
            found.Add(name);
        }

        return found;
    }
}

/// <summary>How one constraint and one name of the same kind compare. A kind that is not understood covers nothing and excludes everything.</summary>
internal static class NameConstraintRules
{
    public static bool Covers(GeneralName constraint, GeneralName name) => name.Kind switch
    {
        GeneralNameKind.Dns => IsWithin(name.Text, constraint.Text),
        GeneralNameKind.Email => Mailbox(name.Text, constraint.Text),
        GeneralNameKind.Uri => HostOf(name.Text) is { } host && IsHost(host, constraint.Text),
        GeneralNameKind.IpAddress => InRange(name.Octets, constraint.Octets),
        GeneralNameKind.DirectoryName => IsBelow(name.Directory, constraint.Directory),
        _ => false,
    };

    /// <summary>A wildcard is excluded as soon as it could stand for an excluded name; a URI without a host always.</summary>
    public static bool Excludes(GeneralName constraint, GeneralName name) => name.Kind switch
    {
        GeneralNameKind.Dns when name.Text.StartsWith("*.", StringComparison.Ordinal) =>
            IsWithin(name.Text, constraint.Text) || IsWithin(constraint.Text.TrimStart('.'), name.Text[2..]),
        GeneralNameKind.Uri => HostOf(name.Text) is not { } host || IsHost(host, constraint.Text),
        GeneralNameKind.Dns or GeneralNameKind.Email or GeneralNameKind.IpAddress or GeneralNameKind.DirectoryName => Covers(constraint, name),
        _ => true,
    };

    /// <summary>The domain or anything below it; with a leading dot only what is below; an empty constraint is every name.</summary>
    private static bool IsWithin(string name, string domain) => domain.Length == 0
        || (domain[0] == '.' ? EndsWith(name, domain) : Same(name, domain) || EndsWith(name, "." + domain));

    private static bool Mailbox(string mailbox, string constraint)
    {
        var (at, wanted) = (mailbox.LastIndexOf('@'), constraint.LastIndexOf('@'));
        if (at < 0) { return false; }
        if (wanted < 0) { return constraint.Length == 0 || IsHost(mailbox[(at + 1)..], constraint); }

        return mailbox[..at] == constraint[..wanted] && Same(mailbox[(at + 1)..], constraint[(wanted + 1)..]);
    }

    /// <summary>One host; with a leading dot everything below a domain.</summary>
    private static bool IsHost(string host, string constraint) => constraint.Length == 0 || (constraint[0] == '.' ? EndsWith(host, constraint) : Same(host, constraint));

    private static string? HostOf(string uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed is { Host.Length: > 0, HostNameType: UriHostNameType.Dns } ? parsed.Host : null;

    private static bool InRange(byte[] address, byte[] range)
    {
        if (range.Length != 2 * address.Length) { return false; }

        for (var i = 0; i < address.Length; i++)
        {
            var mask = range[address.Length + i];
            if ((address[i] & mask) != (range[i] & mask)) { return false; }
        }

        return true;
    }

    private static bool IsBelow(ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> ancestor)
    {
        var (parts, wanted) = (DistinguishedNameParts.Of(name), DistinguishedNameParts.Of(ancestor));
        return parts.Count >= wanted.Count && parts.Take(wanted.Count).SequenceEqual(wanted);
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static bool EndsWith(string name, string end) => name.Length > end.Length && name.EndsWith(end, StringComparison.OrdinalIgnoreCase);
}
