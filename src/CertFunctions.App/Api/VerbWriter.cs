using System.Text.Json;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>What a verb makes of a resource.</summary>
/// <param name="Resource">Changed; the very one that was read when there is nothing to change.</param>
/// <param name="News">Told when it is written.</param>
/// <param name="Refused">Why it is not changed; empty when it may be.</param>
public sealed record VerbChange<T>(T Resource, Occurrence? News, IReadOnlyList<Violation> Refused)
    where T : class;

/// <summary>The write path of verbs, which reach what a PUT does not (status, one annotation): index first, then the resource, then the start (design §4, rule 2).</summary>
public sealed class VerbWriter(ResourceStore store, DueIndex due, EventRecorder events)
{
    /// <summary>Answers the resource as it is now, or why not.</summary>
    /// <param name="expected">What the caller says it read; null members are not compared.</param>
    public Task<IResult> ChangeAsync<T>(
        ResourceKind<T> kind, SubresourceCall call, ObjectMeta? expected, Func<T, VerbChange<T>> change, CancellationToken cancellationToken)
        where T : class, IResource<T> => ChangeAsync(kind, call, expected, resource => Task.FromResult(change(resource)), cancellationToken);

    /// <inheritdoc cref="ChangeAsync{T}(ResourceKind{T}, SubresourceCall, ObjectMeta?, Func{T, VerbChange{T}}, CancellationToken)"/>
    public async Task<IResult> ChangeAsync<T>(
        ResourceKind<T> kind, SubresourceCall call, ObjectMeta? expected, Func<T, Task<VerbChange<T>>> change, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        while (true)
        {
            if (await store.FindAsync(kind, call.Name, cancellationToken) is not { } read) { return Statuses.NotFound(kind, call.Name.Name); }

            var meta = read.Resource.Metadata;
            if (meta.DeletionTimestamp is not null) { return Statuses.Deleting(kind, meta.Name); }
            if ((expected?.ResourceVersion ?? read.Version.Value) != read.Version.Value || (expected?.Uid ?? meta.Uid) != meta.Uid) { return Statuses.Conflict(kind, meta.Name); }

            var changed = await change(read.Resource);
            if (changed.Refused.Count > 0) { return Statuses.Invalid(kind, meta.Name, changed.Refused); }
            if (ReferenceEquals(changed.Resource, read.Resource) || call.Request.Query["dryRun"] == "All") { return Answer(kind, changed.Resource); }

            var entry = await due.FileAsync(kind, call.Name, meta.Uid!, due.WriterDate, cancellationToken);
            if (await store.ReplaceAsync(kind, changed.Resource, read.Version, read.Due, cancellationToken) is not { } version) { continue; }

            if (changed.News is { } news) { await events.RecordAsync(news, cancellationToken); }
            await call.Start(new RunTicket(kind.Plural, call.Name.Namespace, meta.Name, meta.Uid!, entry));
            return Answer(kind, changed.Resource.WithMetadata(changed.Resource.Metadata with { ResourceVersion = version.Value }));
        }
    }

    /// <summary>The resource as it is; what a GET of a subresource answers.</summary>
    public async Task<IResult> ReadAsync<T>(ResourceKind<T> kind, SubresourceCall call, CancellationToken cancellationToken)
        where T : class, IResource<T> =>
        await store.FindAsync(kind, call.Name, cancellationToken) is { } read ? Answer(kind, read.Resource) : Statuses.NotFound(kind, call.Name.Name);

    private static IResult Answer<T>(ResourceKind<T> kind, T resource)
        where T : class, IResource<T> => Statuses.Json(200, JsonSerializer.SerializeToNode(resource, kind.Json)!);
}
