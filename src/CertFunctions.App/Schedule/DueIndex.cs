using CertFunctions.App.Api;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Schedule;

/// <summary>What must be looked at, when. The form that a model checker left standing: design §4, rules 1 to 5; kept as a test.</summary>
public sealed class DueIndex(IObjectStore objects, ResourceStore store, IIds ids, TimeProvider time, IOptions<ScheduleOptions> options)
{
    /// <summary>When an entry that a writer files now becomes due: long after the writer's own start, soon enough when that start got lost.</summary>
    public DateTimeOffset WriterDate => time.GetUtcNow() + options.Value.Visibility;

    /// <summary>The name of the entry that a run puts at its end. Pure: an orchestrator chooses <paramref name="unique"/>, a repeated activity files the same.</summary>
    public static string NameFor(RunTicket ticket, DateTimeOffset at, DateTimeOffset birth, string unique) =>
        new DueEntry(at, ticket.Plural, ticket.Namespace, ticket.Name, ticket.Uid, birth, unique).ObjectName;

    /// <summary>Files a new entry, before the write or the wake it belongs to; returns its name.</summary>
    public async Task<string> FileAsync(ResourceKind kind, ResourceName name, string uid, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var entry = new DueEntry(at, kind.Plural, name.Namespace, name.Name, uid, time.GetUtcNow(), ids.NewUid().Replace("-", "", StringComparison.Ordinal)).ObjectName;
        await objects.PutIfAbsentAsync(entry, default, cancellationToken);
        return entry;
    }

    /// <summary>The end of a run: writes <paramref name="updated"/> with its next date, files that entry, removes the run's own and the one named before.</summary>
    /// <param name="read">What the run read; the write is conditional on its version.</param>
    /// <param name="next">From <see cref="NameFor"/>.</param>
    /// <returns>False when somebody wrote meanwhile: gather again. A repeat after success is recognised by the unique part of <paramref name="next"/>.</returns>
    public async Task<bool> SettleAsync<T>(ResourceKind<T> kind, RunTicket ticket, Stored<T> read, T updated, string next, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        if (await store.ReplaceAsync(kind, updated, read.Version, next, cancellationToken) is null)
        {
            var current = await store.FindAsync(kind, new ResourceName(ticket.Namespace, ticket.Name), cancellationToken);
            if (current?.Due is not { } filed || !SameWriter(filed, next)) { return false; }

            next = filed;
        }

        await objects.PutIfAbsentAsync(next, default, cancellationToken);
        await RemoveAsync(ticket.Entry, next, cancellationToken);
        if (read.Due != ticket.Entry) { await RemoveAsync(read.Due, next, cancellationToken); }

        await AgreeAsync(kind, ticket, next, cancellationToken);
        return true;
    }

    /// <summary>Ends a run whose resource is absent or has another uid: its entry goes once no HTTP write can still be on its way.</summary>
    public async Task DropAsync(RunTicket ticket, CancellationToken cancellationToken)
    {
        if (DueEntry.TryParse(ticket.Entry) is { } entry && time.GetUtcNow() - entry.Birth < options.Value.WriteLifetime) { return; }

        await RemoveAsync(ticket.Entry, except: null, cancellationToken);
    }

    /// <summary>Removes one entry; safe to repeat.</summary>
    public async Task RemoveAsync(string? entry, string? except, CancellationToken cancellationToken)
    {
        if (entry is null || entry == except) { return; }

        await objects.DeleteAsync(entry, cancellationToken);
    }

    /// <summary>
    /// Another run may have settled between our write and our entry, looked for the entry too early, or died before it filed its own: until the resource
    /// names what we filed, file what it names and remove ours.
    /// </summary>
    private async Task AgreeAsync<T>(ResourceKind<T> kind, RunTicket ticket, string filed, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        while (true)
        {
            var current = await store.FindAsync(kind, new ResourceName(ticket.Namespace, ticket.Name), cancellationToken);
            var named = current?.Resource.Metadata.Uid == ticket.Uid ? current.Due : null;
            if (named == filed) { return; }
            if (named is not null) { await objects.PutIfAbsentAsync(named, default, cancellationToken); }

            await RemoveAsync(filed, except: null, cancellationToken);
            if (named is null) { return; }

            filed = named;
        }
    }

    private static bool SameWriter(string filed, string next) =>
        DueEntry.TryParse(filed) is { } left && DueEntry.TryParse(next) is { } right && left.Unique == right.Unique && left.Uid == right.Uid;
}
