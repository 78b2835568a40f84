using CertFunctions.App.Api;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Bundles;

/// <summary>Bundle, as the resource API serves it: in trust-manager's group, and in ours with more sources.</summary>
public static class BundleKind
{
    public static ResourceKind<Bundle> Kind { get; } = new()
    {
        Group = "trust.cert-manager.io",
        Version = "v1alpha1",
        AlsoServedAs = Bundle.OwnVersion,
        Plural = "bundles",
        Singular = "bundle",
        Kind = "Bundle",
        ShortNames = [],
        BodyLimit = 3 * 1024 * 1024,   // certificates in the text, which kubectl apply sends a second time as an annotation
        IsNamespaced = false,
        Columns = [new("Synced", "synced"), new("Certificates", "certificates"), new("Reason", "reason", Priority: 1), new("Location", "location", Priority: 1)],
        Orchestrator = nameof(ReconcileBundle),
        InstancePrefix = "bundle",
        Json = ResourceJson.Default.Bundle,
        Rules = bundle => BundleRules.Check(bundle),
        Spec = resource => resource.Spec,
        Prepare = (resource, stored) => resource with { Status = stored?.Status },
        Index = Index,
        IndexEntries = _ => [],
    };

    private static ValueMap Index(Bundle bundle) => ValueMap.From(
    [
        new("synced", bundle.Status?.Conditions.Find(BundleConditions.Synced)?.Status ?? ""),
        new("certificates", bundle.Status?.Certificates?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? ""),
        new("reason", bundle.Status?.Conditions.Find(BundleConditions.Synced)?.Message ?? ""),
        new("location", bundle.Status?.Location ?? ""),
    ]);
}
