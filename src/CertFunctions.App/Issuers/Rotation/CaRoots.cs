using CertFunctions.Core.Pki.Trust;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.Issuers.Rotation;

/// <summary>The root certificates of our issuers, kept by their SHA-256: a status names a root, a bundle needs its bytes.</summary>
public sealed class CaRoots(IObjectStore objects)
{
    /// <summary>Safe to repeat: what is under a name is what the name says.</summary>
    public Task KeepAsync(CaCertificate root, CancellationToken cancellationToken) => objects.PutIfAbsentAsync(Name(root.Thumbprint), root.Der, cancellationToken);

    /// <summary>Null when nobody kept it.</summary>
    public async Task<CaCertificate?> FindAsync(string thumbprint, CancellationToken cancellationToken) =>
        await objects.FindAsync(Name(thumbprint), cancellationToken) is { } found ? CaCertificate.Read(found.Content.ToArray()) : null;

    private static string Name(string thumbprint) => $"roots/{thumbprint}";
}
