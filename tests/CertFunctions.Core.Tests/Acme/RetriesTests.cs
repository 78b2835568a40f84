using System.Net;
using System.Net.Sockets;
using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Tests.Acme;

/// <summary>What the client asks again by itself, how often and when; and what it leaves to its caller.</summary>
public sealed class RetriesTests : IDisposable
{
    private readonly ScriptedCa _ca = new();
    private readonly AccountKey _key = AccountKey.Generate();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private AcmeIdentity Me => SomeAcme.Identity(_key);

    public void Dispose()
    {
        _ca.Dispose();
        _key.Dispose();
    }

    [Fact]
    public async Task Replaces_a_refused_nonce_ten_times_each_with_the_one_of_the_refusal()
    {
        var refusals = 0;
        _ca.Answer = asked => asked.Method != "POST" ? null
            : ++refusals <= 10 ? ScriptedCa.With(ScriptedCa.Problem("badNonce", 400), "Replay-Nonce", $"fresh{refusals}")
            : SomeAcme.NewOrder();

        var answer = await _ca.Client.NewOrderAsync(Me, SomeAcme.Wish, Cancel);

        Assert.NotNull(answer.Value);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => $"fresh{i}"), _ca.Posts.Skip(1).Select(each => each.Nonce));
    }

    [Fact]
    public async Task Gives_up_after_the_eleventh_refusal_and_calls_it_no_verdict()
    {
        _ca.Answer = asked => asked.Method == "POST" ? ScriptedCa.Problem("badNonce", 400) : null;

        var answer = await _ca.Client.NewOrderAsync(Me, SomeAcme.Wish, Cancel);

        Assert.Equal("badNonce", answer.Problem?.Type);
        Assert.False(answer.Problem!.IsVerdict);
        Assert.Equal(11, _ca.Posts.Count);
    }

    [Fact]
    public async Task Asks_for_a_nonce_when_a_refusal_brings_none_that_is_one()
    {
        _ca.Answer = asked => asked.Method != "POST" ? null
            : _ca.Posts.Count == 1 ? ScriptedCa.With(ScriptedCa.Problem("badNonce", 400), "Replay-Nonce", "no nonce!")
            : SomeAcme.NewOrder();

        await _ca.Client.NewOrderAsync(Me, SomeAcme.Wish, Cancel);

        Assert.Equal(["GET", "HEAD", "POST", "HEAD", "POST"], _ca.Requests.Select(each => each.Method));
    }

    [Fact]
    public async Task Lives_on_the_nonces_of_answers()
    {
        _ca.Answer = asked => asked.Method == "POST" ? ScriptedCa.Json(SomeAcme.Order) : null;

        for (var i = 0; i < 5; i++) { await _ca.Client.GetOrderAsync(Me, SomeAcme.OrderUrl, Cancel); }

        Assert.Equal(["GET", "HEAD", "POST", "POST", "POST", "POST", "POST"], _ca.Requests.Select(each => each.Method));
    }

    [Fact]
    public async Task Forgets_nonces_that_have_lain_for_long()
    {
        _ca.Answer = asked => asked.Method == "POST" ? ScriptedCa.Json(SomeAcme.Order) : null;
        await _ca.Client.GetOrderAsync(Me, SomeAcme.OrderUrl, Cancel);

        _ca.Time.Advance(TimeSpan.FromMinutes(20));
        await _ca.Client.GetOrderAsync(Me, SomeAcme.OrderUrl, Cancel);

        Assert.Equal(2, _ca.Requests.Count(each => each.Method == "HEAD"));
    }

    public static TheoryData<string, string, int> Failures => new()
    {
        // because                                      failure                   tries
        { "servers stumble",                            "500",                    3 },
        { "a problem document does not change that",    "500 problem",            3 },
        { "two seconds are worth waiting for",          "503 after 2",            3 },
        { "a minute is the caller's to wait",           "503 after 60",           1 },
        { "a rate limit is the caller's to wait",       "429 after 1",            1 },
        { "a refusal stays one",                        "403",                    1 },
        { "an answer may get lost",                     "lost",                   3 },
        { "a connection may fail",                      "no connection",          3 },
        { "a name may not resolve for a moment",        "no name",                3 },
        { "a certificate is not trusted a second later", "no trust",              1 },
        { "nor is an address that is refused",          "refused address",        1 },
    };

    [Theory, MemberData(nameof(Failures))]
    public async Task Reads_again_after(string because, string failure, int tries)
    {
        _ca.Answer = asked => asked.Method == "POST" ? Fail(failure) : null;

        var answer = await _ca.WhenDoneAsync(_ca.Client.GetOrderAsync(Me, SomeAcme.OrderUrl, Cancel));

        Assert.NotNull(answer.Problem);
        Assert.True(_ca.Posts.Count == tries, $"{because}: {_ca.Posts.Count}");
    }

    public static TheoryData<string, string, int> WhenOrdering => new()
    {
        // because                               failure            tries
        { "it may have been made",               "500",             1 },
        { "it may have been made, even so",      "503 after 2",     1 },
        { "it may have been made, answer lost",  "lost",            1 },
        { "it was never sent",                   "no connection",   3 },
        { "it was never sent: no address",       "no name",         3 },
    };

    [Theory, MemberData(nameof(WhenOrdering))]
    public async Task Orders_and_finalizes_but_once(string because, string failure, int tries)
    {
        _ca.Answer = asked => asked.Method == "POST" ? Fail(failure) : null;

        var order = await _ca.WhenDoneAsync(_ca.Client.NewOrderAsync(Me, SomeAcme.Wish, Cancel));
        var ordered = _ca.Posts.Count;
        var finalized = await _ca.WhenDoneAsync(_ca.Client.FinalizeAsync(Me, new Uri("https://ca.test/order/1/finalize"), new byte[] { 1 }, Cancel));

        Assert.True(order.Problem?.Type == AcmeProblem.Unavailable && finalized.Problem?.Type == AcmeProblem.Unavailable, because);
        Assert.Equal((tries, tries), (ordered, _ca.Posts.Count - ordered));
    }

    [Fact]
    public async Task Waits_half_a_second_then_one_or_as_long_as_it_is_told()
    {
        _ca.Answer = asked => asked.Method != "POST" ? null
            : _ca.Posts.Count switch { 1 => Fail("500"), 2 => Fail("503 after 2"), _ => ScriptedCa.Json(SomeAcme.Order) };

        var answer = await _ca.WhenDoneAsync(_ca.Client.GetOrderAsync(Me, SomeAcme.OrderUrl, Cancel));

        Assert.NotNull(answer.Value);
        var at = _ca.Posts.Select(each => each.At).ToList();
        Assert.True(at[1] - at[0] >= TimeSpan.FromMilliseconds(500) && at[2] - at[1] >= TimeSpan.FromSeconds(2), string.Join(' ', at));
    }

    [Fact]
    public async Task Waits_thirty_seconds_for_an_answer()
    {
        _ca.Before = (asked, cancel) => asked.Method == "POST" ? Task.Delay(Timeout.InfiniteTimeSpan, cancel) : Task.CompletedTask;

        var answer = await _ca.WhenDoneAsync(_ca.Client.NewOrderAsync(Me, SomeAcme.Wish, Cancel));

        Assert.Equal((AcmeProblem.Unavailable, 0), (answer.Problem!.Type, answer.Problem.Status));
        Assert.Contains("ca.test gave no answer in time", answer.Problem.Describe(), StringComparison.Ordinal);
        Assert.Single(_ca.Posts);
    }

    [Fact]
    public async Task Throws_only_when_its_caller_gives_up()
    {
        using var caller = new CancellationTokenSource();
        _ca.Before = async (asked, cancel) =>
        {
            if (asked.Method == "POST") { await caller.CancelAsync(); cancel.ThrowIfCancellationRequested(); }
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _ca.Client.GetOrderAsync(Me, SomeAcme.OrderUrl, caller.Token));
    }

    [Theory]
    [InlineData("429 after 1", "rateLimited", 1)]
    [InlineData("503 after 60", AcmeProblem.Unavailable, 60)]
    public async Task Hands_on_when_to_ask_again(string failure, string type, int seconds)
    {
        _ca.Answer = asked => asked.Method == "POST" ? Fail(failure) : null;

        var answer = await _ca.Client.NewOrderAsync(Me, SomeAcme.Wish, Cancel);

        Assert.Equal(type, answer.Problem?.Type);
        Assert.False(answer.Problem!.IsVerdict);
        Assert.Equal((TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds)), (answer.RetryAfter, answer.Problem.RetryAfter));
    }

    private static HttpResponseMessage Fail(string failure) => failure switch
    {
        "500" => new HttpResponseMessage(HttpStatusCode.InternalServerError),
        "500 problem" => ScriptedCa.Problem("serverInternal", 500),
        "503 after 2" => ScriptedCa.With(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable), "Retry-After", "2"),
        "503 after 60" => ScriptedCa.With(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable), "Retry-After", "60"),
        "429 after 1" => ScriptedCa.With(ScriptedCa.Problem("rateLimited", 429), "Retry-After", "1"),
        "403" => ScriptedCa.Problem("unauthorized", 403),
        "lost" => throw new HttpRequestException(HttpRequestError.ResponseEnded, "The response ended prematurely."),
        "no connection" => throw new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.ConnectionRefused)),
        "no name" => throw new HttpRequestException(HttpRequestError.NameResolutionError, "x", new SocketException((int)SocketError.HostNotFound)),
        "no trust" => throw new HttpRequestException(HttpRequestError.SecureConnectionError, "x", new System.Security.Authentication.AuthenticationException("UntrustedRoot")),
        "refused address" => throw new HttpRequestException(HttpRequestError.ConnectionError, "x", new AddressRefusedException("no")),
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, message: null),
    };
}
