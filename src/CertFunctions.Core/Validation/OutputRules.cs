using CertFunctions.Core.Pki.Keystores;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What is made of a certificate besides the vault object, and what goes onto that.</summary>
internal static class OutputRules
{
    /// <summary>Longer is no password but something else, such as a PFX; holds for one from a secret, too.</summary>
    public const int MaxPassword = 256;

    private const int MaxAlias = 256;
    private const string CertManagerPrefix = "cert-manager.io/";
    private const string DirectInjection = "cert-manager.io/allow-direct-injection";

    private static readonly string[] Formats = ["DER", "CombinedPEM"];

    public static IEnumerable<Violation> Check(CertificateSpec spec)
    {
        if (spec.RevisionHistoryLimit < 1) { yield return Violation.Invalid("spec.revisionHistoryLimit", spec.RevisionHistoryLimit, "must be at least 1"); }

        IEnumerable<Violation> rest = [.. Template(spec.SecretTemplate ?? new SecretTemplate()), .. Keystores(spec.Keystores), .. AdditionalFormats(spec.AdditionalOutputFormats ?? [])];
        foreach (var violation in rest) { yield return violation; }
    }

    private static IEnumerable<Violation> Template(SecretTemplate template)
    {
        const string field = "spec.secretTemplate";
        var (labels, annotations) = (template.Labels ?? ValueMap.Empty, template.Annotations ?? ValueMap.Empty);
        var keys = labels.Keys.Concat(annotations.Keys).Distinct().Count();
        if (keys > VaultTagPolicy.LeftForTemplate)
        {
            yield return Violation.Invalid(field, keys, $"labels and annotations become tags, of which Key Vault takes {VaultTagPolicy.Most} and CertFunctions needs {VaultTagPolicy.Most - VaultTagPolicy.LeftForTemplate}: at most {VaultTagPolicy.LeftForTemplate} are left");
            yield break;
        }

        IEnumerable<Violation> syntax = [.. MetadataRules.Labels($"{field}.labels", labels), .. MetadataRules.AnnotationKeys($"{field}.annotations", annotations)];
        foreach (var violation in syntax) { yield return violation; }

        foreach (var key in annotations.Keys.Where(labels.ContainsKey)) { yield return Violation.Duplicate($"{field}.annotations[{key}]", key); }
        foreach (var (name, key, value) in labels.Select(each => ("labels", each.Key, each.Value)).Concat(annotations.Select(each => ("annotations", each.Key, each.Value))))
        {
            if ((key.StartsWith(CertManagerPrefix, StringComparison.Ordinal) && key != DirectInjection) || key.StartsWith(Annotations.OurPrefix, StringComparison.Ordinal))
            {
                yield return Violation.Forbidden($"{field}.{name}[{key}]", "tags of this prefix are the system's own");
            }

            if (value.Length == 0) { yield return Violation.Invalid($"{field}.{name}[{key}]", value, "must not be empty: Key Vault refuses a tag without a value"); }
            if (key.Length > VaultTagPolicy.Longest || value.Length > VaultTagPolicy.Longest)
            {
                yield return Violation.Invalid($"{field}.{name}[{key}]", value, $"name and value of a Key Vault tag have at most {VaultTagPolicy.Longest} characters each");
            }
        }
    }

    private static IEnumerable<Violation> Keystores(Keystores? keystores)
    {
        if (keystores?.Jks is { } jks)
        {
            foreach (var violation in Password("spec.keystores.jks", jks.Password, jks.PasswordSecretRef)) { yield return violation; }
            if (jks.Alias is { } alias && (alias.Length > MaxAlias || alias.Any(c => char.IsControl(c) || char.IsSurrogate(c))))
            {
                yield return Violation.Invalid("spec.keystores.jks.alias", alias, $"must have at most {MaxAlias} characters, no control characters and none beyond U+FFFF");
            }
        }

        if (keystores?.Pkcs12 is not { } pkcs12) { yield break; }
        foreach (var violation in Password("spec.keystores.pkcs12", pkcs12.Password, pkcs12.PasswordSecretRef)) { yield return violation; }
        if (!Pkcs12Profile.Names.Contains(pkcs12.ProfileOrDefault())) { yield return Violation.NotSupported("spec.keystores.pkcs12.profile", pkcs12.Profile!, Pkcs12Profile.Names); }
    }

    /// <summary>Asked for even with <c>create: false</c>, as in cert-manager. Never shown in a message.</summary>
    private static IEnumerable<Violation> Password(string field, string? password, SecretKeyRef? reference)
    {
        var isReferred = !string.IsNullOrEmpty(reference?.Name);
        if (password is not null && isReferred) { yield return Violation.Forbidden(field, "password and passwordSecretRef may not both be set"); }
        else if (password is null && !isReferred) { yield return Violation.Required($"{field}.passwordSecretRef.name", "or password must be set"); }
        else if (password is "") { yield return Violation.Invalid($"{field}.password", "", "must not be empty"); }
        else if (password is not null && (password.Length > MaxPassword || password.Any(char.IsSurrogate)))
        {
            yield return Violation.Invalid($"{field}.password", "***", $"must have at most {MaxPassword} characters and none beyond U+FFFF");
        }

        if (!isReferred) { yield break; }
        foreach (var violation in MetadataRules.Name($"{field}.passwordSecretRef.name", reference!.Name)) { yield return violation; }
    }

    private static IEnumerable<Violation> AdditionalFormats(ValueList<AdditionalOutputFormat> formats)
    {
        for (var i = 0; i < Math.Min(formats.Count, Formats.Length + 1); i++)
        {
            var (field, type) = ($"spec.additionalOutputFormats[{i}].type", formats[i].Type);
            if (!Formats.Contains(type)) { yield return Violation.NotSupported(field, type, Formats); }
            else if (formats.Take(i).Any(each => each.Type == type)) { yield return Violation.Duplicate(field, type); }
        }
    }
}
