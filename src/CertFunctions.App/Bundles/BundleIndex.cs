using CertFunctions.App.Api;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.DurableTask.Client;

namespace CertFunctions.App.Bundles;

/// <summary>Wakes the Bundles when something that they may hold has changed. There are few, and which of them it concerns only their own run can tell.</summary>
public sealed class BundleIndex(IObjectStore objects, DueIndex due, RunStarter runs, TimeProvider time)
{
    /// <summary>Longer than the write takes that it is filed before.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);


    /// <summary>Filed first, then started.</summary>
    /// <param name="client">Null: where nobody may start runs; then the timer does, soon.</param>
    public async Task WakeAllAsync(DurableTaskClient? client, CancellationToken cancellationToken)
    {
        await foreach (var entry in objects.ListAllAsync(BundleKind.Kind.ObjectPrefix, cancellationToken))
        {
            if (entry.Metadata.Find("uid") is not { Length: > 0 } uid) { continue; }

            var name = new ResourceName(null, entry.Name[(entry.Name.LastIndexOf('/') + 1)..]);
            var filed = await due.FileAsync(BundleKind.Kind, name, uid, client is null ? time.GetUtcNow() + Soon : due.WriterDate, cancellationToken);
            if (client is not null) { await runs.StartAsync(client, BundleKind.Kind, new RunTicket(BundleKind.Kind.Plural, null, name.Name, uid, filed), cancellationToken); }
        }
    }
}
