using System.Text.Json;
using System.Text.Json.Serialization;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.Bundles;

/// <summary>A certificate in a published file.</summary>
/// <param name="Since">When the last version without it stopped being current, by the store's clock.</param>
public sealed record HeldAnchor(string Thumbprint, string KeyHash, DateTimeOffset Since);

/// <summary>What one published file held, in the version that this speaks of.</summary>
/// <param name="Rotations">Those that the run knew of which wrote it: for another one it proves nothing.</param>
public sealed record FileHolds(string ETag, IReadOnlyList<HeldAnchor> Anchors, IReadOnlyList<string> Rotations);

/// <summary>Since when every published file of a Bundle holds what: the proof that a rotation waits for (ca-rotation 7). What it does not know counts from now: late is safe.</summary>
public sealed class BundleLedger(IObjectStore objects)
{
    /// <summary>By file name; empty when nothing was published.</summary>
    public async Task<IReadOnlyDictionary<string, FileHolds>> ReadAsync(string bundleUid, CancellationToken cancellationToken) =>
        await objects.FindAsync(Name(bundleUid), cancellationToken) is { } found ? Parse(found) : new Dictionary<string, FileHolds>(StringComparer.Ordinal);

    /// <summary>Notes what a file holds as it is now.</summary>
    /// <param name="before">The version that it took the place of; null: none, or an unknown one.</param>
    /// <param name="rotations">Those that the writer knew of.</param>
    public async Task RecordAsync(
        string bundleUid, string file, PublishedFile now, ETag? before, IReadOnlyList<AnchorFacts> anchors, IReadOnlyList<string> rotations, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await objects.FindAsync(Name(bundleUid), cancellationToken);
            var files = found is null ? new Dictionary<string, FileHolds>(StringComparer.Ordinal) : Parse(found);
            var old = files.GetValueOrDefault(file);
            if (old?.ETag == now.ETag.Value) { return; }

            // Only a version that follows the one we know of carries its times on.
            var known = old is not null && old.ETag == before?.Value ? old.Anchors.ToDictionary(each => each.Thumbprint, each => each.Since) : [];
            files[file] = new(now.ETag.Value, [.. anchors.Select(each => new HeldAnchor(each.Thumbprint, each.KeyHash, known.GetValueOrDefault(each.Thumbprint, now.Modified)))], rotations);
            if (await PutAsync(bundleUid, files, found, cancellationToken)) { return; }
        }
    }

    /// <summary>Forgets a file that is no longer published.</summary>
    public async Task ForgetAsync(string bundleUid, string file, CancellationToken cancellationToken)
    {
        while (await objects.FindAsync(Name(bundleUid), cancellationToken) is { } found && Parse(found) is var files && files.Remove(file))
        {
            if (await PutAsync(bundleUid, files, found, cancellationToken)) { return; }
        }
    }

    /// <summary>Removes all that is kept about a Bundle that is gone: what its files held, and the last good content of its sources.</summary>
    public async Task RemoveAsync(string bundleUid, CancellationToken cancellationToken)
    {
        await foreach (var entry in objects.ListAllAsync($"bundles/{bundleUid}/", cancellationToken)) { await objects.DeleteAsync(entry.Name, cancellationToken); }
    }

    private async Task<bool> PutAsync(string bundleUid, Dictionary<string, FileHolds> files, StoredObject? found, CancellationToken cancellationToken)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(files, LedgerJson.Default.DictionaryStringFileHolds);
        var result = found is null
            ? await objects.PutIfAbsentAsync(Name(bundleUid), content, cancellationToken)
            : await objects.PutIfMatchAsync(found.Name, content, found.ETag, cancellationToken);
        return result is PutResult.Written;
    }

    private static Dictionary<string, FileHolds> Parse(StoredObject found) => JsonSerializer.Deserialize(found.Content.Span, LedgerJson.Default.DictionaryStringFileHolds)!;

    private static string Name(string bundleUid) => $"bundles/{bundleUid}/ledger";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Dictionary<string, FileHolds>))]
internal sealed partial class LedgerJson : JsonSerializerContext;
