namespace CertFunctions.Core.Pki;

/// <summary>X.501 names as text, RDN by RDN, so that two of them can be compared without regard to case, spaces and string types (RFC 5280 §7.1).</summary>
internal static class DistinguishedNameParts
{
    private const string EmailAddress = "1.2.840.113549.1.9.1";

    public static IReadOnlyList<string> Of(ReadOnlyMemory<byte> name)
    {
        var parts = new List<string>();
        foreach (var rdn in DistinguishedNames.ReadRdns(name)) { parts.Add(string.Join('+', rdn.Select(each => $"{each.Type}={Folded(each.Value)}").Order(StringComparer.Ordinal))); }

        return parts;
    }

    /// <summary>Mailboxes in the subject, which name constraints on email addresses cover too (RFC 5280 §4.2.1.10).</summary>
    public static IEnumerable<string> EmailAddresses(ReadOnlyMemory<byte> name) =>
        DistinguishedNames.ReadRdns(name).SelectMany(rdn => rdn).Where(each => each.Type == EmailAddress).Select(each => each.Value);

    private static string Folded(string text) => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();
}
