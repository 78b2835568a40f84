using System.Text.Json;
using System.Text.Json.Serialization;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Schedule;

/// <summary>Who may write a vault object. Key Vault has no conditional write: this is where such races are decided (design §3, §4).</summary>
/// <remarks>
/// A claim is never released. It is taken over when its owner is gone or names another object and its last confirmation is older than the lease wait.
/// The claim is also the lease of an import: taken by put-if-match before the import, given back after the status is written.
/// </remarks>
public sealed class VaultClaims(IObjectStore objects, TimeProvider time, IOptions<ScheduleOptions> options)
{
    public async Task<ClaimFacts?> FindAsync(VaultObject target, CancellationToken cancellationToken)
    {
        if (await ReadAsync(target, cancellationToken) is not var (claim, _)) { return null; }

        return new ClaimFacts(claim.Owner, claim.OwnerUid, claim.Lease?.RequestUid, claim.Lease?.Taken + options.Value.LeaseWait);
    }

    /// <summary>Makes the claim this owner's, or confirms that it is.</summary>
    /// <param name="isGone">Tells whether the present owner (<c>namespace/name</c>, uid) no longer exists or names another object.</param>
    /// <returns>Null: ours. Otherwise the owner it stays with.</returns>
    public async Task<string?> ClaimAsync(VaultObject target, string owner, string ownerUid, Func<string, string, Task<bool>> isGone, CancellationToken cancellationToken)
    {
        while (true)
        {
            var mine = new ClaimRecord(owner, ownerUid, time.GetUtcNow(), Lease: null);
            if (await ReadAsync(target, cancellationToken) is not var (claim, etag))
            {
                if (await objects.PutIfAbsentAsync(Name(target), Bytes(mine), cancellationToken) is PutResult.Written) { return null; }
                continue;
            }

            var isOurs = claim.OwnerUid == ownerUid;
            if (!isOurs && (time.GetUtcNow() - claim.Confirmed < options.Value.LeaseWait || !await isGone(claim.Owner, claim.OwnerUid))) { return claim.Owner; }

            var next = isOurs ? claim with { Confirmed = mine.Confirmed } : mine;
            if (await objects.PutIfMatchAsync(Name(target), Bytes(next), etag, cancellationToken) is PutResult.Written) { return null; }
        }
    }

    /// <summary>Takes the lease of the import for one run; repeating it renews its own.</summary>
    /// <returns>False while another run's lease is waited for, or when the claim is not this owner's.</returns>
    public async Task<bool> TakeLeaseAsync(VaultObject target, string ownerUid, string requestUid, string run, CancellationToken cancellationToken)
    {
        if (await ReadAsync(target, cancellationToken) is not var (claim, etag) || claim.OwnerUid != ownerUid) { return false; }

        var now = time.GetUtcNow();
        if (claim.Lease is { } lease && lease.Run != run && now - lease.Taken < options.Value.LeaseWait) { return false; }

        var taken = claim with { Confirmed = now, Lease = new LeaseRecord(requestUid, run, now) };
        return await objects.PutIfMatchAsync(Name(target), Bytes(taken), etag, cancellationToken) is PutResult.Written;
    }

    /// <summary>Until when this run may start to import under its lease; null when it has none.</summary>
    public async Task<DateTimeOffset?> FreshUntilAsync(VaultObject target, string run, CancellationToken cancellationToken) =>
        await ReadAsync(target, cancellationToken) is var (claim, _) && claim.Lease?.Run == run ? claim.Lease.Taken + options.Value.LeaseFresh : null;

    /// <summary>Gives the lease back; safe to repeat, and leaves another run's alone.</summary>
    public async Task GiveBackAsync(VaultObject target, string run, CancellationToken cancellationToken)
    {
        if (await ReadAsync(target, cancellationToken) is var (claim, etag) && claim.Lease?.Run == run)
        {
            await objects.PutIfMatchAsync(Name(target), Bytes(claim with { Lease = null }), etag, cancellationToken);
        }
    }

    private static string Name(VaultObject target) => $"claims/vault/{target.Vault.Authority.Replace(':', '_')}/{target.Name}";

    private async Task<(ClaimRecord Claim, ETag ETag)?> ReadAsync(VaultObject target, CancellationToken cancellationToken) =>
        await objects.FindAsync(Name(target), cancellationToken) is { } found
            ? (JsonSerializer.Deserialize(found.Content.Span, ClaimJson.Default.ClaimRecord)!, found.ETag)
            : null;

    private static byte[] Bytes(ClaimRecord claim) => JsonSerializer.SerializeToUtf8Bytes(claim, ClaimJson.Default.ClaimRecord);
}

/// <param name="Owner"><c>namespace/name</c> of the Certificate.</param>
internal sealed record ClaimRecord(string Owner, string OwnerUid, DateTimeOffset Confirmed, LeaseRecord? Lease);

internal sealed record LeaseRecord(string RequestUid, string Run, DateTimeOffset Taken);

[JsonSerializable(typeof(ClaimRecord))]
internal sealed partial class ClaimJson : JsonSerializerContext;
