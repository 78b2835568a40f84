namespace CertFunctions.Core.Resources;

/// <summary>What goes onto the vault object besides our own tags.</summary>
public sealed record SecretTemplate
{
    public ValueMap? Labels { get; init; }

    public ValueMap? Annotations { get; init; }
}

/// <summary>Keystores made of the same key and chain.</summary>
public sealed record Keystores
{
    public JksKeystore? Jks { get; init; }

    public Pkcs12Keystore? Pkcs12 { get; init; }
}

/// <summary>A Java keystore. Exactly one of <see cref="Password"/> and <see cref="PasswordSecretRef"/> is set.</summary>
public sealed record JksKeystore
{
    public required bool Create { get; init; }

    /// <summary>Default <c>certificate</c>.</summary>
    public string? Alias { get; init; }

    /// <summary>In clear text, so it protects nothing: for readers that insist on one.</summary>
    public string? Password { get; init; }

    public SecretKeyRef? PasswordSecretRef { get; init; }
}

/// <summary>A PKCS#12 file. Exactly one of <see cref="Password"/> and <see cref="PasswordSecretRef"/> is set.</summary>
public sealed record Pkcs12Keystore
{
    public required bool Create { get; init; }

    /// <summary><c>LegacyRC2</c> (default), <c>LegacyDES</c>, <c>Modern2023</c> or <c>Modern2026</c>.</summary>
    public string? Profile { get; init; }

    /// <summary>In clear text, so it protects nothing: for readers that insist on one.</summary>
    public string? Password { get; init; }

    public SecretKeyRef? PasswordSecretRef { get; init; }
}

/// <summary>One value of a secret of the same namespace.</summary>
public sealed record SecretKeyRef
{
    public string? Name { get; init; }

    public string? Key { get; init; }
}

public sealed record AdditionalOutputFormat
{
    /// <summary><c>DER</c>: the key alone; <c>CombinedPEM</c>: key and chain in one.</summary>
    public required string Type { get; init; }
}

/// <summary>Where one output lies.</summary>
public sealed record OutputLocation
{
    /// <summary>As cert-manager names the entry in its Secret, e.g. <c>keystore.jks</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The secret's identifier, e.g. <c>https://kv.vault.azure.net/secrets/default--web-tls-keystore-jks/{version}</c>.</summary>
    public required string Id { get; init; }
}
