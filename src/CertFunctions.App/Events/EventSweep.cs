using CertFunctions.App.Api;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Events;

/// <summary>Removes the events of resources that are gone. They go with their resource; this catches what a crash, or a late recorder, left.</summary>
public sealed class EventSweep(IObjectStore objects, ResourceKinds kinds, ILogger<EventSweep> log)
{
    /// <summary>Lists the events first: those of a resource made meanwhile are not in the list.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var kept = new List<ObjectEntry>();
        await foreach (var entry in objects.ListAllAsync(EventSubject.Prefix, cancellationToken)) { kept.Add(entry); }

        var living = new HashSet<string>(StringComparer.Ordinal);
        foreach (var kind in kinds.All)
        {
            await foreach (var entry in objects.ListAllAsync(kind.ObjectPrefix, cancellationToken)) { living.Add(entry.Metadata.Find("uid") ?? ""); }
        }

        var removed = 0;
        foreach (var entry in kept.Where(entry => !living.Contains(entry.Metadata.Find("uid") ?? "")))
        {
            if (await objects.DeleteIfMatchAsync(entry.Name, entry.ETag, cancellationToken)) { removed++; }
        }

        if (removed > 0) { log.EventsSwept(removed); }
    }
}
