namespace CertFunctions.Core.Resources;

/// <summary>A secret as a whole.</summary>
public sealed record SecretRef
{
    public string? Name { get; init; }
}

/// <summary>An identity to ask for a token with.</summary>
public sealed record ServiceAccountRef
{
    public string? Name { get; init; }

    public ValueList<string>? Audiences { get; init; }
}
