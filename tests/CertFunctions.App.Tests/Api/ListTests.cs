using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Api;

/// <summary>Lists and Tables: what they select, how they page, and what they cost the store.</summary>
public sealed class ListTests : IDisposable
{
    private readonly CountingStore _store = new(new InMemoryObjectStore());
    private readonly InProcessApi _api;

    public ListTests() => _api = new InProcessApi(_store);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _api.Dispose();

    public static TheoryData<string, string, string> Selectors => new()
    {
        // because                   query                                                  names
        { "nothing is asked",        "",                                                    "a b c" },
        { "equal",                   "?labelSelector=env%3Dprod",                           "a b" },
        { "equal, the other way",    "?labelSelector=env%3D%3Dprod,tier%3D1",               "a" },
        { "unequal takes absent",    "?labelSelector=env!%3Dprod",                          "c" },
        { "one of",                  "?labelSelector=tier%20in%20(1,2)",                    "a b" },
        { "none of",                 "?labelSelector=tier%20notin%20(1,3)",                 "b c" },
        { "present",                 "?labelSelector=tier",                                 "a b" },
        { "absent",                  "?labelSelector=!tier",                                "c" },
        { "by name",                 "?fieldSelector=metadata.name%3Db",                    "b" },
        { "by another name",         "?fieldSelector=metadata.name!%3Db",                   "a c" },
        { "by namespace",            "?fieldSelector=metadata.namespace%3Dns",              "a b c" },
        { "by another namespace",    "?fieldSelector=metadata.namespace%3Dother",           "" },
        { "by name and label",       "?fieldSelector=metadata.name%3Db&labelSelector=tier%3D1", "" },
    };

    [Theory, MemberData(nameof(Selectors))]
    public async Task Selects(string because, string query, string names)
    {
        await _api.PostAsync(InProcessApi.Certificate("a", metadata: ""","labels":{"env":"prod","tier":"1"}"""));
        await _api.PostAsync(InProcessApi.Certificate("b", metadata: ""","labels":{"env":"prod","tier":"2"}"""));
        await _api.PostAsync(InProcessApi.Certificate("c"));

        var list = await _api.GetAsync(InProcessApi.Certificates + query);
        var table = await _api.GetAsync(InProcessApi.Certificates + query, InProcessApi.AsTable);

        Assert.True(names == string.Join(' ', list["items"]!.AsArray().Select(each => (string)each!["metadata"]!["name"]!)), because);
        Assert.True(names == string.Join(' ', table["rows"]!.AsArray().Select(each => (string)each!["cells"]![0]!)), because);
    }

    [Theory]
    [InlineData("?labelSelector=a%20near%20(b)")]
    [InlineData("?labelSelector=%3Da")]
    [InlineData("?fieldSelector=spec.secretName%3Da")]
    [InlineData("?limit=-1")]
    [InlineData("?limit=many")]
    [InlineData("?continue=garbage")]
    [InlineData("?continue=cmVzb3VyY2VzL2lzc3VlcnMvbnMvYQ==")]
    public async Task Refuses_a_query_it_does_not_understand(string query) => Assert.Equal(400, (await _api.GetAsync(InProcessApi.Certificates + query)).Code);

    [Fact]
    public async Task Labels_too_long_to_list_are_read_from_the_resource()
    {
        var labels = string.Join(',', Enumerable.Range(0, 40).Select(each => $"\"key-{each}\":\"{new string('x', 60)}\""));
        await _api.PostAsync(InProcessApi.Certificate("a", metadata: $",\"labels\":{{{labels}}}"));

        var found = await _api.GetAsync(InProcessApi.Certificates + $"?labelSelector=key-7%3D{new string('x', 60)}");

        Assert.Single(found["items"]!.AsArray());
    }

