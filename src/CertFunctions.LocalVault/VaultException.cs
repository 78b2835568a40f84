namespace CertFunctions.LocalVault;

/// <summary>A refusal, in the words and codes of Key Vault's REST answers.</summary>
public sealed class VaultException(int status, string code, string message, string? inner = null) : Exception(message)
{
    public int Status { get; } = status;
    public string Code { get; } = code;
    public string? Inner { get; } = inner;

    /// <summary>For 405: the methods the path has.</summary>
    internal IReadOnlyList<string> Allowed { get; private init; } = [];

    internal static VaultException BadParameter(string message) => new(400, "BadParameter", message);

    internal static VaultException NotSupported(string message) => new(400, "NotSupported", message);

    internal static VaultException MethodNotAllowed(IReadOnlyList<string> allowed) =>
        new(405, "MethodNotAllowed", $"This path has {string.Join(", ", allowed)}.") { Allowed = allowed };

    internal static VaultException Throttled() => new(429, "Throttled", "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached");

    internal static VaultException NotFound(ObjectKind kind, string name, string? version = null) => new(404, $"{kind}NotFound",
        $"A {Lower(kind)} with (name/id) {(version is null ? name : $"{name}/{version}")} was not found in this key vault.");

    internal static VaultException NotDeleted(ObjectKind kind, string name) => new(404, $"{kind}NotFound", $"Deleted {kind} not found: {name}");

    internal static VaultException NotPending(string name) => new(404, "PendingCertificateNotFound", $"Pending certificate not found: {name}");

    internal static VaultException Deleted(ObjectKind kind, string name) => new(409, "Conflict",
        $"{kind} {name} is currently in a deleted but recoverable state, and its name cannot be reused; it can only be recovered or purged.",
        "ObjectIsDeletedButRecoverable");

    internal static VaultException BeingDeleted(ObjectKind kind) => new(409, "Conflict", $"{kind} is currently being deleted.", "ObjectIsBeingDeleted");

    internal static VaultException BeingRecovered(ObjectKind kind, string name) => new(409, "Conflict",
        $"{kind} {name} is currently being recovered; retry later.", "ObjectIsBeingRecovered");

    internal static VaultException Pending() => new(409, "Conflict",
        "No new version can be created or imported while the status of the pending certificate is inProgress: merge or delete it.");

    internal static VaultException Disabled(string operation) => new(403, "Forbidden",
        $"Operation {operation} is not allowed on a disabled secret.", "SecretDisabled");

    internal static VaultException Managed(string operation) => new(403, "Forbidden",
        $"Operation \"{operation}\" is not allowed on this secret: a certificate owns it.", "SecretManagedByKeyVault");

    internal static VaultException PurgeProtected() => new(403, "Forbidden",
        "Operation \"purge\" is not allowed because purge protection is enabled for this vault.");

    // The lines are Key Vault's: people and tools look for Caller, Action and Resource.
    internal static VaultException ForbiddenByRbac(string clientId, string issuer, string action, string vault, string kind, string name)
    {
        var resource = $"/subscriptions/local/resourcegroups/local/providers/microsoft.keyvault/vaults/{vault}{(name.Length > 0 ? $"/{kind}/{name}" : "")}";
        return new VaultException(403, "Forbidden",
            $"Caller is not authorized to perform action on resource.\r\nCaller: appid={clientId};oid={clientId};iss={issuer}/\r\nAction: 'Microsoft.KeyVault/vaults/{action}'\r\n"
            + $"Resource: '{resource}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\nVault: {vault};location=local\r\n",
            "ForbiddenByRbac");
    }

    private static string Lower(ObjectKind kind) => kind == ObjectKind.Secret ? "secret" : "certificate";
}

internal enum ObjectKind
{
    Secret,
    Certificate,
}
