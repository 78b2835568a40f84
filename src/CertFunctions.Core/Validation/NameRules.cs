using System.Text;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>The names a Certificate asks for, apart from its subject: at least one, each of its kind's form, none twice, and no more than fit.</summary>
internal static class NameRules
{
    /// <summary>As many as public CAs take.</summary>
    public const int MaxNames = 100;

    /// <summary>UTF-8 octets of subject and names in all: what leaves room for key and chain in a Key Vault secret (25 kB).</summary>
    public const int MaxBytes = 10_000;

    public static IEnumerable<Violation> Check(CertificateSpec spec) =>
    [
        .. Count(spec),
        .. Each("spec.dnsNames", spec.DnsNames, DnsProblem, name => name.ToLowerInvariant()),
        .. Each("spec.ipAddresses", spec.IpAddresses, IpProblem, IpLiteral.Canonical),
        .. Each("spec.uris", spec.Uris, UriProblem, uri => uri),
        .. Each("spec.emailAddresses", spec.EmailAddresses, EmailProblem, email => email),
        .. OtherNames(spec.OtherNames),
    ];

    private static IEnumerable<Violation> Count(CertificateSpec spec)
    {
        var count = (spec.DnsNames?.Count ?? 0) + (spec.IpAddresses?.Count ?? 0) + (spec.Uris?.Count ?? 0)
            + (spec.EmailAddresses?.Count ?? 0) + (spec.OtherNames?.Count ?? 0);
        if (count == 0 && !MayHaveCommonName(spec))
        {
            yield return Violation.Required("spec", "at least one of commonName (or a CN in literalSubject), dnsNames, ipAddresses, uris, emailAddresses or otherNames must be set");
        }

        if (count > MaxNames) { yield return Violation.Invalid("spec", count, $"at most {MaxNames} names fit into one certificate"); }
        else if (Texts(spec).Sum(text => (long)Encoding.UTF8.GetByteCount(text ?? "")) is var bytes and > MaxBytes)
        {
            yield return Violation.Invalid("spec", bytes, $"subject and names may have at most {MaxBytes} bytes in all");
        }
    }

    /// <summary>A literal subject that cannot be read is told of as such, and may hold one.</summary>
    private static bool MayHaveCommonName(CertificateSpec spec) =>
        !string.IsNullOrEmpty(DistinguishedNames.CommonName(spec))
        || (!string.IsNullOrEmpty(spec.LiteralSubject) && LiteralSubject.TryParse(spec.LiteralSubject, out _) is null);

    private static IEnumerable<string?> Texts(CertificateSpec spec) =>
    [
        .. spec.DnsNames ?? [], .. spec.IpAddresses ?? [], .. spec.Uris ?? [], .. spec.EmailAddresses ?? [],
        .. (spec.OtherNames ?? []).Select(each => each.Utf8Value), .. (spec.OtherNames ?? []).Select(each => each.Oid), .. SubjectRules.Texts(spec),
    ];

    /// <summary>Looks at no more than could be taken: a list of 10,000 is answered by its length.</summary>
    /// <param name="same">The spelling by which two count as one.</param>
    private static IEnumerable<Violation> Each(string field, ValueList<string>? names, Func<string, string?> problem, Func<string, string> same)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < Math.Min(names?.Count ?? 0, MaxNames); i++)
        {
            if (names![i] is not { Length: > 0 } name) { yield return Violation.Required($"{field}[{i}]"); }
            else if (problem(name) is { } wrong) { yield return Violation.Invalid($"{field}[{i}]", name, wrong); }
            else if (!seen.Add(same(name))) { yield return Violation.Duplicate($"{field}[{i}]", name); }
        }
    }

    /// <summary>cert-manager checks no syntax here; only what no CSR could carry is refused early.</summary>
    private static string? DnsProblem(string name)
    {
        if (!NameSyntax.IsVisibleAscii(name)) { return "must be ASCII without spaces; write international names as xn--… (RFC 5891)"; }

        return name.Length > NameSyntax.MaxDnsName ? $"must have at most {NameSyntax.MaxDnsName} characters" : null;
    }

    private static string? IpProblem(string text) =>
        IpLiteral.TryParse(text, out _) ? null : "must be an IP address, such as 192.0.2.1 or 2001:db8::1 (no zone, no leading zeros)";

    private static string? UriProblem(string uri) => NameSyntax.IsUri(uri)
        ? null
        : $"must be an absolute URI, such as spiffe://trust.example/web, in ASCII, other characters written as %XX (RFC 3986), with at most {NameSyntax.MaxUri} characters";

    private static string? EmailProblem(string email) => NameSyntax.IsMailbox(email)
        ? null
        : $"must be an email address alone, such as a@b.example, in ASCII (write the domain as xn--…), with at most {NameSyntax.MaxMailbox} characters";

    private static IEnumerable<Violation> OtherNames(ValueList<OtherName>? names)
    {
        var seen = new HashSet<OtherName>();
        for (var i = 0; i < Math.Min(names?.Count ?? 0, MaxNames); i++)
        {
            var (field, name) = ($"spec.otherNames[{i}]", names![i]);
            if (string.IsNullOrEmpty(name.Oid)) { yield return Violation.Required($"{field}.oid"); }
            else if (!AttributeTypes.IsOid(name.Oid)) { yield return Violation.Invalid($"{field}.oid", name.Oid, "must be a dotted object identifier, such as 1.3.6.1.4.1.311.20.2.3"); }

            if (string.IsNullOrEmpty(name.Utf8Value)) { yield return Violation.Required($"{field}.utf8Value"); }
            else if (!DistinguishedNames.IsText(name.Utf8Value)) { yield return Violation.Invalid($"{field}.utf8Value", name.Utf8Value, SubjectRules.TextRule); }

            if (!seen.Add(name)) { yield return Violation.Duplicate(field, AlternativeNames.OtherNameText(name.Oid, name.Utf8Value)); }
        }
    }
}