    [Fact]
    public async Task Pages_by_limit_without_gap_or_repetition()
    {
        foreach (var each in Enumerable.Range(0, 7)) { await _api.PostAsync(InProcessApi.Certificate($"c{each}", metadata: each % 2 == 0 ? ""","labels":{"even":"y"}""" : "")); }

        var seen = new List<string>();
        for (var more = ""; more is not null;)
        {
            var page = await _api.GetAsync($"{InProcessApi.Certificates}?limit=2&labelSelector=even&continue={Uri.EscapeDataString(more)}");
            seen.AddRange(page["items"]!.AsArray().Select(each => (string)each!["metadata"]!["name"]!));
            more = (string?)page["metadata"]!["continue"];
        }

        Assert.Equal(["c0", "c2", "c4", "c6"], seen);
    }

    [Fact]
    public async Task A_table_of_ten_thousand_reads_no_resource_whole_or_page_by_page()
    {
        var store = new ResourceStore(_store.Inner);
        foreach (var each in Enumerable.Range(0, 10_000)) { await store.CreateAsync(CertificateKind.Kind, A.Certificate($"c{each:d5}"), due: null, Cancel); }
        _store.Reset();

        var whole = await _api.GetAsync("/apis/cert-manager.io/v1/certificates", InProcessApi.AsTable);
        var pages = new List<string[]>();
        for (var more = ""; more is not null;)
        {
            var page = await _api.GetAsync($"/apis/cert-manager.io/v1/certificates?limit=500&continue={Uri.EscapeDataString(more)}", InProcessApi.AsTable);
            pages.Add(Names(page));
            more = (string?)page["metadata"]!["continue"];
        }

        Assert.Equal(10_000, Names(whole).Length);
        Assert.Equal(Names(whole), pages.SelectMany(each => each));
        Assert.Equal(Enumerable.Repeat(500, 20), pages.Select(each => each.Length));
        Assert.Equal((0, 2 + 20), (_store.Reads, _store.Listings));

        static string[] Names(Answer table) => [.. table["rows"]!.AsArray().Select(row => (string)row!["cells"]![0]!)];
    }

    [Fact]
    public async Task A_row_holds_the_whole_resource_only_when_asked_for()
    {
        await _api.PostAsync(InProcessApi.Certificate());

        var partial = await _api.GetAsync(InProcessApi.Certificates, InProcessApi.AsTable);
        var whole = await _api.GetAsync(InProcessApi.Certificates + "?includeObject=Object", InProcessApi.AsTable);

        Assert.Equal("PartialObjectMetadata", (string?)partial["rows"]![0]!["object"]!["kind"]);
        Assert.Equal("web-tls", (string?)whole["rows"]![0]!["object"]!["spec"]!["secretName"]);
    }

    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(200, "3m20s")]
    [InlineData(3 * 3600 - 1, "179m")]
    [InlineData(3 * 3600 + 60, "3h1m")]
    [InlineData(47 * 3600, "47h")]
    [InlineData(3 * 86400 + 4 * 3600, "3d4h")]
    [InlineData(400 * 86400, "400d")]
    [InlineData(800 * 86400, "2y70d")]
    public void Writes_ages_as_kubectl_does(int seconds, string expected) => Assert.Equal(expected, Tables.Age(TimeSpan.FromSeconds(seconds)));
}

/// <summary>Counts what is asked of a store.</summary>
internal sealed class CountingStore(IObjectStore inner) : IObjectStore
{
    private int _reads;
    private int _listings;

    public IObjectStore Inner => inner;

    public int Reads => _reads;

    public int Listings => _listings;

    public void Reset() => (_reads, _listings) = (0, 0);

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return inner.FindAsync(name, cancellationToken);
    }

    public Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _listings);
        return inner.ListAsync(prefix, from, continuation, pageSize, cancellationToken);
    }

    public Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken) =>
        inner.PutIfAbsentAsync(name, content, metadata, cancellationToken);

    public Task<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken) =>
        inner.PutIfMatchAsync(name, content, metadata, expected, cancellationToken);

    public Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken) => inner.DeleteIfMatchAsync(name, expected, cancellationToken);

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => inner.DeleteAsync(name, cancellationToken);
}
