using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What a valid Issuer or ClusterIssuer is (cert-manager semantics §4): exactly one type, and that one complete.</summary>
public static class IssuerRules
{
    /// <summary>Every violation, not only the first.</summary>
    public static IEnumerable<Violation> Check(IssuerSpec spec)
    {
        if (spec.Ca is null && spec.SelfSigned is null) { yield return Violation.Required("spec", "exactly one issuer type must be set: ca or selfSigned"); }
        if (spec.Ca is not null && spec.SelfSigned is not null) { yield return Violation.Forbidden("spec.selfSigned", "may not set more than one issuer type"); }
        if (spec.Ca is null) { yield break; }

        foreach (var violation in MetadataRules.Name("spec.ca.secretName", spec.Ca.SecretName)) { yield return violation; }
    }
}
