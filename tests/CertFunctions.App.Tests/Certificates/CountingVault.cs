using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Certificates;

/// <summary>Writes down every call: what a run costs, and whether it read a value.</summary>
internal sealed class CountingVault(IVault inner) : IVault
{
    public List<string> Calls { get; } = [];

    /// <summary>Runs before a call, named as in <see cref="Calls"/>: somebody else is faster, or the vault refuses.</summary>
    public Func<string, Task>? Before { get; set; }

    public async Task<VaultCertificate?> FindCertificateAsync(VaultObject target, string? version, CancellationToken cancellationToken)
    {
        await NoteAsync("certificate", target);
        return await inner.FindCertificateAsync(target, version, cancellationToken);
    }

    public async Task<SecretText?> FindSecretAsync(VaultObject target, string? version, CancellationToken cancellationToken)
    {
        await NoteAsync("value", target);
        return await inner.FindSecretAsync(target, version, cancellationToken);
    }

    public async Task<string> SetSecretAsync(VaultObject target, SecretText value, string contentType, ValueMap tags, CancellationToken cancellationToken)
    {
        await NoteAsync("set", target);
        return await inner.SetSecretAsync(target, value, contentType, tags, cancellationToken);
    }

    public async Task<IReadOnlyList<VaultSecretVersion>> ListSecretVersionsAsync(VaultObject target, CancellationToken cancellationToken)
    {
        await NoteAsync("list", target);
        return await inner.ListSecretVersionsAsync(target, cancellationToken);
    }

    public async Task DisableSecretVersionAsync(VaultObject target, string version, CancellationToken cancellationToken)
    {
        await NoteAsync("disable", target);
        await inner.DisableSecretVersionAsync(target, version, cancellationToken);
    }

    public async Task RecoverSecretAsync(VaultObject target, CancellationToken cancellationToken)
    {
        await NoteAsync("recover", target);
        await inner.RecoverSecretAsync(target, cancellationToken);
    }

    public Task<ImportResult> ImportAsync(VaultObject target, CertificateImport import, CancellationToken cancellationToken) => inner.ImportAsync(target, import, cancellationToken);

    public Task<ValueMap?> FindDeletedCertificateAsync(VaultObject target, CancellationToken cancellationToken) => inner.FindDeletedCertificateAsync(target, cancellationToken);

    public Task RecoverCertificateAsync(VaultObject target, CancellationToken cancellationToken) => inner.RecoverCertificateAsync(target, cancellationToken);

    public Task<ValueMap?> FindDeletedSecretAsync(VaultObject target, CancellationToken cancellationToken) => inner.FindDeletedSecretAsync(target, cancellationToken);

    public Task UpdateCertificateTagsAsync(VaultObject target, string version, ValueMap tags, CancellationToken cancellationToken) =>
        inner.UpdateCertificateTagsAsync(target, version, tags, cancellationToken);

    public IAsyncEnumerable<VaultCertificateEntry> ListCertificatesAsync(Uri vault, CancellationToken cancellationToken) => inner.ListCertificatesAsync(vault, cancellationToken);

    private async Task NoteAsync(string call, VaultObject target)
    {
        var note = $"{call} {target.Name}";
        lock (Calls) { Calls.Add(note); }
        if (Before is { } before) { await before(note); }
    }
}
