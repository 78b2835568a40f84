using System.Buffers;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using ETag = CertFunctions.Core.Ports.ETag;

namespace CertFunctions.App.Adapters.Blobs;

/// <summary>The object store in Azure: one block blob an object in one container, with the service's own conditional writes.</summary>
/// <param name="container">Made at the first call when absent, and never again: one that vanishes later is somebody's mistake, not an empty store.</param>
public sealed class BlobObjectStore(BlobContainerClient container) : IObjectStore
{
    private static readonly SearchValues<char> TagLetters = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.");

    private volatile bool _isReady;

    public async Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (!ObjectRules.IsName(name)) { return null; }

        return await Blob(name, async blob =>
        {
            try
            {
                var found = (await blob.DownloadContentAsync(cancellationToken)).Value;
                return new StoredObject(name, found.Content.ToMemory(), BlobMetadata.Decode(found.Details.Metadata), Tag(found.Details.ETag));
            }
            catch (RequestFailedException absent) when (BlobErrors.IsAbsent(absent))
            {
                return null;
            }
        }, cancellationToken);
    }

    public Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken) =>
        PutAsync(name, content, metadata, new BlobRequestConditions { IfNoneMatch = Azure.ETag.All }, cancellationToken);

    public Task<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken) =>
        PutAsync(name, content, metadata, Matching(expected), cancellationToken);

    public async Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken)
    {
        if (!ObjectRules.IsName(name)) { return true; }

        return await Blob(name, async blob =>
        {
            if (Matching(expected) is not { } conditions) { return !await blob.ExistsAsync(cancellationToken); }

            try
            {
                await blob.DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots, conditions, cancellationToken);
                return true;
            }
            catch (RequestFailedException absent) when (BlobErrors.IsAbsent(absent))
            {
                return true;
            }
            catch (RequestFailedException conflict) when (BlobErrors.IsConflict(conflict))
            {
                return !await blob.ExistsAsync(cancellationToken);   // some answer 412 to a condition on what is not there
            }
        }, cancellationToken);
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if (!ObjectRules.IsName(name)) { return; }

        await Blob(name, async blob => await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, conditions: null, cancellationToken), cancellationToken);
    }

    public async Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken)
    {
        ObjectRules.CheckPageSize(pageSize);
        var start = from is not null && string.CompareOrdinal(from, prefix) > 0 ? from : prefix;
        if (!start.StartsWith(prefix, StringComparison.Ordinal)) { return new ObjectPage([], Continuation: null); }   // behind all that could be listed

        var options = new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = prefix, StartFrom = start == prefix || continuation is not null ? null : start };
        var page = await Ask(async () =>
        {
            try
            {
                await foreach (var answer in container.GetBlobsAsync(options, cancellationToken).AsPages(continuation, pageSize)) { return answer; }
                return null;
            }
            catch (RequestFailedException refused) when (refused.Status == 400 && continuation is not null)
            {
                throw new ArgumentException("It is none that this store gave.", nameof(continuation), refused);
            }
        }, cancellationToken);

        // Names that are none were put there by somebody else. The start is compared again for services that do not know StartFrom.
        var entries = (page?.Values ?? [])
            .Where(blob => ObjectRules.IsName(blob.Name) && string.CompareOrdinal(blob.Name, start) >= 0)
            .Select(blob => new ObjectEntry(blob.Name, BlobMetadata.Decode(blob.Metadata), Tag(blob.Properties.ETag!.Value)))
            .ToList();
        return new ObjectPage(entries, string.IsNullOrEmpty(page?.ContinuationToken) ? null : page.ContinuationToken);
    }

    /// <param name="conditions">Null: they can never be met.</param>
    private async Task<PutResult> PutAsync(
        string name, ReadOnlyMemory<byte> content, ValueMap metadata, BlobRequestConditions? conditions, CancellationToken cancellationToken)
    {
        ObjectRules.CheckWrite(name, metadata);
        if (conditions is null) { return new PutResult.Conflict(); }

        return await Blob<PutResult>(name, async blob =>
        {
            try
            {
                var options = new BlobUploadOptions { Conditions = conditions, Metadata = BlobMetadata.Encode(metadata) };
                return new PutResult.Written(Tag((await blob.UploadAsync(new BinaryData(content), options, cancellationToken)).Value.ETag));
            }
            catch (RequestFailedException conflict) when (BlobErrors.IsConflict(conflict))
            {
                return new PutResult.Conflict();
            }
        }, cancellationToken);
    }

    private Task<T> Blob<T>(string name, Func<BlobClient, Task<T>> call, CancellationToken cancellationToken) =>
        Ask(() => call(container.GetBlobClient(name)), cancellationToken);

    private Task<T> Ask<T>(Func<Task<T>> call, CancellationToken cancellationToken) => BlobErrors.Translate(async () =>
    {
        if (!_isReady)
        {
            // Asked first: an identity may be allowed to use the container and not to make one.
            if (!await container.ExistsAsync(cancellationToken)) { await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken); }
            _isReady = true;
        }

        return await call();
    }, cancellationToken);

    /// <summary>Null for what no store ever gave: <c>*</c>, lists and line breaks must not reach the header.</summary>
    private static BlobRequestConditions? Matching(ETag expected) => expected.Value is { Length: > 0 } value && !value.AsSpan().ContainsAnyExcept(TagLetters)
        ? new BlobRequestConditions { IfMatch = new Azure.ETag($"\"{value}\"") }
        : null;

    // Listings give it bare, other answers in quotes.
    private static ETag Tag(Azure.ETag etag) => new(etag.ToString().Trim('"'));
}
