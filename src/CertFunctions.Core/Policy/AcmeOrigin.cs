using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Where an ACME certificate comes from: kept in one annotation of the request and one tag of the vault object.</summary>
/// <param name="Server">The directory's URL.</param>
/// <param name="Account">The account's URL.</param>
public sealed record AcmeOrigin(string Server, string Account)
{
    /// <summary>Null when there is none: not issued by ACME.</summary>
    public static AcmeOrigin? Read(ValueMap? tags) => tags?.Find(Annotations.AcmeOrigin)?.Split(' ') is [var server, var account] ? new(server, account) : null;

    /// <summary>The value; null when it is too long for a tag.</summary>
    public string? Write() => $"{Server} {Account}" is { Length: <= VaultTagPolicy.Longest } text ? text : null;
}
