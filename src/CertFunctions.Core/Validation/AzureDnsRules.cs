using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>A solver that writes Azure DNS: where the zone is, and as whom; no identity at all means the app's own.</summary>
internal static class AzureDnsRules
{
    public static IEnumerable<Violation> Check(string path, AzureDns azure) =>
    [
        .. SolverRules.Required($"{path}.subscriptionID", azure.SubscriptionID),
        .. SolverRules.Required($"{path}.resourceGroupName", azure.ResourceGroupName),
        .. Environment($"{path}.environment", azure.Environment),
        .. SolverRules.OneOf($"{path}.zoneType", azure.ZoneType, "AzurePublicZone", "AzurePrivateZone"),
        .. IsServicePrincipal(azure) ? ServicePrincipal(path, azure) : [],
        .. azure.ManagedIdentity is { } managed ? Managed($"{path}.managedIdentity", managed, IsServicePrincipal(azure)) : [],
    ];

    private static IEnumerable<Violation> Environment(string field, string? environment)
    {
        string[] served = ["AzurePublicCloud", "AzureChinaCloud", "AzureUSGovernmentCloud"];
        if (environment == "AzureGermanCloud") { return [Violation.NotSupported(field, environment, served, "that cloud was closed in 2021")]; }

        return SolverRules.OneOf(field, environment, served);
    }

    private static bool IsServicePrincipal(AzureDns azure) => azure.ClientID is { Length: > 0 } || azure.TenantID is { Length: > 0 } || azure.ClientSecretSecretRef is not null;

    private static IEnumerable<Violation> ServicePrincipal(string path, AzureDns azure) =>
    [
        .. SolverRules.Required($"{path}.clientID", azure.ClientID),
        .. SolverRules.Secret($"{path}.clientSecretSecretRef", azure.ClientSecretSecretRef),
        .. SolverRules.Required($"{path}.tenantID", azure.TenantID),
    ];

    private static IEnumerable<Violation> Managed(string path, AzureManagedIdentity managed, bool hasServicePrincipal)
    {
        if (hasServicePrincipal) { yield return Violation.Forbidden(path, "may not be set beside clientID, clientSecretSecretRef and tenantID"); }

        var (hasClient, hasResource) = (managed.ClientID is { Length: > 0 }, managed.ResourceID is { Length: > 0 });
        if (hasClient && hasResource) { yield return Violation.Forbidden($"{path}.resourceID", "may not be set beside clientID"); }
        if (managed.TenantID is { Length: > 0 } && !hasClient) { yield return Violation.Forbidden($"{path}.tenantID", "may be set only beside clientID"); }
        if (hasResource && !(managed.ResourceID![0] == '/' && managed.ResourceID.Contains("/userAssignedIdentities/", StringComparison.OrdinalIgnoreCase)))
        {
            yield return Violation.Invalid($"{path}.resourceID", managed.ResourceID, "must be like /subscriptions/…/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME");
        }
    }
}
