using System.Text;
using CertFunctions.Core.Pki.Trust;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What a valid Bundle is (semantics §8.1), and what of a source can be told without reading it.</summary>
public static class BundleRules
{
    private const int MaxSources = 100;

    private static readonly string[] SecretKeys = [SecretSource.Certificate, SecretSource.Ca];

    /// <summary>Every violation, not only the first.</summary>
    public static IEnumerable<Violation> Check(Bundle bundle) =>
    [
        .. Number(bundle.Spec.Sources),
        .. bundle.Spec.Sources.Take(MaxSources).SelectMany((source, i) => Source($"spec.sources[{i}]", source, bundle.ApiVersion)),
        .. DefaultCAs(bundle.Spec.Sources),
        .. bundle.Spec.Target is { } target ? BundleTargetRules.Check(target) : [],
    ];

    private static IEnumerable<Violation> Number(ValueList<BundleSource> sources)
    {
        if (sources.Count > MaxSources) { yield return Violation.TooMany("spec.sources", sources.Count, MaxSources); }
        if (sources.All(each => each.UseDefaultCAs is false)) { yield return Violation.Required("spec.sources", "at least one source must bring certificates"); }
    }

    private static IEnumerable<Violation> DefaultCAs(ValueList<BundleSource> sources)
    {
        var asked = sources.Take(MaxSources).Index().Where(each => each.Item.UseDefaultCAs is not null).Skip(1);
        return asked.Select(each => Violation.Forbidden($"spec.sources[{each.Index}].useDefaultCAs", "may be set in one source only"));
    }

    private static IEnumerable<Violation> Source(string field, BundleSource source, string apiVersion)
    {
        var isOwn = apiVersion == Bundle.OwnVersion;
        return
        [
            .. ExactlyOne(field, source, isOwn),
            .. source.InLine is { } text ? InLine($"{field}.inLine", text) : [],
            .. source.ConfigMap is { } map ? NameOrSelector($"{field}.configMap", map).Concat(ConfigMapKey($"{field}.configMap", map)) : [],
            .. source.Secret is { } secret ? Secret($"{field}.secret", secret) : [],
            .. source.Issuer is { } issuer ? Issuer($"{field}.issuer", issuer, isOwn) : [],
            .. source.Certificate is { } certificate ? Certificate($"{field}.certificate", certificate, isOwn) : [],
        ];
    }

    /// <summary>The later one is at fault.</summary>
    private static IEnumerable<Violation> ExactlyOne(string field, BundleSource source, bool isOwn)
    {
        (string Name, object? Value)[] members =
        [
            ("configMap", source.ConfigMap), ("secret", source.Secret), ("inLine", source.InLine), ("useDefaultCAs", source.UseDefaultCAs),
            ("issuer", source.Issuer), ("certificate", source.Certificate),
        ];
        var set = members.Where(member => member.Value is not null).Select(member => member.Name).ToArray();
        var known = isOwn ? "configMap, secret, inLine, useDefaultCAs, issuer or certificate" : "configMap, secret, inLine or useDefaultCAs";
        return set.Length == 0
            ? [Violation.Required(field, $"exactly one must be set: {known}")]
            : set.Skip(1).Select(name => Violation.Forbidden($"{field}.{name}", "a source is one thing: make another source of it"));
    }

    private static IEnumerable<Violation> InLine(string field, string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes == 0) { yield return Violation.Required(field, "PEM text"); }
        else if (bytes > TrustPem.MaxSourceBytes) { yield return new Violation(field, "FieldValueTooLong", $"Too long: may not be more than {TrustPem.MaxSourceBytes} bytes"); }
        else if (TrustPem.Read(Encoding.UTF8.GetBytes(text)).Problem is { } problem) { yield return new Violation(field, "FieldValueInvalid", $"Invalid value: {problem}"); }
    }

    private static IEnumerable<Violation> NameOrSelector(string field, SourceObject source) => (source.Name, source.Selector) switch
    {
        (not null, not null) => [Violation.Forbidden($"{field}.selector", "name and selector may not both be set")],
        ({ } name, null) => MetadataRules.Name($"{field}.name", name),
        (null, { } selector) => MetadataRules.Labels($"{field}.selector.matchLabels", selector.MatchLabels ?? ValueMap.Empty),
        _ => [Violation.Required($"{field}.name", "or selector must be set")],
    };

    private static IEnumerable<Violation> ConfigMapKey(string field, SourceObject source) => (source.Key, source.IncludeAllKeys) switch
    {
        ({ }, true) => [Violation.Forbidden($"{field}.includeAllKeys", "key and includeAllKeys may not both be set")],
        ({ } key, _) => FileNames.Check($"{field}.key", key),
        (null, true) => [],
        _ => [Violation.Required($"{field}.key", "or includeAllKeys must be true")],
    };

    /// <summary>Only what Key Vault shows without the secret's value: that holds the private key, and is never read for a bundle.</summary>
    private static IEnumerable<Violation> Secret(string field, SourceObject source)
    {
        if (source.Selector is not null) { yield return Violation.Forbidden($"{field}.selector", "secrets are named one by one: a selector could gather what was never meant to be trusted"); }
        else { foreach (var violation in MetadataRules.Name($"{field}.name", source.Name)) { yield return violation; } }

        if (source.IncludeAllKeys is true) { yield return Violation.Forbidden($"{field}.includeAllKeys", "all keys of a secret include tls.key"); }
        else if (string.IsNullOrEmpty(source.Key)) { yield return Violation.Required($"{field}.key", "tls.crt or ca.crt"); }
        else if (!SecretKeys.Contains(source.Key)) { yield return Violation.NotSupported($"{field}.key", source.Key, SecretKeys, "the public part of a certificate; the secret's value is never read"); }
    }

    private static IEnumerable<Violation> Issuer(string field, SourceIssuer issuer, bool isOwn)
    {
        if (!isOwn) { yield return Own(field); yield break; }

        foreach (var violation in MetadataRules.Name($"{field}.name", issuer.Name)) { yield return violation; }
        var isNamespaced = issuer.Kind is "Issuer";
        if (issuer.Kind is not (null or "Issuer" or "ClusterIssuer")) { yield return Violation.NotSupported($"{field}.kind", issuer.Kind, ["ClusterIssuer", "Issuer"]); }
        else if (isNamespaced && string.IsNullOrEmpty(issuer.Namespace)) { yield return Violation.Required($"{field}.namespace", "an Issuer has one"); }
        else if (!isNamespaced && !string.IsNullOrEmpty(issuer.Namespace)) { yield return Violation.Forbidden($"{field}.namespace", "a ClusterIssuer belongs to no namespace"); }
        else if (isNamespaced && !MetadataRules.IsLabel(issuer.Namespace!)) { yield return Violation.Invalid($"{field}.namespace", issuer.Namespace!, MetadataRules.LabelRule); }
    }

    private static IEnumerable<Violation> Certificate(string field, SourceCertificate certificate, bool isOwn)
    {
        if (!isOwn) { yield return Own(field); yield break; }

        foreach (var violation in MetadataRules.Name($"{field}.name", certificate.Name)) { yield return violation; }
        if (string.IsNullOrEmpty(certificate.Namespace)) { yield return Violation.Required($"{field}.namespace"); }
        else if (!MetadataRules.IsLabel(certificate.Namespace)) { yield return Violation.Invalid($"{field}.namespace", certificate.Namespace, MetadataRules.LabelRule); }
    }

    private static Violation Own(string field) => Violation.Forbidden(field, $"this source is not trust-manager's: write the Bundle as {Bundle.OwnVersion}");
}
