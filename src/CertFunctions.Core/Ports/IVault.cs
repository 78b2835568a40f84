using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Ports;

/// <summary>One object of one vault. <see cref="Vault"/> is the base URI with a trailing slash.</summary>
public sealed record VaultObject(Uri Vault, string Name)
{
    public override string ToString() => $"{Vault}certificates/{Name}";
}

/// <summary>The public part of one certificate version (certificates/get): never the key.</summary>
/// <param name="Leaf">DER.</param>
public sealed record VaultCertificate(string Version, ReadOnlyMemory<byte> Leaf, bool IsEnabled, ValueMap Tags);

/// <summary>A listing's line: what the newest version of a certificate object shows.</summary>
/// <param name="X5t">SHA-1 of the certificate, upper-case hex; empty while it has none.</param>
public sealed record VaultCertificateEntry(string Name, string X5t, bool IsEnabled, ValueMap Tags);

/// <summary>Facts of one secret version; the value is not among them.</summary>
/// <param name="Created">In whole seconds, so the order of versions of one second is unknown; null: the order is the list's.</param>
public sealed record VaultSecretVersion(string Version, bool IsEnabled, ValueMap Tags, DateTimeOffset? Created = null);

/// <summary>A secret's value. Prints as <c>***</c> and converts to nothing.</summary>
public sealed class SecretText(string value)
{
    public string Reveal() => value;

    public override string ToString() => "***";
}

/// <summary>What an import carries. The policy (issuer Unknown, x-pkcs12, exportable, key type and size) is derived from the key by the adapter.</summary>
/// <param name="PfxBase64">Bags leaf first, intermediates, no root.</param>
/// <param name="KeyAlgorithm"><c>RSA</c> or <c>ECDSA</c>.</param>
public sealed record CertificateImport(SecretText PfxBase64, SecretText Password, string KeyAlgorithm, int KeySizeInBits, ValueMap Tags);

/// <summary>How an import ended.</summary>
public abstract record ImportResult
{
    private ImportResult() { }

    public sealed record Imported(string Version) : ImportResult;

    /// <summary>Refused: an object of this name is soft-deleted, or about to be. Look again; it can be recovered once that is done.</summary>
    public sealed record SoftDeleted : ImportResult;
}

/// <summary>The vault could not or would not: throttled, forbidden, out of reach. Activities turn it into a value at their edge.</summary>
/// <param name="status">HTTP status; 0 when no answer came.</param>
/// <param name="retryAfter">When the vault said so.</param>
public sealed class VaultException(int status, string code, string message, TimeSpan? retryAfter, Exception? inner)
    : Exception(message, inner)
{
    public int Status => status;

    public string Code => code;

    public TimeSpan? RetryAfter => retryAfter;
}

/// <summary>Key Vault, as far as it is used: certificate objects for consumers, secrets for keys that no consumer may see.</summary>
/// <remarks>Key Vault has no conditional write: callers settle races in the object store first. Every member may throw <see cref="VaultException"/>.</remarks>
public interface IVault
{
    /// <summary>The newest version, or <paramref name="version"/>; null when there is none. A soft-deleted object counts as none.</summary>
    Task<VaultCertificate?> FindCertificateAsync(VaultObject target, string? version, CancellationToken cancellationToken);

    /// <summary>Every certificate object of a vault, in any order, page after page.</summary>
    IAsyncEnumerable<VaultCertificateEntry> ListCertificatesAsync(Uri vault, CancellationToken cancellationToken);

    /// <summary>Must add a new version in one write; must not retry by itself except on 429.</summary>
    Task<ImportResult> ImportAsync(VaultObject target, CertificateImport import, CancellationToken cancellationToken);

    /// <summary>Must replace all tags of one version and leave everything else; safe to repeat. There is at least one tag.</summary>
    Task UpdateCertificateTagsAsync(VaultObject target, string version, ValueMap tags, CancellationToken cancellationToken);

    /// <summary>The tags of a soft-deleted certificate object, or null when it is not soft-deleted.</summary>
    Task<ValueMap?> FindDeletedCertificateAsync(VaultObject target, CancellationToken cancellationToken);

    /// <summary>Must bring a soft-deleted certificate object back; returns when it can be read again.</summary>
    Task RecoverCertificateAsync(VaultObject target, CancellationToken cancellationToken);

    /// <summary>A secret's value, newest or by version; null when absent or disabled. For a certificate object: the base64 PFX with an empty password.</summary>
    Task<SecretText?> FindSecretAsync(VaultObject target, string? version, CancellationToken cancellationToken);

    /// <summary>Must add a new version; returns it.</summary>
    Task<string> SetSecretAsync(VaultObject target, SecretText value, string contentType, ValueMap tags, CancellationToken cancellationToken);

    /// <summary>All versions, newest first.</summary>
    Task<IReadOnlyList<VaultSecretVersion>> ListSecretVersionsAsync(VaultObject target, CancellationToken cancellationToken);

    /// <summary>Must be safe to repeat.</summary>
    Task DisableSecretVersionAsync(VaultObject target, string version, CancellationToken cancellationToken);

    /// <summary>The tags of a soft-deleted secret, or null when it is not soft-deleted.</summary>
    Task<ValueMap?> FindDeletedSecretAsync(VaultObject target, CancellationToken cancellationToken);

    /// <summary>Must bring a soft-deleted secret back, all versions; returns when it can be read again. Safe to repeat.</summary>
    Task RecoverSecretAsync(VaultObject target, CancellationToken cancellationToken);
}
