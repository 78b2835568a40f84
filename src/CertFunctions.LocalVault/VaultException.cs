namespace CertFunctions.LocalVault;

/// <summary>A refusal, in the words and codes of Key Vault's REST answers.</summary>
public sealed class VaultException(int status, string code, string message, string? inner = null) : Exception(message)
{
    public int Status { get; } = status;
    public string Code { get; } = code;
    public string? Inner { get; } = inner;

    internal static VaultException BadParameter(string message) => new(400, "BadParameter", message);

    internal static VaultException NotFound(ObjectKind kind, string name, string? version = null) => new(404, $"{kind}NotFound",
        $"A {Lower(kind)} with (name/id) {(version is null ? name : $"{name}/{version}")} was not found in this key vault.");

    internal static VaultException Deleted(ObjectKind kind, string name) => new(409, "Conflict",
        $"{kind} {name} is currently in a deleted but recoverable state, and its name cannot be reused; it can only be recovered or purged.",
        "ObjectIsDeletedButRecoverable");

    internal static VaultException Disabled(string operation) => new(403, "Forbidden",
        $"Operation {operation} is not allowed on a disabled secret.", "SecretDisabled");

    internal static VaultException Managed(string operation) => new(403, "Forbidden",
        $"Operation \"{operation}\" is not allowed on this secret: a certificate owns it.", "SecretManagedByKeyVault");

    private static string Lower(ObjectKind kind) => kind == ObjectKind.Secret ? "secret" : "certificate";
}

internal enum ObjectKind
{
    Secret,
    Certificate,
}
