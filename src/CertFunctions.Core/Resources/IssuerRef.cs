namespace CertFunctions.Core.Resources;

/// <summary>Who signs. It has no namespace: an Issuer of another namespace cannot be named.</summary>
public sealed record IssuerRef
{
    /// <summary>Of an Issuer in the same namespace, or of a ClusterIssuer.</summary>
    public required string Name { get; init; }

    /// <summary><c>Issuer</c> (default) or <c>ClusterIssuer</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>Default <c>cert-manager.io</c>.</summary>
    public string? Group { get; init; }

    public string KindOrDefault() => string.IsNullOrEmpty(Kind) ? "Issuer" : Kind;

    public string GroupOrDefault() => string.IsNullOrEmpty(Group) ? "cert-manager.io" : Group;

    public bool Same(IssuerRef other) =>
        Name == other.Name && KindOrDefault() == other.KindOrDefault() && GroupOrDefault() == other.GroupOrDefault();

    /// <summary><c>Kind.group/name</c>, as cert-manager's messages name an issuer.</summary>
    public string Describe() => $"{KindOrDefault()}.{GroupOrDefault()}/{Name}";
}
