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

    /// <summary>How many objects the listing tests make.</summary>
    protected virtual int Many => 10_000;

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
    public async Task Deletes_whatever_has_the_name_and_is_content_when_nothing_has()
    {
        await Store.PutIfAbsentAsync("web", One, Cancel);
        await Store.PutIfAbsentAsync("webs", One, Cancel);

        await Store.DeleteAsync("web", Cancel);
        await Store.DeleteAsync("web", Cancel);

        Assert.Null(await Store.FindAsync("web", Cancel));
        Assert.NotNull(await Store.FindAsync("webs", Cancel));
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

    [Fact]
    public async Task Lets_one_of_32_replacers_win_in_every_round()
    {
        var version = Written(await Store.PutIfAbsentAsync("web", One, Cancel));
        for (var round = 0; round < 20; round++)
        {
            var based = version;
            var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => Store.PutIfMatchAsync("web", Two, based, Cancel), Cancel)));
            version = Assert.Single(results.OfType<PutResult.Written>()).ETag;
        }

        Assert.Equal(version, (await Store.FindAsync("web", Cancel))!.ETag);
    }

    [Fact]
    public async Task Loses_no_update_of_writers_that_read_again_after_a_conflict()
    {
        await Store.PutIfAbsentAsync("counter", new byte[1], Cancel);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 8;)
            {
                var read = (await Store.FindAsync("counter", Cancel))!;
                byte[] next = [(byte)(read.Content.Span[0] + 1)];
                if (await Store.PutIfMatchAsync("counter", next, read.ETag, Cancel) is PutResult.Written) { done++; }
            }
        }, Cancel)));

        Assert.Equal(64, (await Store.FindAsync("counter", Cancel))!.Content.Span[0]);
    }

    [Fact]
    public async Task Lets_a_deletion_or_a_replacement_win_and_never_both()
    {
        for (var round = 0; round < 10; round++)
        {
            var version = Written(await Store.PutIfAbsentAsync($"race/{round}", One, Cancel));

            var deletion = Task.Run(() => Store.DeleteIfMatchAsync($"race/{round}", version, Cancel), Cancel);
            var replacement = Task.Run(() => Store.PutIfMatchAsync($"race/{round}", Two, version, Cancel), Cancel);

            var isReplaced = await replacement is PutResult.Written;
            Assert.NotEqual(await deletion, isReplaced);
            Assert.Equal(isReplaced, await Store.FindAsync($"race/{round}", Cancel) is not null);
        }
    }

    [Fact]
    public async Task Lists_many_in_order_page_by_page_and_from_the_middle()
    {
        var names = Enumerable.Range(0, Many).Select(number => $"many/{number * 7919 % Many:d6}").ToList();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Cancel }, async (name, cancel) =>
            Written(await Store.PutIfAbsentAsync(name, One, ValueMap.Empty.With("n", name[5..]), cancel)));

        var listed = await Store.ListAllAsync("many/", Cancel).ToListAsync(Cancel);
        var half = await Store.ListAsync("many/", $"many/{Many / 2:d6}", continuation: null, 10, Cancel);

        Assert.Equal(names.Order(StringComparer.Ordinal), listed.Select(entry => entry.Name));
        Assert.All(listed, entry => Assert.Equal(entry.Name[5..], entry.Metadata.Find("n")));
        Assert.Equal(Enumerable.Range(Many / 2, 10).Select(number => $"many/{number:d6}"), half.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public async Task Goes_on_from_a_name_page_after_page()
    {
        foreach (var number in Enumerable.Range(0, 9)) { await Store.PutIfAbsentAsync($"b/{number}", One, Cancel); }

        var first = await Store.ListAsync("b/", from: "b/3", continuation: null, 2, Cancel);
        var second = await Store.ListAsync("b/", from: "b/3", first.Continuation, 2, Cancel);

        Assert.Equal(["b/3", "b/4"], first.Entries.Select(entry => entry.Name));
        Assert.Equal(["b/5", "b/6"], second.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public async Task Lists_versions_that_a_write_accepts()
    {
        await Store.PutIfAbsentAsync("b/1", One, Cancel);
        var entry = Assert.Single((await Store.ListAsync("b/", from: null, continuation: null, 10, Cancel)).Entries);

        Assert.Equal((await Store.FindAsync("b/1", Cancel))!.ETag, entry.ETag);
        Written(await Store.PutIfMatchAsync("b/1", Two, entry.ETag, Cancel));
    }

    [Theory, InlineData("none/", null), InlineData("b/", "b/9"), InlineData("b/", "c"), InlineData("ü/", null)]
    public async Task Ends_a_listing_of_nothing(string prefix, string? from)
    {
        await Store.PutIfAbsentAsync("b/1", One, Cancel);

        var page = await Store.ListAsync(prefix, from, continuation: null, 10, Cancel);

        Assert.Empty(page.Entries);
        Assert.Null(page.Continuation);
    }

    [Fact]
    public async Task Sees_a_write_and_a_deletion_at_once()
    {
        for (var round = 0; round < 20; round++)
        {
            var version = Written(await Store.PutIfAbsentAsync("now/1", One, Cancel));
            Assert.Single((await Store.ListAsync("now/", from: null, continuation: null, 10, Cancel)).Entries);

            Assert.True(await Store.DeleteIfMatchAsync("now/1", version, Cancel));
            Assert.Empty((await Store.ListAsync("now/", from: null, continuation: null, 10, Cancel)).Entries);
        }
    }

    [Theory]
    [InlineData("a space"), InlineData("percent%2Fslash"), InlineData("q?x=1&y=2#z"), InlineData("plus+tilde~"), InlineData("<>\"'"), InlineData("colon:;,@=$!*()[]{}|^`")]
    public async Task Keeps_awkward_names_apart(string name)
    {
        await Store.PutIfAbsentAsync($"odd/{name}", One, Cancel);

        var entry = Assert.Single((await Store.ListAsync($"odd/{name}", from: null, continuation: null, 10, Cancel)).Entries);

        Assert.Equal($"odd/{name}", entry.Name);
        Assert.NotNull(await Store.FindAsync($"odd/{name}", Cancel));
        Assert.True(await Store.DeleteIfMatchAsync($"odd/{name}", entry.ETag, Cancel));
        Assert.Null(await Store.FindAsync($"odd/{name}", Cancel));
    }

    [Theory]
    [InlineData(""), InlineData(" "), InlineData("a  b"), InlineData(" at both edges "), InlineData("~_~.~~ ~"), InlineData("%41 %C3%BC <&>\"'"), InlineData("a,b;c=d:e")]
    public async Task Keeps_metadata_to_the_letter(string value)
    {
        var metadata = ValueMap.Empty.With("plain", "x").With("odd", value);
        await Store.PutIfAbsentAsync("m/1", One, metadata, Cancel);

        Assert.Equal(metadata, (await Store.FindAsync("m/1", Cancel))!.Metadata);
        Assert.Equal(metadata, Assert.Single((await Store.ListAsync("m/", from: null, continuation: null, 10, Cancel)).Entries).Metadata);
    }

    [Fact]
    public async Task Keeps_the_longest_name_the_largest_metadata_and_empty_content()
    {
        var name = "n/" + new string('x', ObjectRules.LongestName - 2);
        var metadata = ValueMap.Empty.With("v", new string(' ', ObjectRules.MostMetadata - 1));

        Written(await Store.PutIfAbsentAsync(name, default, metadata, Cancel));
        var found = await Store.FindAsync(name, Cancel);

        Assert.Equal(metadata, found!.Metadata);
        Assert.Equal(0, found.Content.Length);
    }

    [Fact]
    public async Task Replaces_metadata_whole()
    {
        var first = Written(await Store.PutIfAbsentAsync("web", One, ValueMap.Empty.With("a", "1").With("b", "2"), Cancel));
        await Store.PutIfMatchAsync("web", One, ValueMap.Empty.With("b", "3"), first, Cancel);

        Assert.Equal(ValueMap.Empty.With("b", "3"), (await Store.FindAsync("web", Cancel))!.Metadata);
    }

    public static TheoryData<string, string> BadNames => new()
    {
        // because                                    name
        { "it is empty",                              "" },
        { "it is not ASCII",                          "a/ü" },
        { "a control character cannot be shown",      "a/\n" },
        { "it is too long",                           new string('x', ObjectRules.LongestName + 1) },
        { "a segment is empty",                       "a//b" },
        { "the first segment is empty",               "/a" },
        { "the last segment is empty",                "a/" },
        { "a segment is a relative path",             "a/../b" },
        { "a segment ends with a dot",                "a/b." },
        { "a segment ends with a space",              "a/b " },
        { "a backslash may become a slash",           "a\\b" },
        { "it has too many segments",                 string.Join('/', Enumerable.Repeat("x", 255)) },
    };

    [Theory, MemberData(nameof(BadNames))]
    public async Task Refuses_a_name_and_finds_nothing_under_it_because(string because, string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.PutIfAbsentAsync(name, One, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.PutIfMatchAsync(name, One, new ETag("1"), Cancel));
        Assert.True(await Store.FindAsync(name, Cancel) is null, because);
        Assert.True(await Store.DeleteIfMatchAsync(name, new ETag("1"), Cancel), because);
        await Store.DeleteAsync(name, Cancel);
    }

    public static TheoryData<string, string, string> BadMetadata => new()
    {
        // because                                    key        value
        { "the key has an upper-case letter",         "Ready",   "x" },
        { "the key starts with a digit",              "1st",     "x" },
        { "the key has a hyphen",                     "a-b",     "x" },
        { "the key is empty",                         "",        "x" },
        { "the value is not ASCII",                   "a",       "ü" },
        { "the value has a line break",               "a",       "x\r\ny" },
        { "the whole is too large",                   "a",       new string('x', ObjectRules.MostMetadata) },
    };

    [Theory, MemberData(nameof(BadMetadata))]
    public async Task Refuses_metadata_because(string because, string key, string value)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.PutIfAbsentAsync("web", One, ValueMap.Empty.With(key, value), Cancel));
        Assert.True(await Store.FindAsync("web", Cancel) is null, because);
    }

    [Theory, InlineData("*"), InlineData(""), InlineData("\"1\""), InlineData("1, 2"), InlineData("+1"), InlineData("x\r\ny: z"), InlineData("ü")]
    public async Task Takes_a_version_that_no_store_gave_for_a_stale_one(string version)
    {
        await Store.PutIfAbsentAsync("web", One, Cancel);

        Assert.IsType<PutResult.Conflict>(await Store.PutIfMatchAsync("web", Two, new ETag(version), Cancel));
        Assert.False(await Store.DeleteIfMatchAsync("web", new ETag(version), Cancel));
        Assert.True(await Store.DeleteIfMatchAsync("absent", new ETag(version), Cancel));
    }

    [Theory, InlineData(0), InlineData(5001)]
    public async Task Refuses_a_page_size(int size) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ListAsync("a/", from: null, continuation: null, size, Cancel));

    private static ETag Written(PutResult result) => Assert.IsType<PutResult.Written>(result).ETag;
}
