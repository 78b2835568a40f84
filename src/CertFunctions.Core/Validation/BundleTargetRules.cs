using CertFunctions.Core.Pki.Keystores;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What a Bundle's target may say: as trust-manager has it, also where the files are called otherwise here (semantics §8.1).</summary>
internal static class BundleTargetRules
{
    private const int MaxPassword = 128;

    private static readonly string[] Profiles = [nameof(Pkcs12Profile.LegacyRC2), nameof(Pkcs12Profile.LegacyDES), nameof(Pkcs12Profile.Modern2023)];
    private static readonly string[] TheirPrefixes = ["trust.cert-manager.io/", "trust-manager.io/"];

    public static IEnumerable<Violation> Check(BundleTarget target)
    {
        var (jks, pkcs12) = (target.AdditionalFormats?.Jks, target.AdditionalFormats?.Pkcs12);
        return
        [
            .. target.ConfigMap is { } map ? Object("spec.target.configMap", map) : [],
            .. target.Secret is { } secret ? Object("spec.target.secret", secret) : [],
            .. jks?.Key is { } jksKey ? FileNames.Check("spec.target.additionalFormats.jks.key", jksKey) : [],
            .. pkcs12?.Key is { } pkcs12Key ? FileNames.Check("spec.target.additionalFormats.pkcs12.key", pkcs12Key) : [],
            .. Password("spec.target.additionalFormats.jks.password", jks?.Password, least: 1),
            .. Password("spec.target.additionalFormats.pkcs12.password", pkcs12?.Password, least: 0),
            .. Profile(pkcs12?.Profile),
            .. Twice(target),
            .. MetadataRules.Labels("spec.target.namespaceSelector.matchLabels", target.NamespaceSelector?.MatchLabels ?? ValueMap.Empty),
        ];
    }

    private static IEnumerable<Violation> Object(string field, TargetObject target)
    {
        var (labels, annotations) = (target.Metadata?.Labels ?? ValueMap.Empty, target.Metadata?.Annotations ?? ValueMap.Empty);
        return
        [
            .. target.Key is { } key ? FileNames.Check($"{field}.key", key) : [Violation.Required($"{field}.key")],
            .. MetadataRules.Labels($"{field}.metadata.labels", labels),
            .. MetadataRules.AnnotationKeys($"{field}.metadata.annotations", annotations),
            .. Theirs($"{field}.metadata.labels", labels),
            .. Theirs($"{field}.metadata.annotations", annotations),
        ];
    }

    private static IEnumerable<Violation> Theirs(string field, ValueMap entries) =>
        entries.Keys.Where(key => TheirPrefixes.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)))
            .Select(key => Violation.Forbidden($"{field}[{key}]", "names of this prefix are trust-manager's own"));

    /// <summary>Not shown, although it protects nothing: people use passwords twice.</summary>
    private static IEnumerable<Violation> Password(string field, string? password, int least)
    {
        if (password is not null && (password.Length < least || password.Length > MaxPassword || password.Any(char.IsSurrogate)))
        {
            yield return Violation.Invalid(field, "***", $"must have {least} to {MaxPassword} characters and none beyond U+FFFF");
        }
    }

    private static IEnumerable<Violation> Profile(string? profile) =>
        profile is null || Profiles.Contains(profile) ? [] : [Violation.NotSupported("spec.target.additionalFormats.pkcs12.profile", profile, Profiles)];

    /// <summary>Two files of one name cannot lie in one object; the ConfigMap and the Secret are two.</summary>
    private static IEnumerable<Violation> Twice(BundleTarget target)
    {
        var (jks, pkcs12) = (target.AdditionalFormats?.Jks?.Key, target.AdditionalFormats?.Pkcs12?.Key);
        string?[] pem = [target.ConfigMap?.Key, target.Secret?.Key];
        if (jks is not null && pem.Contains(jks)) { yield return Violation.Duplicate("spec.target.additionalFormats.jks.key", jks); }
        if (pkcs12 is not null && (pem.Contains(pkcs12) || pkcs12 == jks)) { yield return Violation.Duplicate("spec.target.additionalFormats.pkcs12.key", pkcs12); }
    }
}
