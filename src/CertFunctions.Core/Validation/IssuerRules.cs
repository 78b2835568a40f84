using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What a valid Issuer or ClusterIssuer is (cert-manager semantics §4): exactly one type, that one served here, and complete.</summary>
public static class IssuerRules
{
    private const int MaxUrls = 10;
    private const int MaxUrlLength = 512;

    /// <summary>Every violation, not only the first.</summary>
    public static IEnumerable<Violation> Check(IssuerSpec spec) =>
    [
        .. ExactlyOne(spec),
        .. NotServed("spec.vault", "Vault", spec.Vault),
        .. NotServed("spec.venafi", "Venafi", spec.Venafi),
        .. spec.Acme is { } acme ? AcmeRules.Check(acme) : [],
        .. spec.Ca is { } ca ? Ca(ca) : [],
        .. Urls("spec.selfSigned.crlDistributionPoints", spec.SelfSigned?.CrlDistributionPoints),
    ];

    /// <summary>The later one is at fault, in the order that cert-manager has.</summary>
    private static IEnumerable<Violation> ExactlyOne(IssuerSpec spec)
    {
        (string Name, object? Value)[] types =
            [("acme", spec.Acme), ("ca", spec.Ca), ("selfSigned", spec.SelfSigned), ("vault", spec.Vault), ("venafi", spec.Venafi)];
        var set = types.Where(type => type.Value is not null).Select(type => type.Name).ToArray();
        return set.Length == 0
            ? [Violation.Required("spec", "exactly one issuer type must be set: acme, ca or selfSigned")]
            : set.Skip(1).Select(name => Violation.Forbidden($"spec.{name}", "may not set more than one issuer type"));
    }

    private static IEnumerable<Violation> NotServed(string field, string name, object? issuer) =>
        issuer is null ? [] : [Violation.Forbidden(field, $"{name} issuers are not served yet; served are acme, ca and selfSigned")];

    private static IEnumerable<Violation> Ca(CaIssuer ca) =>
    [
        .. MetadataRules.Name("spec.ca.secretName", ca.SecretName),
        .. Urls("spec.ca.crlDistributionPoints", ca.CrlDistributionPoints),
        .. Urls("spec.ca.ocspServers", ca.OcspServers),
        .. Urls("spec.ca.issuingCertificateURLs", ca.IssuingCertificateURLs),
    ];

    /// <summary>They go into every certificate: what none could carry, or no client could follow, is refused here.</summary>
    private static IEnumerable<Violation> Urls(string field, ValueList<string>? urls)
    {
        if (urls?.Count > MaxUrls) { yield return Violation.Invalid(field, urls.Count, $"at most {MaxUrls} URLs fit into a certificate"); }

        for (var i = 0; i < Math.Min(urls?.Count ?? 0, MaxUrls); i++)
        {
            var url = urls![i];
            if (string.IsNullOrEmpty(url)) { yield return Violation.Required($"{field}[{i}]"); }
            else if (url.Length > MaxUrlLength) { yield return Violation.Invalid($"{field}[{i}]", url[..40] + "…", $"must have at most {MaxUrlLength} characters"); }
            else if (url.Any(c => c is <= ' ' or >= (char)0x7f) || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.IsFile)
            {
                yield return Violation.Invalid($"{field}[{i}]", Printable(url), "must be an absolute URL in ASCII, such as http://pki.example.com/ca.crl");
            }
        }
    }

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
