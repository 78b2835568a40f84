using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>The client side of the engine (functions-api-surface.md §7.9). Every call is durable when it returns.</summary>
internal sealed class EngineClient(DurableEngine engine, DataConverter converter) : DurableTaskClient("local")
{
    private const int PurgedAtOnce = 200;

    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var id = options?.InstanceId ?? Guid.NewGuid().ToString("N");
        RequireValid(id);
        var blocking = (options?.DedupeStatuses ?? []).Select(Parse).ToList();
        var now = engine.Now;
        var row = new InstanceRow(
            engine.NextNumber(), id, orchestratorName, OrchestrationRuntimeStatus.Pending, now, now, converter.Serialize(input), null, null, null,
            options?.Tags is { Count: > 0 } tags ? JsonSerializer.Serialize(tags) : null, null, options?.StartAt?.UtcDateTime);

        var blocker = await engine.Commits.RunAsync(
            store => Start(store, row, blocking),
            blocked =>
            {
                if (blocked is null) { engine.Adopt(row); }
            });
        return blocker is null
            ? id
            : throw new OrchestrationAlreadyExistsException($"An orchestration with id '{id}' already exists. It's in the {blocker} state.");
    }

    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new HistoryEvent(EventKind.EventRaised, Name: eventName, Data: converter.Serialize(eventPayload)), cancellation);

    public override Task TerminateInstanceAsync(string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new HistoryEvent(EventKind.Terminate, Data: converter.Serialize(options?.Output)), cancellation);

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new HistoryEvent(EventKind.Suspend), cancellation);

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new HistoryEvent(EventKind.Resume), cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, row => row.Status is not OrchestrationRuntimeStatus.Pending, getInputsAndOutputs, cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, row => row.IsFinished, getInputsAndOutputs, cancellation);

    public override async Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        return await FindAsync(instanceId) is { } row ? Metadata(row, getInputsAndOutputs) : null;
    }

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null)
    {
        var query = filter ?? new OrchestrationQuery();
        return Pageable.Create<OrchestrationMetadata>(async (token, size, cancellation) =>
        {
            cancellation.ThrowIfCancellationRequested();
            var after = (token ?? query.ContinuationToken) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
            var limit = size ?? query.PageSize;
            var rows = await engine.Commits.RunAsync(store => store.Page(
                after, query.CreatedFrom?.UtcDateTime, query.CreatedTo?.UtcDateTime, query.InstanceIdPrefix, finishedOnly: false, limit + 1));

            var wanted = rows.Take(limit).Select(Current).Where(row => Matches(query.Statuses, row));
            return new Page<OrchestrationMetadata>(
                [.. wanted.Select(row => Metadata(row, query.FetchInputsAndOutputs))],
                rows.Count > limit ? rows[limit - 1].Key.ToString(CultureInfo.InvariantCulture) : null);
        });
    }

    public override async Task<PurgeResult> PurgeInstanceAsync(
        string instanceId, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var count = await engine.Commits.RunAsync(
            store =>
            {
                if (store.Find(instanceId) is not { IsFinished: true } row) { return 0; }
                store.Remove(row.Key);
                return 1;
            },
            _ => engine.Pulses.Pulse(instanceId));
        return new PurgeResult(count, isComplete: true);
    }

    public override async Task<PurgeResult> PurgeAllInstancesAsync(
        PurgeInstancesFilter filter, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        var purged = 0;
        long after = 0;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var start = after;
            var rows = await engine.Commits.RunAsync(store =>
            {
                var page = store.Page(start, filter.CreatedFrom?.UtcDateTime, filter.CreatedTo?.UtcDateTime, null, finishedOnly: true, PurgedAtOnce);
                foreach (var row in page.Where(row => Matches(filter.Statuses, row))) { store.Remove(row.Key); }
                return page;
            });
            purged += rows.Count(row => Matches(filter.Statuses, row));
            if (rows.Count < PurgedAtOnce) { return new PurgeResult(purged, isComplete: true); }
            after = rows[^1].Key;
        }
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;   // the engine's owner disposes the engine

    /// <summary>Stores a start. Returns the status that forbids it, null if it went through.</summary>
    private OrchestrationRuntimeStatus? Start(HistoryStore store, InstanceRow row, List<OrchestrationRuntimeStatus> blocking)
    {
        if (store.Find(row.Id) is { } existing)
        {
            var status = Current(existing).Status;
            if (blocking.Contains(status)) { return status; }
            store.Remove(existing.Key);
        }

        store.Insert(row);
        return null;
    }

    private async Task SendAsync(string id, HistoryEvent message, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        message = message with { Number = engine.NextNumber() };
        await engine.Commits.RunAsync(
            store =>
            {
                if (store.Find(id) is not { IsFinished: false } row) { return 0; }   // unknown or finished: dropped, as upstream
                store.Post(row.Key, message);
                return row.Key;
            },
            key => engine.Deliver(id, key, message));
    }

    private async Task<OrchestrationMetadata> WaitAsync(string id, Func<InstanceRow, bool> until, bool withData, CancellationToken cancellation)
    {
        while (true)
        {
            var change = engine.Pulses.Next(id);
            if (await FindAsync(id) is { } row && until(row)) { return Metadata(row, withData); }
            await change.WaitAsync(cancellation);
        }
    }

    private async Task<InstanceRow?> FindAsync(string id) =>
        engine.Live.TryGetValue(id, out var live) ? live.Row : await engine.Commits.RunAsync(store => store.Find(id)) is { } row ? Current(row) : null;

    // The stored row of an unfinished instance is brought up to date rarely.
    private InstanceRow Current(InstanceRow stored) =>
        !stored.IsFinished && engine.Live.TryGetValue(stored.Id, out var live) && live.Row.Key == stored.Key ? live.Row : stored;

    private OrchestrationMetadata Metadata(InstanceRow row, bool withData) => new(row.Name, row.Id)
    {
        RuntimeStatus = row.Status,
        CreatedAt = new DateTimeOffset(row.Created),
        LastUpdatedAt = new DateTimeOffset(row.Updated),
        Tags = row.Tags is { } tags ? JsonSerializer.Deserialize<ImmutableDictionary<string, string>>(tags)! : ImmutableDictionary<string, string>.Empty,
        DataConverter = withData ? converter : null,
        SerializedInput = withData ? row.Input : null,
        SerializedOutput = withData ? row.Output : null,
        SerializedCustomStatus = withData ? row.CustomStatus : null,
        FailureDetails = withData ? row.Failure : null,
    };

    private static bool Matches(IEnumerable<OrchestrationRuntimeStatus>? statuses, InstanceRow row) =>
        statuses is null || !statuses.Any() || statuses.Contains(row.Status);

    private static OrchestrationRuntimeStatus Parse(string status) =>
        Enum.TryParse<OrchestrationRuntimeStatus>(status, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed)
            ? parsed
            : throw new ArgumentException($"Invalid orchestration runtime status: '{status}' for deduplication.", nameof(status));

    private static void RequireValid(string id)
    {
        if (id.Length is 0 or > 256 || id[0] == '@' || id.AsSpan().ContainsAny("/\\#?") || id.Any(char.IsControl))
        {
            throw new ArgumentException("An instance id has 1 to 256 characters, none of / \\ # ? or control characters, and does not begin with @.", nameof(id));
        }
    }
}
