using CertFunctions.App.Api;
using CertFunctions.Core.Ports;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Schedule;

/// <summary>The timer that makes sure nothing is forgotten: it walks what is due and starts runs. It writes nothing but its heartbeat (and moves unreadable names aside).</summary>
public sealed class ScheduleFunctions(
    IObjectStore objects, ResourceKinds kinds, RunStarter starter, TimeProvider time, IOptions<ScheduleOptions> options, ILogger<ScheduleFunctions> log)
{
    [Function("StartDue")]
    public async Task StartDue(
        [TimerTrigger("%Schedule:StartDue%")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = await DueAsync(now, cancellationToken);
        var most = options.Value.StartsPerTick;
        var first = due.Count > most ? (int)(now.Ticks / options.Value.Pace.Ticks * most % due.Count) : 0;

        var started = 0;
        foreach (var entry in due.Skip(first).Concat(due.Take(first)).Take(most))
        {
            if (kinds.Find(entry.Plural) is not { } kind) { continue; }
            if (await starter.StartAsync(client, kind, entry.Ticket, cancellationToken)) { started++; }
            else { await TerminateIfStuckAsync(client, RunStarter.InstanceId(kind, entry.Uid), entry, now, cancellationToken); }
        }

        if (started > 0) { log.StartedDue(started); }
    }

    /// <summary>Entries that are due and whose age says it is time for another start: 0, 1, 2, 4, 8 and every 15 paces.</summary>
    private async Task<List<DueEntry>> DueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var until = DueEntry.DueUntil(now);
        var due = new List<DueEntry>();
        await foreach (var listed in objects.ListAllAsync(DueEntry.Prefix, cancellationToken))
        {
            if (string.CompareOrdinal(listed.Name, until) >= 0) { break; }
            if (DueEntry.TryParse(listed.Name) is not { } entry) { await MoveAsideAsync(listed, cancellationToken); }
            else if (IsTime(now - entry.At)) { due.Add(entry); }
        }

        return due;
    }

    private bool IsTime(TimeSpan age) => (long)(age / options.Value.Pace) is var paces && (paces is 0 or 1 or 2 or 4 or 8 || paces % 15 == 0);

    private async Task MoveAsideAsync(ObjectEntry entry, CancellationToken cancellationToken)
    {
        log.BadEntry(entry.Name);
        if (!ObjectRules.IsName($"bad/{entry.Name}")) { return; }   // too long: it stays, and the others go on

        await objects.PutIfAbsentAsync($"bad/{entry.Name}", default, cancellationToken);
        await objects.DeleteIfMatchAsync(entry.Name, entry.ETag, cancellationToken);
    }

    private async Task TerminateIfStuckAsync(
        DurableTaskClient client, string instanceId, DueEntry entry, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (now - entry.At < options.Value.Stuck) { return; }
        if (await client.GetInstanceAsync(instanceId, cancellationToken) is not { IsCompleted: false } instance) { return; }
        if (now - instance.LastUpdatedAt < options.Value.Stuck) { return; }

        log.Terminated(instanceId, instance.LastUpdatedAt);
        await client.TerminateInstanceAsync(instanceId, cancellationToken);
    }
}
