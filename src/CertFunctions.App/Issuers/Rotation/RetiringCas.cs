using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Issuers.Rotation;

/// <summary>Finds what is left of a CA that signs no more (ca-rotation 12, 13): from the issued log, asked anew each time.</summary>
public sealed class RetiringCas(IssuedLog log, ResourceStore store, CaIssuers issuers, TimeProvider time)
{
    /// <summary>One answer a retiring CA; empty when there is none.</summary>
    public async Task<ValueList<RetiringLeaves>> LeavesAsync(
        string issuerUid, PinnedSigner? pinned, IReadOnlyList<RetiringSigner> retiring, DateTimeOffset? clock, CancellationToken cancellationToken)
    {
        if (retiring.Count == 0 || pinned is null) { return []; }

        var now = clock ?? time.GetUtcNow();
        var live = await LiveAsync(issuerUid, now, cancellationToken);
        var unused = await UnusedCasAsync(live.Where(entry => retiring.Any(each => IsOf(entry, each.Signer, pinned))), now, cancellationToken);
        var found = new List<RetiringLeaves>();
        foreach (var each in retiring) { found.Add(await LeavesAsync(each, pinned, live, unused, cancellationToken)); }

        return [.. found];
    }

    /// <summary>The Certificates that hold a leaf of any retiring CA.</summary>
    public async Task<IReadOnlyList<Stored<Certificate>>> HoldersAsync(string issuerUid, PinnedSigner pinned, IReadOnlyList<RetiringSigner> retiring, CancellationToken cancellationToken)
    {
        var live = await LiveAsync(issuerUid, time.GetUtcNow(), cancellationToken);
        var of = live.Where(entry => retiring.Any(each => IsOf(entry, each.Signer, pinned))).ToList();
        var (holders, _) = await OwnersAsync(of, pinned, retiring, cancellationToken);
        return holders;
    }

    private async Task<RetiringLeaves> LeavesAsync(
        RetiringSigner retiring, PinnedSigner pinned, IReadOnlyList<IssuedEntry> live, HashSet<string> unused, CancellationToken cancellationToken)
    {
        var left = live.Where(entry => IsOf(entry, retiring.Signer, pinned) && !unused.Contains(entry.SerialNumber)).ToList();

        // Once all are re-issued and only time is waited for, nobody asks each Certificate every hour.
        var isSettled = retiring.ReissuedAt is not null && retiring.Quick is not true && retiring.Emergency is not true;
        var (holders, gone) = isSettled ? ([], []) : await OwnersAsync(left, pinned, [retiring], cancellationToken);
        var unmanaged = left.Count(entry => entry.Tags.Owner is not { } owner || gone.Contains(owner) || entry.Tags.IsCA);
        return new RetiringLeaves(retiring.Signer.Thumbprint, left.Count, unmanaged, holders.Count);
    }

    /// <summary>CAs below it that nothing needs any more: no issuer has them, and no live certificate of anybody was signed by them.</summary>
    private async Task<HashSet<string>> UnusedCasAsync(IEnumerable<IssuedEntry> of, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var unused = of.Where(entry => entry.Tags.IsCA).Select(entry => entry.SerialNumber).ToHashSet(StringComparer.Ordinal);
        if (unused.Count == 0) { return unused; }

        foreach (var signer in (await issuers.ListAsync(cancellationToken)).SelectMany(issuer => issuer.All)) { unused.Remove(signer.SerialNumber ?? ""); }

        await foreach (var entry in log.ListLiveAsync(issuerUid: null, now, cancellationToken)) { unused.Remove(entry.Tags.SignerSerial ?? ""); }

        return unused;
    }

    private async Task<(List<Stored<Certificate>> Holders, HashSet<string> Gone)> OwnersAsync(
        IReadOnlyList<IssuedEntry> of, PinnedSigner pinned, IReadOnlyList<RetiringSigner> retiring, CancellationToken cancellationToken)
    {
        var holders = new List<Stored<Certificate>>();
        var gone = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in of.Where(entry => entry.Tags.Owner is not null).DistinctBy(entry => entry.Tags.Owner))
        {
            if (entry.Tags.OwnerName?.Split('/') is not [var ns, var name]
                || await store.FindAsync(CertificateKind.Kind, new ResourceName(ns, name), entry.Tags.Owner!, cancellationToken) is not { Resource.Metadata.DeletionTimestamp: null } found)
            {
                gone.Add(entry.Tags.Owner!);
            }
            else if (retiring.Any(each => Holds(found.Resource, each.Signer, pinned))) { holders.Add(found); }
        }

        return (holders, gone);
    }

    /// <summary>Whether what it holds was signed by this CA; what nobody knows the signer of may have been.</summary>
    private static bool Holds(Certificate certificate, PinnedSigner signer, PinnedSigner pinned) => certificate.Status?.Vault is { Version: not null } vault
        && (vault.IssuerSerial is null || vault.IssuerSerial != pinned.SerialNumber)   // a pin of the same key and another identifier: its own leaves are not the old one's
        && (vault.IssuerKey is null || (vault.IssuerKey == signer.KeyHash && (vault.RootKey is null || vault.RootKey == signer.RootKeyHash)));

    private static bool IsOf(IssuedEntry entry, PinnedSigner signer, PinnedSigner pinned) => entry.Tags.Signer.Key.Length == 0
        || (IsOf(entry.Tags.Signer, signer) && (entry.Tags.SignerSerial is null || entry.Tags.SignerSerial != pinned.SerialNumber))
        || (entry.Tags.Before is { } before && IsOf(before, signer));   // whoever was about to sign first may still do it

    private static bool IsOf(SignerKeys keys, PinnedSigner signer) => keys.Key == signer.KeyHash && (keys.RootKey is null || keys.RootKey == signer.RootKeyHash);

    private async Task<IReadOnlyList<IssuedEntry>> LiveAsync(string issuerUid, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var live = new List<IssuedEntry>();
        await foreach (var entry in log.ListLiveAsync(issuerUid, now, cancellationToken)) { live.Add(entry); }

        return live;
    }
}
