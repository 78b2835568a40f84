using System.Globalization;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Ports;

/// <summary>The reference <see cref="IObjectStore"/>: what tests and models run on, and what every adapter must match.</summary>
public sealed class InMemoryObjectStore : IObjectStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, StoredObject> _objects = new(StringComparer.Ordinal);
    private long _versions;

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken)
    {
        lock (_gate) { return Task.FromResult(_objects.GetValueOrDefault(name)); }
    }

    public Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken)
    {
        ObjectRules.CheckWrite(name, metadata);
        lock (_gate) { return Task.FromResult(_objects.ContainsKey(name) ? new PutResult.Conflict() : Write(name, content, metadata)); }
    }

    public Task<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken)
    {
        ObjectRules.CheckWrite(name, metadata);
        lock (_gate)
        {
            var matches = _objects.TryGetValue(name, out var found) && found.ETag == expected;
            return Task.FromResult(matches ? Write(name, content, metadata) : new PutResult.Conflict());
        }
    }

    public Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_objects.TryGetValue(name, out var found)) { return Task.FromResult(true); }
            if (found.ETag != expected) { return Task.FromResult(false); }

            _objects.Remove(name);
            return Task.FromResult(true);
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        lock (_gate) { _objects.Remove(name); }
        return Task.CompletedTask;
    }

    public Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken)
    {
        ObjectRules.CheckPageSize(pageSize);
        lock (_gate)
        {
            var start = continuation ?? from ?? prefix;
            var found = _objects.Values
                .Where(each => each.Name.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(each.Name, start) >= 0)
                .Take(pageSize + 1)
                .Select(each => new ObjectEntry(each.Name, each.Metadata, each.ETag))
                .ToList();
            return Task.FromResult(found.Count > pageSize
                ? new ObjectPage(found[..pageSize], found[pageSize].Name)
                : new ObjectPage(found, Continuation: null));
        }
    }

    private PutResult Write(string name, ReadOnlyMemory<byte> content, ValueMap metadata)
    {
        var etag = new ETag((++_versions).ToString(CultureInfo.InvariantCulture));
        _objects[name] = new StoredObject(name, content.ToArray(), metadata, etag);
        return new PutResult.Written(etag);
    }
}
