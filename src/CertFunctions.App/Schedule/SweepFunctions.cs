using CertFunctions.App.Api;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Schedule;

/// <summary>The last net: files a due entry for any resource that lacks one, and purges finished histories.</summary>
public sealed class SweepFunctions(
    IObjectStore objects, ResourceKinds kinds, DueIndex due, TimeProvider time, IOptions<ScheduleOptions> options, ILogger<SweepFunctions> log)
{
    [Function("SweepState")]
    public async Task SweepState(
        [TimerTrigger("%Schedule:Sweep%")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        var scheduled = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var entry in objects.ListAllAsync(DueEntry.Prefix, cancellationToken))
        {
            if (DueEntry.TryParse(entry.Name) is { } parsed) { scheduled.Add(parsed.Uid); }
        }

        foreach (var kind in kinds.All) { await RepairAsync(kind, scheduled, cancellationToken); }

        var finished = new PurgeInstancesFilter(
            DateTimeOffset.UnixEpoch,
            time.GetUtcNow() - options.Value.KeepHistory,
            [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated]);
        await client.PurgeAllInstancesAsync(finished, cancellationToken);
    }

    private async Task RepairAsync(ResourceKind kind, HashSet<string> scheduled, CancellationToken cancellationToken)
    {
        await foreach (var entry in objects.ListAllAsync($"resources/{kind.Plural}/", cancellationToken))
        {
            var parts = entry.Name.Split('/');
            if (parts.Length != 4 || entry.Metadata.Find("uid") is not { } uid || scheduled.Contains(uid)) { continue; }

            var name = new ResourceName(parts[2] == "_" ? null : parts[2], parts[3]);
            await due.FileAsync(kind, name, uid, time.GetUtcNow(), cancellationToken);
            log.Repaired(kind.Kind, name.Namespace, name.Name);
        }
    }
}
