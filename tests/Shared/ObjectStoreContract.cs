using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.Tests.Shared;

/// <summary>What every <see cref="IObjectStore"/> promises. One subclass per adapter; no adapter-specific fact in here.</summary>
public abstract class ObjectStoreContract
{
    private static readonly ReadOnlyMemory<byte> One = "one"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> Two = "two"u8.ToArray();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract IObjectStore Store { get; }

    [Fact]
    public async Task Gives_back_content_metadata_and_version()
    {
        var metadata = ValueMap.Empty.With("ready", "True").With("uid", "u-1");

        var version = Written(await Store.PutIfAbsentAsync("web", One, metadata, Cancel));
        var found = await Store.FindAsync("web", Cancel);

        Assert.Equal(One.ToArray(), found!.Content.ToArray());
        Assert.Equal(metadata, found.Metadata);
        Assert.Equal(version, found.ETag);
        Assert.Null(await Store.FindAsync("nope", Cancel));
    }

    [Fact]
    public async Task Lists_nothing_outside_the_prefix_wherever_it_is_told_to_start()
    {
        await Store.PutIfAbsentAsync("a/1", One, Cancel);
        await Store.PutIfAbsentAsync("b/1", One, Cancel);

        var page = await Store.ListAsync("b/", from: "a/", continuation: null, pageSize: 10, Cancel);

        Assert.Equal(["b/1"], page.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public async Task Refuses_to_create_what_exists()
    {
        await Store.PutIfAbsentAsync("web", One, Cancel);

        Assert.IsType<PutResult.Conflict>(await Store.PutIfAbsentAsync("web", Two, Cancel));
        Assert.Equal(One.ToArray(), (await Store.FindAsync("web", Cancel))!.Content.ToArray());
    }

    [Fact]
    public async Task Refuses_a_write_based_on_a_stale_read()
    {
        var first = Written(await Store.PutIfAbsentAsync("web", One, Cancel));
        var second = Written(await Store.PutIfMatchAsync("web", Two, first, Cancel));

        Assert.IsType<PutResult.Conflict>(await Store.PutIfMatchAsync("web", One, first, Cancel));
        Assert.NotEqual(first, second);
        Assert.Equal(Two.ToArray(), (await Store.FindAsync("web", Cancel))!.Content.ToArray());
    }

    [Fact]
    public async Task Refuses_to_replace_what_is_absent() =>
        Assert.IsType<PutResult.Conflict>(await Store.PutIfMatchAsync("web", One, new ETag("1"), Cancel));

    [Fact]
    public async Task Never_gives_an_old_version_to_a_name_made_again()
    {
        var first = Written(await Store.PutIfAbsentAsync("web", One, Cancel));
        await Store.DeleteIfMatchAsync("web", first, Cancel);

        var again = Written(await Store.PutIfAbsentAsync("web", One, Cancel));

        Assert.NotEqual(first, again);
        Assert.IsType<PutResult.Conflict>(await Store.PutIfMatchAsync("web", Two, first, Cancel));
    }

    [Fact]
    public async Task Deletes_only_the_version_named_and_is_content_when_it_is_gone()
    {
        var first = Written(await Store.PutIfAbsentAsync("web", One, Cancel));
        var second = Written(await Store.PutIfMatchAsync("web", Two, first, Cancel));

        Assert.False(await Store.DeleteIfMatchAsync("web", first, Cancel));
        Assert.True(await Store.DeleteIfMatchAsync("web", second, Cancel));
        Assert.True(await Store.DeleteIfMatchAsync("web", second, Cancel));
        Assert.Null(await Store.FindAsync("web", Cancel));
    }

    [Fact]
    public async Task Lets_exactly_one_of_many_creators_win()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Store.PutIfAbsentAsync("web", One, Cancel), Cancel)));

        Assert.Single(results.OfType<PutResult.Written>());
    }

    [Fact]
    public async Task Lets_exactly_one_of_many_replacers_win()
    {
        var first = Written(await Store.PutIfAbsentAsync("web", One, Cancel));

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Store.PutIfMatchAsync("web", Two, first, Cancel), Cancel)));

        Assert.Single(results.OfType<PutResult.Written>());
    }

    [Fact]
    public async Task Lists_a_prefix_in_ordinal_order_with_metadata()
    {
        foreach (var name in (string[])["b/2", "a/1", "b/10", "b/B", "b/a", "c/1", "b-"])
        {
            await Store.PutIfAbsentAsync(name, One, ValueMap.Empty.With("name", name), Cancel);
        }

        var page = await Store.ListAsync("b/", from: null, continuation: null, 100, Cancel);

        Assert.Equal(["b/10", "b/2", "b/B", "b/a"], page.Entries.Select(entry => entry.Name));
        Assert.All(page.Entries, entry => Assert.Equal(entry.Name, entry.Metadata.Find("name")));
        Assert.Null(page.Continuation);
    }

    [Fact]
    public async Task Lists_from_a_name_on_and_includes_it()
    {
        foreach (var name in (string[])["b/1", "b/2", "b/3"]) { await Store.PutIfAbsentAsync(name, One, Cancel); }

        var page = await Store.ListAsync("b/", from: "b/2", continuation: null, 100, Cancel);

        Assert.Equal(["b/2", "b/3"], page.Entries.Select(entry => entry.Name));
    }

    [Theory, InlineData(1), InlineData(3), InlineData(7)]
    public async Task Pages_through_everything_once(int pageSize)
    {
        var names = Enumerable.Range(0, 7).Select(number => $"p/{number}").ToList();
        foreach (var name in names) { await Store.PutIfAbsentAsync(name, One, Cancel); }

        var seen = new List<string>();
        string? continuation = null;
        do
        {
            var page = await Store.ListAsync("p/", from: null, continuation, pageSize, Cancel);
            Assert.True(page.Entries.Count <= pageSize);
            seen.AddRange(page.Entries.Select(entry => entry.Name));
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal(names, seen);
    }

    private static ETag Written(PutResult result) => Assert.IsType<PutResult.Written>(result).ETag;
}
