using CertFunctions.App.Api;
using CertFunctions.App.Issuers.Rotation;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Issuers;

/// <summary>Issuer, as the resource API serves it.</summary>
public static class IssuerKind
{
    internal static IReadOnlyList<Column> Columns { get; } = [new("Ready", "ready"), new("Status", "status", Priority: 1)];

    public static ResourceKind<Issuer> Kind { get; } = new()
    {
        Plural = "issuers",
        Singular = "issuer",
        Kind = "Issuer",
        ShortNames = ["iss"],
        IsNamespaced = true,
        Columns = Columns,
        Orchestrator = "ReconcileIssuer",
        InstancePrefix = "issuer",
        Json = ResourceJson.Default.Issuer,
        Rules = issuer => IssuerRules.Check(issuer.Spec),
        Spec = resource => resource.Spec,
        Prepare = (resource, stored) => resource with { Status = stored?.Status },
        Index = issuer => Index(issuer.Spec, issuer.Status),
        IndexEntries = issuer => IndexEntries(issuer.Spec, "issuers", issuer.Metadata),
    };

    internal static ValueMap Index(IssuerSpec spec, IssuerStatus? status) => ValueMap.From(
    [
        new("ready", status?.Conditions.Find("Ready")?.Status ?? ""), new("status", status?.Conditions.Find("Ready")?.Message ?? ""),
        new(CaIssuers.Mark, spec.Ca is null ? "" : "1"),
    ]);

    internal static IReadOnlyList<string> IndexEntries(IssuerSpec spec, string plural, ObjectMeta metadata) =>
        spec.Ca is { } ca ? [IssuerIndexNames.BySecret(ca.SecretName, plural, metadata)] : [];
}

/// <summary>ClusterIssuer, as the resource API serves it.</summary>
public static class ClusterIssuerKind
{
    public static ResourceKind<ClusterIssuer> Kind { get; } = new()
    {
        Plural = "clusterissuers",
        Singular = "clusterissuer",
        Kind = "ClusterIssuer",
        ShortNames = ["ciss"],
        IsNamespaced = false,
        Columns = IssuerKind.Columns,
        Orchestrator = "ReconcileIssuer",
        InstancePrefix = "clusterissuer",
        Json = ResourceJson.Default.ClusterIssuer,
        Rules = issuer => IssuerRules.Check(issuer.Spec),
        Spec = resource => resource.Spec,
        Prepare = (resource, stored) => resource with { Status = stored?.Status },
        Index = issuer => IssuerKind.Index(issuer.Spec, issuer.Status),
        IndexEntries = issuer => IssuerKind.IndexEntries(issuer.Spec, "clusterissuers", issuer.Metadata),
    };
}
