using System.Text.Json.Serialization;

namespace CertFunctions.LocalVault.Identity;

/// <summary>Who holds a token, and what it may do.</summary>
public sealed record VaultIdentity
{
    /// <summary>Letters, digits, hyphens; what the identity endpoint is asked for as <c>client_id</c>.</summary>
    [JsonPropertyName("clientId")] public required string ClientId { get; init; }

    /// <summary>May nothing if null.</summary>
    [JsonPropertyName("assignments")] public IReadOnlyList<VaultRoleAssignment>? Assignments { get; init; }

    /// <summary>Who asks for no other identity: the administrator of both vaults.</summary>
    internal static VaultIdentity Default { get; } = new()
    {
        ClientId = "local",
        Assignments = [new() { Role = Roles.Administrator, Scope = "default" }, new() { Role = Roles.Administrator, Scope = "system" }],
    };

    internal bool May(string action, string vault, string name) => Assignments?.Any(assignment =>
        assignment.Reaches(vault, action.Split('/')[0], name) && Roles.ActionsOf(assignment.Role)!.Any(pattern => Roles.Covers(pattern, action))) is true;
}

public sealed record VaultRoleAssignment
{
    /// <summary>A built-in role by name or id, as <c>Key Vault Secrets User</c>.</summary>
    [JsonPropertyName("role")] public required string Role { get; init; }

    /// <summary><c>default</c> or <c>system</c> for a vault, <c>default/secrets/web</c> or <c>default/certificates/web</c> for one object in it.</summary>
    [JsonPropertyName("scope")] public required string Scope { get; init; }

    // As in Azure, an object's scope opens nothing that concerns the vault, such as lists.
    internal bool Reaches(string vault, string kind, string name) =>
        Scope.Equals(vault, StringComparison.OrdinalIgnoreCase)
        || (name.Length > 0 && Scope.Equals($"{vault}/{kind}/{name}", StringComparison.OrdinalIgnoreCase));
}
