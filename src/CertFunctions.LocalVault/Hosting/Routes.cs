namespace CertFunctions.LocalVault.Hosting;

/// <summary>One operation of the REST API.</summary>
/// <param name="Path">Literal segments, <c>{name}</c> and <c>{version}</c>.</param>
/// <param name="Action">What a role must allow, below <c>Microsoft.KeyVault/vaults/</c>.</param>
internal sealed record Operation(string Method, string Path, string Action, Func<Call, Task> Run)
{
    private readonly string[] _segments = Path.Split('/');

    public bool TryMatch(string[] path, out string name, out string? version)
    {
        (name, version) = ("", null);
        if (path.Length != _segments.Length) { return false; }

        for (var i = 0; i < path.Length; i++)
        {
            switch (_segments[i])
            {
                case "{name}": name = path[i]; break;
                case "{version}": version = path[i]; break;
                default: if (path[i] != _segments[i]) { return false; } break;
            }
        }

        return true;
    }
}

/// <summary>The operations of a vault in order: a literal path comes before the one whose name it could be.</summary>
internal sealed class Routes(IReadOnlyList<Operation> operations)
{
    /// <exception cref="VaultException">404 for a path no operation has, 405 for one that has others.</exception>
    public (Operation Operation, string Name, string? Version) Match(string method, string path)
    {
        // One slash at the end is what SDKs send; an empty segment anywhere else names nothing.
        var segments = path.TrimStart('/').Split('/');
        if (segments is [.., ""]) { segments = segments[..^1]; }
        if (path.StartsWith("//", StringComparison.Ordinal) || segments.Contains("")) { throw Unknown; }

        string? first = null;
        var others = new List<string>();
        foreach (var operation in operations)
        {
            if (!operation.TryMatch(segments, out var name, out var version)) { continue; }
            first ??= operation.Path;
            if (operation.Path != first) { continue; }      // a name that is a word of the API is that word
            if (operation.Method == method) { return (operation, name, version); }
            others.Add(operation.Method);
        }

        throw others.Count == 0 ? Unknown : VaultException.MethodNotAllowed(others);
    }

    private static VaultException Unknown => new(404, "NotFound", "Key Vault has no such path.");
}
