using Azure.Storage.Blobs;
using CertFunctions.App.Bundles.Publishing;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Servers.Tests.Trust;

/// <summary>Bundles as blobs, in a container that is made on the first write.</summary>
public sealed class BlobBundleStoreTests(Azurite azurite) : BundleStoreContract, IClassFixture<Azurite>
{
    private readonly BlobContainerClient _container = azurite.Container($"bundles-{Guid.CreateVersion7():N}"[..40]);

    protected override IBundleStore Store => new BlobBundleStore(_container, TimeSpan.FromMinutes(5));

    [Fact]
    public async Task Anybody_fetches_a_file_by_plain_HTTP_and_nobody_lists_the_container()
    {
        await Store.PutAsync("open/ca-bundle.pem", "pem"u8.ToArray(), ValueMap.Empty, expected: null, Cancel);
        await Store.PutAsync("open/versions/aa.pem", "pem"u8.ToArray(), ValueMap.Empty, expected: null, Cancel);
        using var anonymous = new HttpClient();

        using var plain = await anonymous.GetAsync($"{Store.Location}/open/ca-bundle.pem", Cancel);
        Assert.Equal("pem", await plain.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("application/x-pem-file", plain.Content.Headers.ContentType!.MediaType);
        Assert.Equal("public, max-age=300", plain.Headers.CacheControl!.ToString());
        Assert.NotNull(plain.Headers.ETag);

        using var version = await anonymous.GetAsync($"{Store.Location}/open/versions/aa.pem", Cancel);
        Assert.Contains("immutable", version.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        using var list = await anonymous.GetAsync($"{Store.Location}?restype=container&comp=list", Cancel);
        Assert.False(list.IsSuccessStatusCode, "the container can be listed by anybody");
    }
}
