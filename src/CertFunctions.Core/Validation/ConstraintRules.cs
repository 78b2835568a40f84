using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>The names that a CA may certify.</summary>
internal static class ConstraintRules
{
    private const string Field = "spec.nameConstraints";

    public static IEnumerable<Violation> Check(CertificateSpec spec)
    {
        if (spec.NameConstraints is not { } constraints) { yield break; }
        if (!spec.IsCAOrDefault()) { yield return Violation.Forbidden(Field, "only a CA (isCA: true) can be limited to names"); }

        var count = (constraints.Permitted?.Count() ?? 0) + (constraints.Excluded?.Count() ?? 0);
        if (count == 0) { yield return Violation.Required(Field, "permitted or excluded must name something"); }
        if (count > NameRules.MaxNames)
        {
            yield return Violation.TooMany(Field, count, NameRules.MaxNames);
            yield break;
        }

        foreach (var violation in Item($"{Field}.permitted", constraints.Permitted).Concat(Item($"{Field}.excluded", constraints.Excluded))) { yield return violation; }
    }

    private static IEnumerable<Violation> Item(string field, NameConstraintItem? item) => item is null ? [] :
    [
        .. Each($"{field}.dnsDomains", item.DnsDomains, NameSyntax.IsDomain, "must be a domain, such as example.com (it covers what is below too) or .example.com (only what is below)"),
        .. Each($"{field}.ipRanges", item.IpRanges, text => IpRange.TryParse(text, out _), "must be a range of IP addresses, such as 192.0.2.0/24 or 2001:db8::/32"),
        .. Each($"{field}.emailAddresses", item.EmailAddresses, text => NameSyntax.IsMailbox(text) || NameSyntax.IsDomain(text), "must be an email address, a host or a domain with a leading dot"),
        .. Each($"{field}.uriDomains", item.UriDomains, text => NameSyntax.IsDomain(text) && !IpLiteral.TryParse(text, out _), "must be a host, or a domain with a leading dot"),
    ];

    private static IEnumerable<Violation> Each(string field, ValueList<string>? texts, Func<string, bool> isValid, string rule)
    {
        for (var i = 0; i < (texts?.Count ?? 0); i++)
        {
            if (string.IsNullOrEmpty(texts![i])) { yield return Violation.Required($"{field}[{i}]"); }
            else if (!isValid(texts[i])) { yield return Violation.Invalid($"{field}[{i}]", texts[i], rule); }
        }
    }
}
