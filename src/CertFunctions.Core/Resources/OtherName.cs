namespace CertFunctions.Core.Resources;

/// <summary>A SAN of a kind of its own, e.g. a user principal name (1.3.6.1.4.1.311.20.2.3).</summary>
public sealed record OtherName
{
    /// <summary>Dotted.</summary>
    public string? Oid { get; init; }

    public string? Utf8Value { get; init; }
}
