using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.Tests.Api;

/// <summary>Watches: first what differs from what the client knows, then what changes, then an end.</summary>
public sealed class WatchTests : IDisposable
{
    private const string Web = InProcessApi.Certificates + "/web";

    private readonly CountingStore _store = new(new InMemoryObjectStore());
    private readonly InProcessApi _api;

    public WatchTests() => _api = new InProcessApi(_store, ("Api:WatchPace", "00:00:00.050"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task Knowing_nothing_begins_with_what_is_there_and_goes_on_with_what_changes()
    {
        await _api.PostAsync(InProcessApi.Certificate());
        await using var watch = new Watch(_api, "?watch=true&resourceVersion=0");

        Assert.Equal("ADDED web", await watch.NextAsync());
        await _api.PostAsync(InProcessApi.Certificate("other"));
        Assert.Equal("ADDED other", await watch.NextAsync());
        await LabelAsync("web", "a");
        Assert.Equal("MODIFIED web", await watch.NextAsync());
        await RemoveAsync("other");
        Assert.Equal("DELETED other", await watch.NextAsync());
    }

    [Fact]
    public async Task Knowing_a_list_begins_with_what_happened_since()
    {
        foreach (var name in (string[])["changed", "gone", "same"]) { await _api.PostAsync(InProcessApi.Certificate(name)); }
        var version = (string)(await _api.GetAsync(InProcessApi.Certificates))["metadata"]!["resourceVersion"]!;
        await LabelAsync("changed", "a");
        await RemoveAsync("gone");
        await _api.PostAsync(InProcessApi.Certificate("new"));

        await using var watch = new Watch(_api, $"?watch=true&resourceVersion={version}");

        Assert.Equal(["MODIFIED changed", "DELETED gone", "ADDED new"], await watch.TakeAsync(3));
    }

    [Fact]
    public async Task Knowing_all_there_is_begins_with_silence()
    {
        await _api.PostAsync(InProcessApi.Certificate());
        var version = (string)(await _api.GetAsync(InProcessApi.Certificates))["metadata"]!["resourceVersion"]!;
        await using var watch = new Watch(_api, $"?watch=true&resourceVersion={version}");

        await _api.PostAsync(InProcessApi.Certificate("new"));

        Assert.Equal("ADDED new", await watch.NextAsync());
    }

    [Fact]
    public async Task A_version_that_nobody_remembers_is_told_to_list_again()
    {
        await using var watch = new Watch(_api, "?watch=true&resourceVersion=777");

        var error = JsonNode.Parse((await watch.LineAsync())!)!;

        Assert.Equal(("ERROR", 410), ((string?)error["type"], (int?)error["object"]!["code"]));
        Assert.Null(await watch.LineAsync());
    }

    [Fact]
    public async Task Who_watches_one_resource_gets_it_again_instead()
    {
        await _api.PostAsync(InProcessApi.Certificate());
        await using var watch = new Watch(_api, "?watch=true&resourceVersion=777&fieldSelector=metadata.name%3Dweb");

        Assert.Equal("ADDED web", await watch.NextAsync());
    }

    [Fact]
    public async Task A_watch_cut_after_any_event_goes_on_from_that_events_version()
    {
        await _api.PostAsync(InProcessApi.Certificate());
        await using var other = new Watch(_api, "?watch=true&resourceVersion=0");   // keeps the looks going
        await using var first = new Watch(_api, "?watch=true&resourceVersion=0");
        await first.NextAsync();
        await LabelAsync("web", "a");
        var version = (string)JsonNode.Parse((await first.LineAsync())!)!["object"]!["metadata"]!["resourceVersion"]!;
        await _api.PostAsync(InProcessApi.Certificate("later"));
        Assert.Equal("ADDED later", await first.NextAsync());

        await using var second = new Watch(_api, $"?watch=true&resourceVersion={version}");

        Assert.Contains("ADDED later", await second.TakeAsync(2));
    }

    [Fact]
    public async Task Selecting_by_label_tells_of_coming_and_going()
    {
        await _api.PostAsync(InProcessApi.Certificate());
        await using var watch = new Watch(_api, "?watch=true&labelSelector=l%3Da");

        await LabelAsync("web", "a");
        Assert.Equal("ADDED web", await watch.NextAsync());
        await LabelAsync("web", "b");
        Assert.Equal("DELETED web", await watch.NextAsync());
    }

    [Fact]
    public async Task A_table_is_watched_row_by_row_with_columns_once()
    {
        await _api.PostAsync(InProcessApi.Certificate());
        await using var watch = new Watch(_api, "?watch=true", InProcessApi.AsTable);

        var first = JsonNode.Parse((await watch.LineAsync())!)!;
        await LabelAsync("web", "a");
        var second = JsonNode.Parse((await watch.LineAsync())!)!;

        Assert.Equal("web", (string?)first["object"]!["rows"]![0]!["cells"]![0]);
        Assert.NotNull(first["object"]!["columnDefinitions"]);
        Assert.Null(second["object"]!["columnDefinitions"]);
    }

    [Fact]
    public async Task Ends_when_asked_to_with_a_bookmark_to_go_on_from()
    {
        await using var watch = new Watch(_api, "?watch=true&timeoutSeconds=1&allowWatchBookmarks=true");

        var bookmark = JsonNode.Parse((await watch.LineAsync())!)!;
        Assert.Equal("BOOKMARK", (string?)bookmark["type"]);
        Assert.Null(await watch.LineAsync());
        await _api.PostAsync(InProcessApi.Certificate());
        await using var next = new Watch(_api, $"?watch=true&resourceVersion={bookmark["object"]!["metadata"]!["resourceVersion"]}");

        Assert.Equal("ADDED web", await next.NextAsync());
    }

    [Fact]
    public async Task A_hundred_watchers_cost_the_store_what_one_does_and_none_costs_nothing()
    {
        await _api.PostAsync(InProcessApi.Certificate());
        var watches = Enumerable.Range(0, 100).Select(_ => new Watch(_api, "?watch=true")).ToList();
        foreach (var watch in watches) { Assert.Equal("ADDED web", await watch.NextAsync()); }

        _store.Reset();
        await LabelAsync("web", "a");
        foreach (var watch in watches) { Assert.Equal("MODIFIED web", await watch.NextAsync()); }
        Assert.InRange(_store.Reads, 1, 6);   // the write's own, and one for all who watch
        foreach (var watch in watches) { await watch.DisposeAsync(); }

        await Task.Delay(150, Cancel);   // the look that was under way
        _store.Reset();
        await Task.Delay(200, Cancel);
        Assert.Equal(0, _store.Listings);
    }

    [Fact]
    public async Task Waits_for_a_change_and_not_for_ever()
    {
        var version = (string)(await _api.PostAsync(InProcessApi.Certificate()))["metadata"]!["resourceVersion"]!;

        var over = await _api.GetAsync($"{Web}?wait=100ms&resourceVersion={version}");
        var waiting = _api.GetAsync($"{Web}?wait=30s&resourceVersion={version}");
        await LabelAsync("web", "a");
        var changed = await waiting;

        Assert.Equal(version, (string?)over["metadata"]!["resourceVersion"]);
        Assert.Equal("a", (string?)changed["metadata"]!["labels"]!["l"]);
        Assert.Equal(404, (await _api.GetAsync(InProcessApi.Certificates + "/nope?wait=30s")).Code);
        Assert.Equal(400, (await _api.GetAsync(Web + "?wait=soon")).Code);
    }

    [Theory]
    [InlineData("?watch=true&timeoutSeconds=soon", 400)]
    [InlineData("?watch=true&fieldSelector=status%3Dx", 400)]
    [InlineData("?watch=true&sendInitialEvents=true", 422)]
    public async Task Refuses(string query, int code) => Assert.Equal(code, (await _api.GetAsync(InProcessApi.Certificates + query)).Code);

    private Task<Answer> LabelAsync(string name, string value) =>
        _api.SendAsync("PATCH", $"{InProcessApi.Certificates}/{name}", $$$$"""{"metadata":{"labels":{"l":"{{{{value}}}}"}}}""", "application/merge-patch+json");

    /// <summary>What the run of a deleted resource does at last.</summary>
    private async Task RemoveAsync(string name)
    {
        var stored = await _store.Inner.FindAsync($"resources/certificates/ns/{name}", Cancel);
        await _store.Inner.DeleteIfMatchAsync(stored!.Name, stored.ETag, Cancel);
    }

    /// <summary>One watch under way, read line by line.</summary>
    private sealed class Watch : IAsyncDisposable
    {
        private readonly LineStream _lines = new();
        private readonly CancellationTokenSource _cut = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        private readonly Task _running;

        public Watch(InProcessApi api, string query, string? accept = null) => _running = RunAsync(api, query, accept);

        public async Task<string?> LineAsync() => await _lines.Reader.WaitToReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel) && _lines.Reader.TryRead(out var line) ? line : null;

        public async Task<string> NextAsync()
        {
            var line = JsonNode.Parse(await LineAsync() ?? throw new InvalidOperationException("The watch has ended."))!;
            return $"{line["type"]} {line["object"]!["metadata"]!["name"]}";
        }

        public async Task<List<string>> TakeAsync(int count)
        {
            var found = new List<string>();
            while (found.Count < count) { found.Add(await NextAsync()); }
            return found;
        }

        public async ValueTask DisposeAsync()
        {
            await _cut.CancelAsync();
            await _running;
            _cut.Dispose();
        }

        private async Task RunAsync(InProcessApi api, string query, string? accept)
        {
            try { await api.SendAsync("GET", InProcessApi.Certificates + query, accept: accept, output: _lines, cut: _cut); }
            catch (OperationCanceledException) { }
            finally { _lines.Complete(); }
        }
    }

    private sealed class LineStream : MemoryStream
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
        private readonly StringBuilder _rest = new();

        public ChannelReader<string> Reader => _lines.Reader;

        public void Complete() => _lines.Writer.TryComplete();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _rest.Append(Encoding.UTF8.GetString(buffer.Span));
            var parts = _rest.ToString().Split('\n');
            foreach (var line in parts[..^1]) { _lines.Writer.TryWrite(line); }

            _rest.Clear().Append(parts[^1]);
            return ValueTask.CompletedTask;
        }
    }
}
