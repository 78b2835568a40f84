using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CertFunctions.App.Adapters.Blobs;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using ETag = CertFunctions.Core.Ports.ETag;

namespace CertFunctions.App.Bundles.Publishing;

/// <summary>Bundles as blobs that anybody may read. Its clock is the storage service's (Date, Last-Modified).</summary>
/// <param name="container">Made when absent, with anonymous read of its blobs; an account that forbids that says so.</param>
public sealed class BlobBundleStore(BlobContainerClient container, TimeSpan maxAge) : IBundleStore
{
    public string Location => container.Uri.ToString();

    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken) => BlobErrors.Translate(async () =>
    {
        Response? answer;
        try { answer = (await container.GetPropertiesAsync(conditions: null, cancellationToken)).GetRawResponse(); }
        catch (RequestFailedException absent) when (IsAbsent(absent)) { answer = absent.GetRawResponse(); }

        return answer?.Headers.Date ?? throw new ObjectStoreException("The store of bundles does not tell its time.", retryAfter: null, inner: null);
    }, cancellationToken);

    public Task<PublishedFile?> FindAsync(string name, CancellationToken cancellationToken) => BlobErrors.Translate(async () =>
    {
        try
        {
            var answer = await container.GetBlobClient(name).GetPropertiesAsync(conditions: null, cancellationToken);
            return Read(name, answer.Value.ETag, answer.Value.LastModified, answer.GetRawResponse(), BlobMetadata.Decode(answer.Value.Metadata));
        }
        catch (RequestFailedException absent) when (IsAbsent(absent))
        {
            return null;
        }
    }, cancellationToken);

    public Task<ReadOnlyMemory<byte>?> ReadAsync(string name, CancellationToken cancellationToken) => BlobErrors.Translate(async () =>
    {
        try { return (ReadOnlyMemory<byte>?)(await container.GetBlobClient(name).DownloadContentAsync(cancellationToken)).Value.Content.ToMemory(); }
        catch (RequestFailedException absent) when (IsAbsent(absent)) { return null; }
    }, cancellationToken);

    public Task<PublishedFile?> PutAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag? expected, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions
        {
            Conditions = expected is { } version ? new BlobRequestConditions { IfMatch = new Azure.ETag($"\"{version}\"") } : new BlobRequestConditions { IfNoneMatch = Azure.ETag.All },
            Metadata = BlobMetadata.Encode(metadata),
            HttpHeaders = new BlobHttpHeaders { ContentType = PublishedNames.ContentType(name), CacheControl = PublishedNames.CacheControl(name, maxAge) },
        };
        return BlobErrors.Translate(async () =>
        {
            try { return await UploadAsync(name, content, options, metadata, cancellationToken); }
            catch (RequestFailedException absent) when (absent is { Status: 404, ErrorCode: "ContainerNotFound" })
            {
                await container.CreateIfNotExistsAsync(PublicAccessType.Blob, cancellationToken: cancellationToken);
                return await UploadAsync(name, content, options, metadata, cancellationToken);
            }
        }, cancellationToken);
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var names = await BlobErrors.Translate(async () =>
        {
            var found = new List<string>();
            try
            {
                await foreach (var blob in container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellationToken)) { found.Add(blob.Name); }
            }
            catch (RequestFailedException absent) when (IsAbsent(absent)) { }

            return found;
        }, cancellationToken);
        foreach (var name in names) { yield return name; }
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => BlobErrors.Translate(async () =>
    {
        try { return (await container.GetBlobClient(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, conditions: null, cancellationToken)).Value; }
        catch (RequestFailedException absent) when (IsAbsent(absent)) { return false; }
    }, cancellationToken);

    private async Task<PublishedFile?> UploadAsync(string name, ReadOnlyMemory<byte> content, BlobUploadOptions options, ValueMap metadata, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await container.GetBlobClient(name).UploadAsync(new BinaryData(content), options, cancellationToken);
            return Read(name, answer.Value.ETag, answer.Value.LastModified, answer.GetRawResponse(), metadata);
        }
        catch (RequestFailedException conflict) when (BlobErrors.IsConflict(conflict))
        {
            return null;
        }
    }

    private static bool IsAbsent(RequestFailedException failed) => BlobErrors.IsAbsent(failed) || failed is { Status: 404, ErrorCode: "ContainerNotFound" };

    private static PublishedFile Read(string name, Azure.ETag etag, DateTimeOffset modified, Response response, ValueMap metadata) =>
        new(name, new ETag(etag.ToString().Trim('"')), modified, response.Headers.Date ?? modified, metadata);
}
