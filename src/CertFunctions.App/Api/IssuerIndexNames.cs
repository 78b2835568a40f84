using CertFunctions.Core.Resources;

namespace CertFunctions.App.Api;

/// <summary>Index objects whose name is the fact: who depends on which issuer, and which issuer on which CA secret.</summary>
public static class IssuerIndexNames
{
    /// <summary>Everything that depends on one issuer starts with this.</summary>
    public static string ByIssuerPrefix(string kind, string? issuerNamespace, string issuerName) => $"by-issuer/{kind}.{issuerNamespace ?? "_"}.{issuerName}/";

    public static string ByIssuer(IssuerRef issuer, string plural, ObjectMeta dependent)
    {
        var kind = issuer.KindOrDefault();
        var ns = kind == "ClusterIssuer" ? null : dependent.Namespace;
        return $"{ByIssuerPrefix(kind, ns, issuer.Name)}{plural}/{dependent.Namespace}/{dependent.Name}/{dependent.Uid}";
    }

    /// <summary>Every issuer that signs with this secret starts with this. Cluster issuers are filed under <c>_</c>, for their namespace is a setting.</summary>
    public static string BySecretPrefix(string? ns, string secretName) => $"by-secret/{ns ?? "_"}/{secretName}/";

    public static string BySecret(string secretName, string plural, ObjectMeta issuer) =>
        $"{BySecretPrefix(issuer.Namespace, secretName)}{plural}/{issuer.Namespace ?? "_"}/{issuer.Name}/{issuer.Uid}";
}
