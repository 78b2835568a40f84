using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Api;

/// <summary>How a write ended.</summary>
/// <param name="State"><c>Created</c>, <c>Changed</c>, <c>Unchanged</c>, <c>Conflict</c>, <c>Exists</c>, <c>NotFound</c>, <c>Deleting</c> or <c>Forbidden</c>.</param>
/// <param name="Violations">Why it is <c>Forbidden</c>.</param>
public sealed record WriteOutcome<T>(string State, T? Resource, IReadOnlyList<Violation>? Violations = null)
    where T : class;

/// <summary>The write path of every kind: index first, then the resource, then the start (design §4, rule 2).</summary>
/// <remarks>A crash in between costs one needless look, never a forgotten wish.</remarks>
public sealed class ResourceWriter(ResourceStore store, IObjectStore objects, DueIndex due, IIds ids, TimeProvider time)
{
    /// <summary>Creates or replaces the wish of a resource; what the server owns is kept.</summary>
    /// <param name="expectedVersion">From the body; null writes over whatever is there.</param>
    /// <param name="start">Starts the run; a failure is its own affair.</param>
    public async Task<WriteOutcome<T>> PutAsync<T>(
        ResourceKind<T> kind, T wanted, string? expectedVersion, bool createOnly, Func<RunTicket, Task> start, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        while (true)
        {
            var (refusal, next, current) = await DecideAsync(kind, wanted, expectedVersion, createOnly, cancellationToken);
            if (refusal is not null) { return refusal; }

            var name = ResourceStore.NameOf(next);
            // The due entry is the first of all: while it is there the sweep leaves the others alone.
            var entry = await due.FileAsync(kind, name, next.Metadata.Uid!, due.WriterDate, cancellationToken);
            foreach (var index in kind.IndexEntries(next)) { await objects.PutIfAbsentAsync(index, default, cancellationToken); }

            var written = current is null
                ? await store.CreateAsync(kind, next, entry, cancellationToken)
                : await store.ReplaceAsync(kind, next, current.Version, current.Due, cancellationToken);
            if (written is not { } version) { continue; }   // somebody was faster: start over, with a new entry

            await start(new RunTicket(kind.Plural, name.Namespace, name.Name, next.Metadata.Uid!, entry));
            return new(current is null ? "Created" : "Changed", next.WithMetadata(next.Metadata with { ResourceVersion = version.Value }));
        }
    }

    /// <summary>What <see cref="PutAsync"/> would answer; stores and starts nothing.</summary>
    public async Task<WriteOutcome<T>> PreviewAsync<T>(
        ResourceKind<T> kind, T wanted, string? expectedVersion, bool createOnly, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        var (refusal, next, current) = await DecideAsync(kind, wanted, expectedVersion, createOnly, cancellationToken);
        return refusal ?? new(current is null ? "Created" : "Changed", next);
    }

    private async Task<(WriteOutcome<T>? Refusal, T Next, Stored<T>? Current)> DecideAsync<T>(
        ResourceKind<T> kind, T wanted, string? expectedVersion, bool createOnly, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        var current = await store.FindAsync(kind, ResourceStore.NameOf(wanted), cancellationToken);
        if (current is not null && createOnly) { return (new("Exists", current.Resource), wanted, current); }
        if (current?.Resource.Metadata.DeletionTimestamp is not null) { return (new("Deleting", current.Resource), wanted, current); }
        if (expectedVersion is not null && current?.Version.Value != expectedVersion) { return (new("Conflict", current?.Resource), wanted, current); }

        var next = Next(kind, wanted, current?.Resource);
        // Equals, for == on a type parameter compares references.
        if (current is not null && next.Equals(current.Resource)) { return (new("Unchanged", current.Resource), next, current); }

        return kind.Transition(next, current?.Resource).ToList() is { Count: > 0 } violations
            ? (new("Forbidden", current?.Resource, violations), next, current)
            : (null, next, current);
    }

    /// <summary>Marks a resource as going away and wakes its run, which removes it.</summary>
    public async Task<WriteOutcome<T>> DeleteAsync<T>(
        ResourceKind<T> kind, ResourceName name, string? uid, string? expectedVersion, Func<RunTicket, Task> start, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        while (true)
        {
            if (await store.FindAsync(kind, name, cancellationToken) is not { } current) { return new("NotFound", Resource: null); }

            var meta = current.Resource.Metadata;
            if ((uid is not null && uid != meta.Uid) || (expectedVersion is not null && expectedVersion != current.Version.Value)) { return new("Conflict", current.Resource); }

            var entry = await due.FileAsync(kind, name, meta.Uid!, due.WriterDate, cancellationToken);
            var going = current.Resource.WithMetadata(meta with { DeletionTimestamp = meta.DeletionTimestamp ?? time.GetUtcNow() });
            if (await store.ReplaceAsync(kind, going, current.Version, current.Due, cancellationToken) is null) { continue; }

            await start(new RunTicket(kind.Plural, name.Namespace, name.Name, meta.Uid!, entry));
            return new("Deleting", going);
        }
    }

    private T Next<T>(ResourceKind<T> kind, T wanted, T? current)
        where T : class, IResource<T>
    {
        var meta = new ObjectMeta
        {
            Name = wanted.Metadata.Name,
            Namespace = wanted.Metadata.Namespace,
            Labels = wanted.Metadata.Labels is { Count: > 0 } labels ? labels : null,   // the last one removed: none, as in Kubernetes
            Annotations = wanted.Metadata.Annotations is { Count: > 0 } annotations ? annotations : null,
            Uid = current?.Metadata.Uid ?? ids.NewUid(),
            Generation = current?.Metadata.Generation ?? 1,
            CreationTimestamp = current?.Metadata.CreationTimestamp ?? time.GetUtcNow().InWholeSeconds(),
            ResourceVersion = current?.Metadata.ResourceVersion,
        };
        var next = kind.Prepare(wanted.WithMetadata(meta), current);
        return current is null || kind.SameWish(next, current) ? next : next.WithMetadata(meta with { Generation = meta.Generation + 1 });
    }
}
