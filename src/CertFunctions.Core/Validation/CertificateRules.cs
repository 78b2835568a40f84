using System.Buffers;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What a valid Certificate is (cert-manager semantics §1.1). Metadata has its own rules.</summary>
public static class CertificateRules
{
    private const int MaxVaultName = 127;

    private static readonly SearchValues<char> VaultLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Every violation, not only the first.</summary>
    public static IEnumerable<Violation> Check(Certificate c) =>
    [
        .. MetadataRules.Name("spec.secretName", c.Spec.SecretName),
        .. CommonRules.IssuerRef(c.Spec.IssuerRef),
        .. SubjectRules.Check(c.Spec),
        .. NameRules.Check(c.Spec),
        .. RenewalRules.Check(c.Spec),
        .. CommonRules.Usages(c.Spec.Usages, c.Spec.IsCAOrDefault()),
        .. KeyRules.Check(c.Spec),
        .. ConstraintRules.Check(c.Spec),
        .. OutputRules.Check(c.Spec),
        .. Annotated(c.Metadata.Annotations ?? ValueMap.Empty),
    ];

    /// <summary>The annotations that act as spec.</summary>
    private static IEnumerable<Violation> Annotated(ValueMap annotations)
    {
        const string field = $"metadata.annotations[{Annotations.VaultObject}]";
        if (annotations.Find(Annotations.VaultObject) is { } name && (name.Length is 0 or > MaxVaultName || name.AsSpan().ContainsAnyExcept(VaultLetters)))
        {
            yield return Violation.Invalid(field, name, $"must be a Key Vault object name: 1 to {MaxVaultName} letters, digits and '-'");
        }

        // Object names of this form in the system vault are staged keys.
        if (annotations.Find(Annotations.VaultObject) is { } staged && staged.StartsWith("staged-", StringComparison.OrdinalIgnoreCase))
        {
            yield return Violation.Invalid(field, staged, "must not start with \"staged-\": such objects hold keys of issuances under way");
        }

        if (annotations.Find(Annotations.Adopt) is { } adopt and not ("true" or "false"))
        {
            yield return Violation.NotSupported($"metadata.annotations[{Annotations.Adopt}]", adopt, ["true", "false"]);
        }

        if (annotations.Find(Annotations.PemSecrets) is { } pem and not ("true" or "false"))
        {
            yield return Violation.NotSupported($"metadata.annotations[{Annotations.PemSecrets}]", pem, ["true", "false"]);
        }
    }
}
