using System.Globalization;
using System.Runtime.CompilerServices;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Bundles.Publishing;

/// <summary>Bundles in an object store of their own: what a laptop has. Its clock is the machine's.</summary>
public sealed class ObjectBundleStore(IObjectStore objects, TimeProvider time) : IBundleStore
{
    private const string Modified = "modified";

    public string Location => "/ca-bundles";

    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken) => Task.FromResult(time.GetUtcNow());

    public async Task<PublishedFile?> FindAsync(string name, CancellationToken cancellationToken) =>
        await objects.FindAsync(name, cancellationToken) is { } found ? Read(name, found.ETag, found.Metadata) : null;

    public async Task<ReadOnlyMemory<byte>?> ReadAsync(string name, CancellationToken cancellationToken) =>
        (await objects.FindAsync(name, cancellationToken))?.Content;

    public async Task<PublishedFile?> PutAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag? expected, CancellationToken cancellationToken)
    {
        var kept = metadata.With(Modified, time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        var result = expected is { } version
            ? await objects.PutIfMatchAsync(name, content, kept, version, cancellationToken)
            : await objects.PutIfAbsentAsync(name, content, kept, cancellationToken);
        return result is PutResult.Written written ? Read(name, written.ETag, kept) : null;
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in objects.ListAllAsync(prefix, cancellationToken)) { yield return entry.Name; }
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => objects.DeleteAsync(name, cancellationToken);

    private PublishedFile Read(string name, ETag etag, ValueMap metadata)
    {
        var now = time.GetUtcNow();
        var modified = DateTimeOffset.TryParse(metadata.Find(Modified), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : now;
        return new PublishedFile(name, etag, modified, now, metadata);
    }
}
