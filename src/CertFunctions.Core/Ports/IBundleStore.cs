using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Ports;

/// <summary>A published file as it is now.</summary>
/// <param name="Modified">When it got this content, by the store's clock.</param>
/// <param name="AsOf">The store's clock when it answered.</param>
/// <param name="Metadata">Keys <c>[a-z][a-z0-9]*</c>, values printable ASCII.</param>
public sealed record PublishedFile(string Name, ETag ETag, DateTimeOffset Modified, DateTimeOffset AsOf, ValueMap Metadata);

/// <summary>Where CA bundles are published: apart from everything else, readable by anybody, written by the app alone (design §3, §5).</summary>
/// <remarks>A store that refuses or does not answer throws <see cref="ObjectStoreException"/>. Times are the store's own: a rotation must not depend on the app's clock (ca-rotation 7).</remarks>
public interface IBundleStore
{
    /// <summary>Where clients fetch what is published: an absolute URL, or a path of this app.</summary>
    string Location { get; }

    /// <summary>The store's clock.</summary>
    Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken);

    /// <summary>Null when there is none.</summary>
    Task<PublishedFile?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>The content; null when there is none.</summary>
    Task<ReadOnlyMemory<byte>?> ReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Must write only over this version; null: only if there is none. Null: somebody else was first, nothing was written.</summary>
    Task<PublishedFile?> PutAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag? expected, CancellationToken cancellationToken);

    /// <summary>Names that start with <paramref name="prefix"/>, in order.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Must delete whatever has this name; nothing there is fine.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);
}
