using Azure.Core;
using Azure.Identity;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Dns01.Arm;

/// <summary>Who speaks to Azure for a solver. A value: equal ones share a credential and its tokens.</summary>
/// <param name="Kind">For messages.</param>
/// <param name="SecretDigest">Tells a replaced client secret from the old one; the secret itself is not part of it.</param>
internal sealed record AzureIdentity(string Kind, string? ClientId, string? ResourceId, string? TenantId, string? SecretDigest)
{
    public const string ServicePrincipal = "service principal";
    public const string ManagedIdentity = "managed identity";
    public const string Ambient = "the app's own identity";

    private const string FederatedTokenFile = "AZURE_FEDERATED_TOKEN_FILE";

    /// <summary>As cert-manager chooses: client id, secret and tenant together; a managed identity; else whatever the app itself is.</summary>
    public static AzureIdentity Of(AzureDns spec, SecretText? secret) => spec switch
    {
        { ClientID: { Length: > 0 } id } => new(ServicePrincipal, id, null, spec.TenantID, secret is null ? null : Digest(secret)),
        { ManagedIdentity: { } managed } when managed.ClientID is { Length: > 0 } || managed.ResourceID is { Length: > 0 } =>
            new(ManagedIdentity, Text(managed.ClientID), Text(managed.ResourceID), Text(managed.TenantID), null),
        _ => new(Ambient, null, null, null, null),
    };

    /// <summary>With its id, where one is named: what an administrator looks for in a role assignment.</summary>
    public string Describe() => (ClientId ?? ResourceId) is { } id ? $"{Kind} {id}" : Kind;

    public TokenCredential Credential(AzureCloud cloud, SecretText? secret) => this switch
    {
        { Kind: ServicePrincipal } => new ClientSecretCredential(TenantId, ClientId, secret?.Reveal(), new ClientSecretCredentialOptions { AuthorityHost = cloud.Authority }),
        { Kind: ManagedIdentity, ResourceId: { } resource } => new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedResourceId(new ResourceIdentifier(resource))),

        // Under workload identity (AKS) a managed identity is reached by a federated token, not by the machine's endpoint.
        { Kind: ManagedIdentity } when Environment.GetEnvironmentVariable(FederatedTokenFile) is { Length: > 0 } file => new WorkloadIdentityCredential(
            new WorkloadIdentityCredentialOptions { ClientId = ClientId, TenantId = TenantId ?? Environment.GetEnvironmentVariable("AZURE_TENANT_ID"), TokenFilePath = file, AuthorityHost = cloud.Authority }),
        { Kind: ManagedIdentity } => new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(ClientId!)),

        // The same chain that opens the vaults: workload identity where there is a federated token, the managed identity in Azure, az login on a laptop.
        _ => new DefaultAzureCredential(new DefaultAzureCredentialOptions { AuthorityHost = cloud.Authority }),
    };

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static string Digest(SecretText secret) =>
        Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret.Reveal())));
}
