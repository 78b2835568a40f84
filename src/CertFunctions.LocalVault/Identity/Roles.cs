namespace CertFunctions.LocalVault.Identity;

/// <summary>Azure's built-in Key Vault roles: the data actions of each, below <c>Microsoft.KeyVault/vaults/</c>. <c>*</c> stands for any text.</summary>
internal static class Roles
{
    public const string Administrator = "Key Vault Administrator";
    private const string Prefix = "Key Vault ";

    private static readonly (string Name, string Id, string[] Actions)[] BuiltIn =
    [
        (Administrator, "00482a5a-887f-4fb3-b363-3b7fe8e74483", ["*"]),
        ("Key Vault Certificates Officer", "a4417e6f-fecd-4de8-b567-7b0420556985", ["certificatecas/*", "certificates/*", "certificatecontacts/write"]),
        ("Key Vault Certificate User", "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", ["certificates/read", "secrets/getSecret/action", "secrets/readMetadata/action", "keys/read"]),
        ("Key Vault Secrets Officer", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", ["secrets/*"]),
        ("Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6", ["secrets/getSecret/action", "secrets/readMetadata/action"]),
        ("Key Vault Reader", "21090545-7ca7-4776-b22c-e363652d74d2", ["*/read", "secrets/readMetadata/action"]),
    ];

    /// <param name="role">The role's name, with or without the words Key Vault, or its id.</param>
    public static string[]? ActionsOf(string role) => BuiltIn.FirstOrDefault(each =>
        each.Name.Equals(role, StringComparison.OrdinalIgnoreCase)
        || each.Name.Equals(Prefix + role, StringComparison.OrdinalIgnoreCase)
        || each.Id.Equals(role, StringComparison.OrdinalIgnoreCase)).Actions;

    public static bool Covers(string pattern, string action) =>
        pattern == action
        || (pattern.EndsWith('*') && action.StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase))
        || (pattern.StartsWith('*') && action.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase));

    public static string Names => string.Join(", ", BuiltIn.Select(each => each.Name));
}
