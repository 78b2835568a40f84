using CertFunctions.App.Api;
using CertFunctions.App.Bundles.Publishing;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Bundles;

/// <summary>Tells which published files hold a CA, and since when they hold the one that is to follow it (ca-rotation 7).</summary>
public sealed class BundleHolds(IObjectStore objects, ResourceStore store, IBundleStore published, BundleLedger ledger)
{
    /// <summary>Every file that holds the old root, or may: one whose content nobody noted, or that a run wrote which did not know of the rotation, counts as lacking the new.</summary>
    /// <param name="rotation">As <see cref="RotationStatus.Fence"/> names it; null: it is only about to begin.</param>
    public async Task<ValueList<BundleHold>> FindAsync(PinnedSigner old, PinnedSigner next, string? rotation, CancellationToken cancellationToken)
    {
        var holds = new List<BundleHold>();
        await foreach (var entry in objects.ListAllAsync(BundleKind.Kind.ObjectPrefix, cancellationToken))
        {
            var name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
            if (await store.FindAsync(BundleKind.Kind, new ResourceName(null, name), cancellationToken) is not { Resource: var bundle }) { continue; }

            var noted = await ledger.ReadAsync(bundle.Metadata.Uid!, cancellationToken);
            foreach (var file in BundleFiles.All)
            {
                if (await published.FindAsync(PublishedNames.Current(name, file), cancellationToken) is not { } current) { continue; }
                if (Hold(current, noted.GetValueOrDefault(file), old, next, rotation) is { } hold) { holds.Add(hold with { Problem = Problem(bundle) }); }
            }
        }

        return [.. holds];
    }

    private static BundleHold? Hold(PublishedFile file, FileHolds? noted, PinnedSigner old, PinnedSigner next, string? rotation)
    {
        if (noted is null || noted.ETag != file.ETag.Value) { return new(file.Name, NewSince: null, file.AsOf); }
        if (!noted.Anchors.Any(each => each.KeyHash == old.RootKeyHash)) { return null; }

        if (rotation is null || !noted.Rotations.Contains(rotation)) { return new(file.Name, NewSince: null, file.AsOf); }

        return new(file.Name, noted.Anchors.FirstOrDefault(each => each.Thumbprint == next.RootThumbprint)?.Since, file.AsOf);
    }

    private static string? Problem(Bundle bundle) =>
        bundle.Status?.Conditions.Find(BundleConditions.Synced) is { IsTrue: false, Reason: BundleConditions.PublishFailed } failed ? failed.Message ?? failed.Reason : null;
}
