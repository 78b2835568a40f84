using CertFunctions.App.Api;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Api;

/// <summary>The bounds on a request's size and time, and on how many a caller has under way.</summary>
public sealed class LimitTests
{
    private const string Web = InProcessApi.Certificates + "/web";

    [Fact]
    public async Task Too_many_of_one_caller_are_asked_to_come_back_and_others_are_served()
    {
        var store = new StuckStore();
        using var api = new InProcessApi(store, ("Api:ConcurrentRequests", "2"));
        var stuck = new[] { Mine(api), Mine(api) };

        var third = await Mine(api);
        var others = api.GetAsync(Web);
        store.Free();
        await Task.WhenAll(stuck);

        Assert.Equal((429, "TooManyRequests", 1), (third.Code, (string?)third["reason"], (int?)third["details"]!["retryAfterSeconds"]));
        Assert.Equal("1", (string?)third.Headers.RetryAfter);
        Assert.Equal(404, (await others).Code);
        Assert.Equal(404, (await Mine(api)).Code);
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_given_up()
    {
        using var api = new InProcessApi(new StuckStore(), ("Api:RequestTimeout", "00:00:01"));

        var answer = await api.GetAsync(Web);

        Assert.Equal((504, "Timeout"), (answer.Code, (string?)answer["reason"]));
    }

    [Fact]
    public async Task A_store_that_fails_is_told_as_such()
    {
        var store = new StuckStore();
        store.Fail(new IOException("disk full"));
        using var api = new InProcessApi(store);

        var answer = await api.GetAsync(Web);

        Assert.Equal((503, 5), (answer.Code, (int?)answer["details"]!["retryAfterSeconds"]));
        Assert.DoesNotContain("disk", answer.Text, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string, int, int> Sizes => new()
    {
        // because                       method   url                                   body                   code
        { "a body beyond 256 KiB",       "POST",  InProcessApi.Certificates,            BodyReader.Limit + 1,  413 },
        { "the largest body",            "POST",  InProcessApi.Certificates,            BodyReader.Limit,      400 },
        { "a patch beyond 256 KiB",      "PATCH", Web,                                  BodyReader.Limit + 1,  413 },
        { "a deletion beyond 256 KiB",   "DELETE", Web,                                 BodyReader.Limit + 1,  413 },
        { "a query beyond 16 KiB",       "GET",   Web + "?a=" + new string('x', 17_000), 0,                    431 },
    };

    [Theory, MemberData(nameof(Sizes))]
    public async Task Bounds_sizes(string because, string method, string url, int size, int code)
    {
        using var api = new InProcessApi();
        var type = method == "PATCH" ? "application/merge-patch+json" : "application/json";

        var answer = await api.SendAsync(method, url, size == 0 ? null : new string(' ', size), type);

        Assert.True(answer.Code == code, $"{because}: {answer.Code} {answer.Text}");
    }

    [Fact]
    public async Task Bounds_headers()
    {
        using var api = new InProcessApi();

        var answer = await api.SendAsync("GET", Web, change: request => request.Headers["X-Long"] = new string('x', 17_000));

        Assert.Equal((431, "RequestHeaderFieldsTooLarge"), (answer.Code, (string?)answer["reason"]));
    }

    private static Task<Answer> Mine(InProcessApi api) => api.SendAsync("GET", Web, change: request => request.Headers.Authorization = "Bearer mine");

    /// <summary>Finds nothing, once it is let go.</summary>
    private sealed class StuckStore : IObjectStore
    {
        private readonly TaskCompletionSource<StoredObject?> _free = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Free() => _free.SetResult(null);

        public void Fail(Exception failure) => _free.SetException(failure);

        public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => _free.Task.WaitAsync(cancellationToken);

        public Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
