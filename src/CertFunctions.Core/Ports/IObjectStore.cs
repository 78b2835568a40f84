using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Ports;

/// <summary>Opaque version of a stored object; compares for equality only.</summary>
public readonly record struct ETag(string Value)
{
    public override string ToString() => Value;
}

/// <summary>What is kept under one name: bytes, and a little metadata that listings return.</summary>
/// <param name="Metadata">Keys <c>[a-z][a-z0-9]*</c>, values printable ASCII, all together at most 4 KiB.</param>
public sealed record StoredObject(string Name, ReadOnlyMemory<byte> Content, ValueMap Metadata, ETag ETag);

/// <summary>A listing's line: everything but the content.</summary>
public sealed record ObjectEntry(string Name, ValueMap Metadata, ETag ETag);

/// <param name="Continuation">Null at the end. A page may be empty and yet have one.</param>
public sealed record ObjectPage(IReadOnlyList<ObjectEntry> Entries, string? Continuation);

/// <summary>How a conditional write ended.</summary>
public abstract record PutResult
{
    private PutResult() { }

    public sealed record Written(ETag ETag) : PutResult;

    /// <summary>Somebody else was first; nothing was written.</summary>
    public sealed record Conflict : PutResult;
}

/// <summary>Named bytes with conditional writes: Azure Blob Storage's promises, and no more than it can keep.</summary>
/// <remarks>
/// Names are <c>/</c>-separated, at most 900 characters of printable ASCII (others escaped by the caller; <see cref="ObjectRules"/>). Every write and
/// delete is atomic and, once acknowledged, seen by every later read. An adapter may repeat a call whose answer was lost: the second then reports a conflict
/// with what the first wrote. A write against the rules throws <see cref="ArgumentException"/>; a read finds nothing under a name against them, and a listing
/// shows none. A store that does not answer is asked again for a bounded time, then <see cref="ObjectStoreException"/> is thrown.
/// </remarks>
public interface IObjectStore
{
    /// <summary>The object, or null when there is none.</summary>
    Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>Must write only if nothing has this name; of many racing callers exactly one may win.</summary>
    Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken);

    /// <summary>Must write only if the object still has this version; an absent object is a conflict, and so is an ETag that no store ever gave.</summary>
    Task<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken);

    /// <summary>Must delete only if the object still has this version. True also when it is already gone; false when it has another version.</summary>
    Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken);

    /// <summary>Must delete whatever has this name; nothing there is fine. For names that are written once.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>One page of what starts with <paramref name="prefix"/>, in ordinal order of the names.</summary>
    /// <param name="from">Start at this name (inclusive) when the first page is asked for; null starts at the prefix.</param>
    /// <param name="continuation">From the page before; null for the first. One that this store never gave may throw <see cref="ArgumentException"/>.</param>
    /// <param name="pageSize">At most this many entries, 1 to 5000.</param>
    Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken);
}

/// <summary>Conveniences over any store.</summary>
public static class ObjectStoreExtensions
{
    private const int PageSize = 1000;

    /// <summary>Everything that starts with <paramref name="prefix"/>, page after page.</summary>
    public static async IAsyncEnumerable<ObjectEntry> ListAllAsync(
        this IObjectStore store, string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await store.ListAsync(prefix, from: null, continuation, PageSize, cancellationToken);
            foreach (var entry in page.Entries) { yield return entry; }
            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    public static Task<PutResult> PutIfAbsentAsync(this IObjectStore store, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        store.PutIfAbsentAsync(name, content, ValueMap.Empty, cancellationToken);

    public static Task<PutResult> PutIfMatchAsync(
        this IObjectStore store, string name, ReadOnlyMemory<byte> content, ETag expected, CancellationToken cancellationToken) =>
        store.PutIfMatchAsync(name, content, ValueMap.Empty, expected, cancellationToken);
}
