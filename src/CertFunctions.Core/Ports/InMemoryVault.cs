using System.Security.Cryptography;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Ports;

/// <summary>A vault for tests and models: the port's promises, and Key Vault's refusals that callers meet.</summary>
/// <param name="open">Reads an import: its leaf (DER) and the value its secret will have. Null reads a real PFX; a model that makes none brings its own.</param>
public sealed class InMemoryVault(Func<CertificateImport, (ReadOnlyMemory<byte> Leaf, SecretText Stored)>? open = null) : IVault
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(Uri Vault, string Name), Entry> _entries = [];
    private readonly Func<CertificateImport, (ReadOnlyMemory<byte> Leaf, SecretText Stored)> _open = open ?? OpenPfx;
    private int _versions;

    /// <summary>Every certificate version of an object, newest first: what a test counts.</summary>
    public IReadOnlyList<VaultCertificate> CertificateVersions(VaultObject target)
    {
        lock (_gate) { return [.. Living(target)?.Versions.Where(version => version.Leaf is not null).Select(ToCertificate).Reverse() ?? []]; }
    }

    /// <summary>Deletes as a person in the portal would: recoverable, and the name stays taken.</summary>
    public void SoftDelete(VaultObject target)
    {
        lock (_gate) { Existing(target).IsDeleted = true; }
    }

    public Task<VaultCertificate?> FindCertificateAsync(VaultObject target, string? version, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult(Find(target, version) is { Leaf: not null } found ? ToCertificate(found) : null);
        }
    }

    public async IAsyncEnumerable<VaultCertificateEntry> ListCertificatesAsync(
        Uri vault, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<VaultCertificateEntry> found;
        lock (_gate)
        {
            found = [.. _entries.Where(pair => pair.Key.Vault == vault && pair.Value is { IsDeleted: false, Versions: [.., { Leaf: not null }] })
                .Select(pair => (pair.Key.Name, Newest: pair.Value.Versions[^1]))
                .Select(pair => new VaultCertificateEntry(pair.Name, X509Facts.Read(pair.Newest.Leaf!.Value).X5t, pair.Newest.IsEnabled, pair.Newest.Tags))];
        }

        foreach (var each in found) { yield return each; }

        await Task.CompletedTask;
    }

    public Task<ImportResult> ImportAsync(VaultObject target, CertificateImport import, CancellationToken cancellationToken)
    {
        var (leaf, stored) = _open(import);
        lock (_gate)
        {
            var entry = GetOrAdd(target);
            if (entry.IsDeleted) { return Task.FromResult<ImportResult>(new ImportResult.SoftDeleted()); }
            if (entry.Versions.Exists(version => version.Leaf is null)) { throw Refused(409, "Conflict", target, "is a plain secret"); }

            return Task.FromResult<ImportResult>(new ImportResult.Imported(Add(entry, leaf, stored, import.Tags)));
        }
    }

    public Task UpdateCertificateTagsAsync(VaultObject target, string version, ValueMap tags, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var found = Find(target, version) is { Leaf: not null } certificate ? certificate : throw Refused(404, "CertificateNotFound", target, $"has no version {version}");
            found.Tags = tags;
        }

        return Task.CompletedTask;
    }

    public Task<ValueMap?> FindDeletedCertificateAsync(VaultObject target, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var deleted = _entries.GetValueOrDefault(Key(target)) is { IsDeleted: true } entry ? entry.Versions[^1] : null;
            return Task.FromResult(deleted is { Leaf: not null } ? deleted.Tags : null);
        }
    }

    public Task RecoverCertificateAsync(VaultObject target, CancellationToken cancellationToken)
    {
        lock (_gate) { Existing(target).IsDeleted = false; }

        return Task.CompletedTask;
    }

    public Task<SecretText?> FindSecretAsync(VaultObject target, string? version, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult(Find(target, version) is { IsEnabled: true } found ? found.Value : null);
        }
    }

    public Task<string> SetSecretAsync(VaultObject target, SecretText value, string contentType, ValueMap tags, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var entry = GetOrAdd(target);
            if (entry.IsDeleted) { throw Refused(409, "ObjectIsDeletedButRecoverable", target, "is soft-deleted"); }
            if (entry.Versions.Exists(version => version.Leaf is not null)) { throw Refused(403, "Forbidden", target, "belongs to a certificate"); }

            return Task.FromResult(Add(entry, leaf: null, value, tags));
        }
    }

    public Task<IReadOnlyList<VaultSecretVersion>> ListSecretVersionsAsync(VaultObject target, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<VaultSecretVersion>>(
                [.. Living(target)?.Versions.Select(version => new VaultSecretVersion(version.Id, version.IsEnabled, version.Tags)).Reverse() ?? []]);
        }
    }

    public Task DisableSecretVersionAsync(VaultObject target, string version, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var found = Find(target, version) ?? throw Refused(404, "SecretNotFound", target, $"has no version {version}");
            found.IsEnabled = false;
        }

        return Task.CompletedTask;
    }

    public Task<ValueMap?> FindDeletedSecretAsync(VaultObject target, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var deleted = _entries.GetValueOrDefault(Key(target)) is { IsDeleted: true } entry ? entry.Versions[^1] : null;
            return Task.FromResult(deleted?.Tags);
        }
    }

    public Task RecoverSecretAsync(VaultObject target, CancellationToken cancellationToken) => RecoverCertificateAsync(target, cancellationToken);

    /// <summary>As Key Vault keeps it: the same key and certificates under an empty password.</summary>
    private static (ReadOnlyMemory<byte> Leaf, SecretText Stored) OpenPfx(CertificateImport import)
    {
        try
        {
            var (key, certificates) = Pfx.Read(import.PfxBase64, import.Password.Reveal());
            using (key) { return (certificates[0], Pfx.Build(key, certificates, new SecretText(""))); }
        }
        catch (CryptographicException exception)
        {
            throw new VaultException(400, "BadParameter", exception.Message, retryAfter: null, exception);
        }
    }

    private static (Uri Vault, string Name) Key(VaultObject target) => (target.Vault, target.Name.ToLowerInvariant());

    private static VaultCertificate ToCertificate(Version version) => new(version.Id, version.Leaf!.Value, version.IsEnabled, version.Tags);

    private static VaultException Refused(int status, string code, VaultObject target, string why) =>
        new(status, code, $"{target.Name} {why}.", retryAfter: null, inner: null);

    private Entry GetOrAdd(VaultObject target)
    {
        if (!_entries.TryGetValue(Key(target), out var entry)) { _entries[Key(target)] = entry = new Entry(); }

        return entry;
    }

    private Entry Existing(VaultObject target) =>
        _entries.GetValueOrDefault(Key(target)) ?? throw Refused(404, "CertificateNotFound", target, "does not exist");

    private Entry? Living(VaultObject target) => _entries.GetValueOrDefault(Key(target)) is { IsDeleted: false } entry ? entry : null;

    private Version? Find(VaultObject target, string? version) => version is null
        ? Living(target)?.Versions.LastOrDefault()
        : Living(target)?.Versions.Find(candidate => candidate.Id == version);

    private string Add(Entry entry, ReadOnlyMemory<byte>? leaf, SecretText value, ValueMap tags)
    {
        var id = $"{++_versions:x32}";
        entry.Versions.Add(new Version(id, leaf, value, tags));
        return id;
    }

    private sealed class Entry
    {
        public List<Version> Versions { get; } = [];

        public bool IsDeleted { get; set; }
    }

    private sealed class Version(string id, ReadOnlyMemory<byte>? leaf, SecretText value, ValueMap tags)
    {
        public string Id => id;

        public ReadOnlyMemory<byte>? Leaf => leaf;

        public SecretText Value => value;

        public ValueMap Tags { get; set; } = tags;

        public bool IsEnabled { get; set; } = true;
    }
}
