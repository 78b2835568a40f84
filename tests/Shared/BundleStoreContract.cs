using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.Tests.Shared;

/// <summary>What every place for bundles must keep.</summary>
public abstract class BundleStoreContract
{
    private static readonly ReadOnlyMemory<byte> One = "one"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> Two = "two"u8.ToArray();

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract IBundleStore Store { get; }

    [Fact]
    public async Task What_is_not_there_is_null_and_its_deletion_no_failure()
    {
        Assert.Null(await Store.FindAsync("nobody/ca-bundle.pem", Cancel));
        Assert.Null(await Store.ReadAsync("nobody/ca-bundle.pem", Cancel));
        await Store.DeleteAsync("nobody/ca-bundle.pem", Cancel);
    }

    [Fact]
    public async Task A_file_is_read_as_it_was_written_with_its_metadata_and_times()
    {
        var written = await Store.PutAsync("read/ca-bundle.pem", One, ValueMap.Empty.With("sha256", "abc"), expected: null, Cancel);

        var found = await Store.FindAsync("read/ca-bundle.pem", Cancel);
        Assert.Equal(One.ToArray(), (await Store.ReadAsync("read/ca-bundle.pem", Cancel))!.Value.ToArray());
        Assert.Equal("abc", found!.Metadata.Find("sha256"));
        Assert.Equal((written!.ETag, written.Modified), (found.ETag, found.Modified));
        Assert.True(found.AsOf >= found.Modified.AddSeconds(-1), $"{found.AsOf:O} is before {found.Modified:O}");
    }

    [Fact]
    public async Task Only_the_version_that_was_read_is_written_over()
    {
        var first = await Store.PutAsync("race/ca-bundle.pem", One, ValueMap.Empty, expected: null, Cancel);
        Assert.Null(await Store.PutAsync("race/ca-bundle.pem", Two, ValueMap.Empty, expected: null, Cancel));

        var second = await Store.PutAsync("race/ca-bundle.pem", Two, ValueMap.Empty, first!.ETag, Cancel);
        Assert.NotEqual(first.ETag, second!.ETag);
        Assert.Null(await Store.PutAsync("race/ca-bundle.pem", One, ValueMap.Empty, first.ETag, Cancel));
        Assert.Equal(Two.ToArray(), (await Store.ReadAsync("race/ca-bundle.pem", Cancel))!.Value.ToArray());
    }

    [Fact]
    public async Task Names_are_listed_by_prefix_and_gone_once_deleted()
    {
        foreach (var name in (string[])["list/versions/b.pem", "list/ca-bundle.pem", "lister/ca-bundle.pem"]) { await Store.PutAsync(name, One, ValueMap.Empty, expected: null, Cancel); }

        Assert.Equal(["list/ca-bundle.pem", "list/versions/b.pem"], await ListAsync("list/"));
        await Store.DeleteAsync("list/ca-bundle.pem", Cancel);
        Assert.Equal(["list/versions/b.pem"], await ListAsync("list/"));
    }

    private async Task<List<string>> ListAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var name in Store.ListAsync(prefix, Cancel)) { names.Add(name); }

        return names;
    }
}
