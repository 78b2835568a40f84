using CertFunctions.App.Api;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Schedule;

/// <summary>The last net under the indexes: every resource has a due entry, no entry outlives the run that filed it, and nothing names who is gone.</summary>
public sealed class IndexSweep(
    IObjectStore objects, ResourceKinds kinds, DueIndex due, TimeProvider time, IOptions<ScheduleOptions> options, ILogger<IndexSweep> log)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // In this order: what a writer under way has put is seen together with its due entry, which is older and kept for an hour.
        var indexed = await IndexedAsync(cancellationToken);
        var entries = new List<DueEntry>();
        await foreach (var listed in objects.ListAllAsync(DueEntry.Prefix, cancellationToken))
        {
            if (DueEntry.TryParse(listed.Name) is { } entry) { entries.Add(entry); }
        }

        var named = new Dictionary<string, string?>(StringComparer.Ordinal);
        var scheduled = entries.Select(entry => entry.ObjectName).ToHashSet(StringComparer.Ordinal);
        foreach (var kind in kinds.All) { await RepairAsync(kind, named, scheduled, cancellationToken); }

        var alive = named.Keys.Concat(entries.Select(entry => entry.Uid)).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in indexed.Where(entry => !alive.Contains(entry.Name[(entry.Name.LastIndexOf('/') + 1)..])))
        {
            await objects.DeleteIfMatchAsync(gone.Name, gone.ETag, cancellationToken);
        }

        foreach (var entry in entries.Where(entry => IsStray(entry, named))) { await due.RemoveAsync(entry.ObjectName, except: null, cancellationToken); }
    }

    /// <summary>What the indexes by issuer and by secret hold; the last part of each name is a uid.</summary>
    private async Task<List<ObjectEntry>> IndexedAsync(CancellationToken cancellationToken)
    {
        var indexed = new List<ObjectEntry>();
        foreach (var prefix in (string[])["by-issuer/", "by-secret/"])
        {
            await foreach (var entry in objects.ListAllAsync(prefix, cancellationToken)) { indexed.Add(entry); }
        }

        return indexed;
    }

    /// <summary>An old entry in the future that its resource does not name: filed by a run that another overtook. A writer's entry is never in the future for long.</summary>
    private bool IsStray(DueEntry entry, Dictionary<string, string?> named)
    {
        var now = time.GetUtcNow();
        return entry.At > now && now - entry.Birth > options.Value.WriteLifetime && named.GetValueOrDefault(entry.Uid) != entry.ObjectName;
    }

    private async Task RepairAsync(ResourceKind kind, Dictionary<string, string?> named, HashSet<string> scheduled, CancellationToken cancellationToken)
    {
        await foreach (var entry in objects.ListAllAsync(kind.ObjectPrefix, cancellationToken))
        {
            var parts = entry.Name.Split('/');
            if (parts.Length != 4 || entry.Metadata.Find("uid") is not { } uid) { continue; }

            named[uid] = ResourceStore.Unescape(entry.Metadata.Find("due"));
            if (named[uid] is { } wanted && scheduled.Contains(wanted)) { continue; }

            var name = new ResourceName(parts[2] == "_" ? null : parts[2], parts[3]);
            if (named[uid] is { } missing)
            {
                await objects.PutIfAbsentAsync(missing, default, cancellationToken);
                log.Repaired(kind.Kind, name.Namespace, name.Name);
                continue;
            }

            // Made for a Certificate, whose run takes care of it: from now on it has a date of its own, for it may be an orphan.
            await due.FileAsync(kind, name, uid, time.GetUtcNow(), cancellationToken);
        }
    }
}
