using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>Rules that more than one kind has.</summary>
internal static class CommonRules
{
    // There are fewer names than that; some may be there twice.
    private const int MaxUsages = 32;

    private static readonly TimeSpan MinimumDuration = TimeSpan.FromHours(1);

    // Keeps notAfter inside what X.509 can say (year 9999), whatever the clock.
    private static readonly TimeSpan MaximumDuration = TimeSpan.FromHours(876_000);

    /// <summary>External issuers (other groups) are refused rather than left waiting for a signer that never comes.</summary>
    public static IEnumerable<Violation> IssuerRef(IssuerRef? reference)
    {
        if (reference is null)
        {
            yield return Violation.Required("spec.issuerRef");
            yield break;
        }

        // What no issuer can be called is refused: it becomes part of an index object's name.
        foreach (var violation in MetadataRules.Name("spec.issuerRef.name", reference.Name)) { yield return violation; }
        if (reference.GroupOrDefault() != "cert-manager.io")
        {
            yield return Violation.NotSupported("spec.issuerRef.group", reference.Group!, ["cert-manager.io"]);
            yield break;
        }

        if (reference.KindOrDefault() is "Issuer" or "ClusterIssuer") { yield break; }

        var hint = string.IsNullOrEmpty(reference.Group) ? " (was spec.issuerRef.group forgotten? external issuers are not supported yet)" : "";
        yield return Violation.Invalid("spec.issuerRef.kind", reference.Kind!, "must be \"Issuer\" or \"ClusterIssuer\"" + hint);
    }

    /// <summary>A leaf that may sign certificates is refused by strict verifiers (RFC 5280 §4.2.1.9); cert-manager would issue it.</summary>
    public static IEnumerable<Violation> Usages(ValueList<string>? usages, bool isCA)
    {
        if (usages?.Count > MaxUsages) { yield return Violation.TooMany("spec.usages", usages.Count, MaxUsages); }

        for (var i = 0; i < Math.Min(usages?.Count ?? 0, MaxUsages); i++)
        {
            if (usages![i] is not { } name || !UsageNames.IsKnown(name)) { yield return Violation.NotSupported($"spec.usages[{i}]", usages[i] ?? "", UsageNames.All); }
            else if (name == "cert sign" && !isCA) { yield return Violation.Invalid($"spec.usages[{i}]", name, "is for CA certificates only: set isCA as well"); }
        }
    }

    public static IEnumerable<Violation> Duration(TimeSpan? duration)
    {
        if (duration is { } given && given < MinimumDuration) { yield return Violation.Invalid("spec.duration", GoDuration.Format(given), "must be at least 1h"); }
        if (duration is { } wanted && wanted > MaximumDuration)
        {
            yield return Violation.Invalid("spec.duration", GoDuration.Format(wanted), "must be at most 876000h (100 years)");
        }
    }
}
