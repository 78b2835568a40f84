using CertFunctions.LocalVault.Identity;

namespace CertFunctions.LocalVault;

/// <summary>Where the local vault keeps its data, where it listens, and how it behaves where Key Vault leaves a choice.</summary>
public sealed record LocalVaultOptions
{
    /// <summary>The vault uses the folder <c>vault/</c> in it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>0: the last one used if it is free, else any.</summary>
    public int DefaultPort { get; init; }

    /// <summary>0: the last one used if it is free, else any.</summary>
    public int SystemPort { get; init; }

    /// <summary>Several processes serve the same data directory, on the same ports. All of them must say so.</summary>
    public bool Shared { get; init; }

    /// <summary>How long a deletion, a recovery or a purge is under way after it was answered: half a second; in Azure about ten.</summary>
    public TimeSpan DeletionDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long what is deleted can be recovered, 7 to 90 days; 90, as Key Vault has it.</summary>
    public int RetentionDays { get; init; } = 90;

    /// <summary>Nothing can be purged before its retention ends.</summary>
    public bool PurgeProtection { get; init; }

    /// <summary>Lists begin and go on with empty pages that have a next link, as they now and then do in Azure.</summary>
    public bool EmptyPages { get; init; }

    /// <summary>Refuse with 429 beyond Key Vault's own limits per ten seconds.</summary>
    public bool Throttling { get; init; }

    /// <summary>Answer with errors on demand; see <see cref="LocalVaultHost.Faults"/>.</summary>
    public bool Faults { get; init; }

    /// <summary>Who may have tokens besides the administrator; those of <c>vault/identities.json</c> join them.</summary>
    public IReadOnlyList<VaultIdentity> Identities { get; init; } = [];

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
