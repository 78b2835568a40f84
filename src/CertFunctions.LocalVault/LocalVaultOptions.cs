namespace CertFunctions.LocalVault;

/// <summary>Where the local vault keeps its data and where it listens. Port 0: the last one used if it is free, else any.</summary>
public sealed record LocalVaultOptions
{
    /// <summary>The vault uses the folder <c>vault/</c> in it.</summary>
    public required string DataDirectory { get; init; }

    public int DefaultPort { get; init; }

    public int SystemPort { get; init; }

    /// <summary>Several processes serve the same data directory, on the same ports. All of them must say so.</summary>
    public bool Shared { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
