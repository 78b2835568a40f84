using System.Text;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.CertificateRequests;

/// <summary>Keys that nobody may get a certificate for any more, by the SHA-256 of their public part: they were revoked.</summary>
public sealed class BlockedKeys(IObjectStore objects)
{
    public const string Reason = "KeyBlocked";

    public const string Message = "The key was revoked and is not certified again.";

    /// <summary>Safe to repeat.</summary>
    public Task BlockAsync(string keyHash, string reason, CancellationToken cancellationToken) =>
        objects.PutIfAbsentAsync(Name(keyHash), Encoding.UTF8.GetBytes(reason), cancellationToken);

    public async Task<bool> IsBlockedAsync(string keyHash, CancellationToken cancellationToken) => await objects.FindAsync(Name(keyHash), cancellationToken) is not null;

    private static string Name(string keyHash) => $"blocked-keys/{keyHash}";
}
