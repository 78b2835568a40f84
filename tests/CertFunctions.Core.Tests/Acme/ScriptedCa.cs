using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CertFunctions.Core.Acme;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.Core.Tests.Acme;

/// <summary>An ACME server that answers as a test says; the directory and nonces it answers by itself. Each answer brings a fresh nonce.</summary>
internal sealed class ScriptedCa : HttpMessageHandler
{
    public static readonly Uri Directory = new("https://ca.test/dir");

    private readonly List<Asked> _asked = [];
    private int _nonces;

    public ScriptedCa() => Client = new AcmeClient(new HttpClient(this), Directory, Time);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public AcmeClient Client { get; }

    /// <summary>Members of the directory, each after a comma.</summary>
    public string More { get; set; } = "";

    /// <summary>The answer to a request; null: the ordinary one, else 404. May throw what the network throws.</summary>
    public Func<Asked, HttpResponseMessage?> Answer { get; set; } = _ => null;

    /// <summary>The same, for answers that take their time.</summary>
    public Func<Asked, CancellationToken, Task>? Before { get; set; }

    public IReadOnlyList<Asked> Requests
    {
        get { lock (_asked) { return [.. _asked]; } }
    }

    public IReadOnlyList<Asked> Posts => [.. Requests.Where(each => each.Method == "POST")];

    public static HttpResponseMessage Json(string body, int status = 200, string type = "application/json") =>
        new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue(type)) };

    public static HttpResponseMessage Problem(string type, int status, string more = "") =>
        Json($$"""{"type":"urn:ietf:params:acme:error:{{type}}","detail":"words"{{more}}}""", status, "application/problem+json");

    public static HttpResponseMessage With(HttpResponseMessage answer, string header, string value)
    {
        answer.Headers.TryAddWithoutValidation(header, value);
        return answer;
    }

    /// <summary>Lets time pass until the client is done.</summary>
    public async Task<T> WhenDoneAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        return await task;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        var asked = new Asked(request.Method.Method, request.RequestUri!, request.Content?.Headers.ContentType?.ToString(), body, Time.GetUtcNow());
        lock (_asked) { _asked.Add(asked); }
        if (Before is { } before) { await before(asked, cancellationToken); }

        var answer = Answer(asked) ?? Ordinary(asked);
        if (!answer.Headers.Contains("Replay-Nonce")) { answer.Headers.Add("Replay-Nonce", $"n{Interlocked.Increment(ref _nonces)}"); }
        return answer;
    }

    private HttpResponseMessage Ordinary(Asked asked) => (asked.Method, asked.Url.AbsolutePath) switch
    {
        ("GET", "/dir") => Json($$"""{"newNonce":"https://ca.test/nonce","newAccount":"https://ca.test/account","newOrder":"https://ca.test/order"{{More}}}"""),
        ("HEAD", "/nonce") => new HttpResponseMessage(HttpStatusCode.OK),
        _ => new HttpResponseMessage(HttpStatusCode.NotFound),
    };
}

/// <summary>One request as it arrived.</summary>
internal sealed record Asked(string Method, Uri Url, string? ContentType, string? Body, DateTimeOffset At)
{
    public JsonObject Jws => JsonNode.Parse(Body!)!.AsObject();

    public JsonObject Header => Part(Jws, "protected");

    public string Nonce => (string)Header["nonce"]!;

    public JsonObject Payload => Part(Jws, "payload");

    public static JsonObject Part(JsonNode jws, string name) => JsonNode.Parse(Base64Url.DecodeFromChars((string)jws[name]!))!.AsObject();

    /// <summary>What a signature is over.</summary>
    public static byte[] Signed(JsonNode jws) => Encoding.ASCII.GetBytes($"{jws["protected"]}.{jws["payload"]}");

    public static byte[] Signature(JsonNode jws) => Base64Url.DecodeFromChars((string)jws["signature"]!);
}
