using System.Net;
using System.Text;
using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Tests.Acme;

/// <summary>Answers that are not what was asked for, from a server that is broken, hostile or not an ACME server.</summary>
public sealed class AnswersTests : IDisposable
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

    public static TheoryData<string, string, string, int, string, int> Refusals => new()
    {
        // because                                body                                                                     media type                  status  type                          problem status
        { "an ACME problem",                      """{"type":"urn:ietf:params:acme:error:caa","detail":"d"}""",            "application/problem+json", 403,    "caa",                        403 },
        { "its status is the answer's",           """{"type":"urn:ietf:params:acme:error:caa","status":500}""",            "application/problem+json", 403,    "caa",                        403 },
        { "somebody sends it as JSON",            """{"type":"urn:ietf:params:acme:error:caa"}""",                         "application/json",         403,    "caa",                        403 },
        { "another type stays as it is",          """{"type":"https://x.test/no"}""",                                      "application/problem+json", 400,    "https://x.test/no",          400 },
        { "a type that says nothing",             """{"type":"about:blank","detail":"d"}""",                               "application/problem+json", 404,    AcmeProblem.InvalidResponse,  404 },
        { "no type",                              """{"detail":"d"}""",                                                    "application/problem+json", 502,    AcmeProblem.Unavailable,      502 },
        { "no document: a server in trouble",     "<html>",                                                                "text/html",                503,    AcmeProblem.Unavailable,      503 },
        { "no document: 404 stays recognisable",  "<html>",                                                                "text/html",                404,    AcmeProblem.InvalidResponse,  404 },
        { "cut off",                              """{"type":"urn:ietf:params:acme:er""",                                  "application/problem+json", 400,    AcmeProblem.InvalidResponse,  400 },
        { "HTML that claims success",             "<html>",                                                                "text/html",                200,    AcmeProblem.InvalidResponse,  200 },
        { "an order without what it needs",       """{"status":"valid"}""",                                                "application/json",         200,    AcmeProblem.InvalidResponse,  200 },
        { "an authorization without a URL",       """{"status":"pending","finalize":"https://ca.test/f","authorizations":["1"]}""", "application/json",     200,    AcmeProblem.InvalidResponse,  200 },
        { "another shape",                        "[1]",                                                                   "application/json",         200,    AcmeProblem.InvalidResponse,  200 },
        { "null",                                 "null",                                                                  "application/json",         200,    AcmeProblem.InvalidResponse,  200 },
        { "empty",                                "",                                                                      "application/json",         200,    AcmeProblem.InvalidResponse,  200 },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task Become_problems(string because, string body, string mediaType, int status, string type, int problemStatus)
    {
        _ca.Answer = asked => asked.Method == "POST" ? ScriptedCa.Json(body, status, mediaType) : null;

        var answer = await _ca.WhenDoneAsync(_ca.Client.GetOrderAsync(Me, SomeAcme.OrderUrl, Cancel));

        Assert.Null(answer.Value);
        Assert.True(answer.Problem?.Type == type && answer.Problem.Status == problemStatus, $"{because}: {answer.Problem}");
    }

    [Fact]
    public async Task Keep_every_subproblem_by_its_name()
    {
        const string Subproblems = """
            ,"subproblems":[{"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"no","identifier":{"type":"dns","value":"a.test"}},
             {"type":"urn:ietf:params:acme:error:caa","identifier":{"type":"dns","value":"b.test"}},null,{"detail":"of no type"}]
            """;
        _ca.Answer = asked => asked.Method == "POST" ? ScriptedCa.Problem("malformed", 400, Subproblems) : null;

        var problem = (await _ca.Client.NewOrderAsync(Me, SomeAcme.Wish, Cancel)).Problem!;

        Assert.True(problem.IsVerdict);
        Assert.Equal(["rejectedIdentifier a.test", "caa b.test"], problem.Subproblems.Select(each => $"{each.Type} {each.Identifier?.Value}"));
        Assert.Equal("malformed: words; a.test: rejectedIdentifier: no; b.test: caa: ", problem.Describe());
    }

    [Fact]
    public async Task Keep_the_words_of_the_CA_within_limits()
    {
        _ca.Answer = asked => asked.Method == "POST" ? ScriptedCa.Json($$"""{"type":"x","detail":"{{new string('d', 100_000)}}"}""", 400, "application/problem+json") : null;

        Assert.Equal(4096, (await _ca.Client.NewOrderAsync(Me, SomeAcme.Wish, Cancel)).Problem?.Detail?.Length);
    }

    public static TheoryData<string, string, string> Chains => new()
    {
        // because                        media type                          body
        { "HTML",                         "text/html",                        "<html>" },
        { "PEM by another name",          "text/plain",                       SomeAcme.Pem(SomeAcme.IssuedBy("ca")) },
        { "garbage by the right name",    "application/pem-certificate-chain", "garbage" },
        { "nothing",                      "application/pem-certificate-chain", "" },
        { "a key among them",             "application/pem-certificate-chain", SomeAcme.Pem(SomeAcme.IssuedBy("ca")) + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" },
        { "no certificate inside",        "application/pem-certificate-chain", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
        { "longer than any chain",        "application/pem-certificate-chain", string.Concat(Enumerable.Repeat("-----BEGIN CERTIFICATE-----\n", 5000)) },
    };

    [Theory, MemberData(nameof(Chains))]
    public async Task Are_no_chain_when(string because, string mediaType, string body)
    {
        _ca.Answer = asked => asked.Method == "POST" ? ScriptedCa.Json(body, 200, mediaType) : null;

        var answer = await _ca.Client.DownloadAsync(Me, new Uri("https://ca.test/cert/1"), Cancel);

        Assert.True(answer.Problem?.Type == AcmeProblem.InvalidResponse, because);
    }

    [Theory]
    [InlineData("it says how long it is", true)]
    [InlineData("it does not", false)]
    public async Task Are_read_no_further_than_a_megabyte(string because, bool saysHowLong)
    {
        const int Size = 10_000_000;
        using var endless = new Counted(Size, saysHowLong);
        _ca.Answer = asked => asked.Method == "POST" ? new HttpResponseMessage(HttpStatusCode.OK) { Content = endless } : null;

        var before = GC.GetAllocatedBytesForCurrentThread();
        var answer = await _ca.Client.DownloadAsync(Me, new Uri("https://ca.test/cert/1"), Cancel);
        var spent = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(AcmeProblem.InvalidResponse, answer.Problem?.Type);
        Assert.True(endless.Read <= (1 << 20) + 8192 && spent < 20_000_000, $"{because}: read {endless.Read}, spent {spent}");
    }

    public static TheoryData<string, string?, bool> Redirects => new()
    {
        // because                      to                        followed
        { "it stays with the host",     "https://ca.test/dir2",   true },
        { "it may be relative",         "/dir2",                  true },
        { "another host",               "https://evil.test/dir2", false },
        { "another port",               "https://ca.test:8443/dir2", false },
        { "out of TLS",                 "http://ca.test/dir2",    false },
        { "nowhere",                    null,                     false },
    };

    [Theory, MemberData(nameof(Redirects))]
    public async Task Of_GET_may_send_elsewhere_on_the_same_host(string because, string? to, bool followed)
    {
        _ca.Answer = asked => asked.Url.AbsolutePath switch
        {
            "/dir" => to is null ? new HttpResponseMessage(HttpStatusCode.Found) : ScriptedCa.With(new HttpResponseMessage(HttpStatusCode.Found), "Location", to),
            "/dir2" => ScriptedCa.Json("""{"newNonce":"https://ca.test/n","newAccount":"https://ca.test/a","newOrder":"https://ca.test/o"}"""),
            _ => null,
        };

        var answer = await _ca.Client.GetDirectoryAsync(Cancel);

        Assert.True(followed ? answer.Value is not null : answer.Problem?.Type == AcmeProblem.InvalidResponse, because);
        Assert.Equal(followed ? 2 : 1, _ca.Requests.Count);
    }

    [Fact]
    public async Task Of_POST_send_nowhere()
    {
        _ca.Answer = asked => asked.Method == "POST" ? ScriptedCa.With(new HttpResponseMessage(HttpStatusCode.TemporaryRedirect), "Location", "https://ca.test/order/2") : null;

        Assert.Equal((AcmeProblem.InvalidResponse, 307), (await _ca.Client.GetOrderAsync(Me, SomeAcme.OrderUrl, Cancel)).Problem is { } problem ? (problem.Type, problem.Status) : default);
        Assert.Single(_ca.Posts);
    }

    [Fact]
    public async Task Of_GET_do_not_send_in_circles()
    {
        _ca.Answer = _ => ScriptedCa.With(new HttpResponseMessage(HttpStatusCode.Found), "Location", "/dir");

        Assert.Equal(AcmeProblem.InvalidResponse, (await _ca.Client.GetDirectoryAsync(Cancel)).Problem?.Type);
        Assert.Equal(4, _ca.Requests.Count);
    }

    [Theory]
    [InlineData("not over TLS", "http://ca.test/order/1")]
    [InlineData("another server's", "https://other.test/order/1")]
    [InlineData("a name and password", "https://a:b@ca.test/order/1")]
    [InlineData("a file", "file:///etc/passwd")]
    public async Task Name_URLs_that_get_no_signed_message(string because, string url)
    {
        var answer = await _ca.Client.GetOrderAsync(Me, new Uri(url), Cancel);

        Assert.True(answer.Problem?.Type == AcmeProblem.InvalidResponse, because);
        Assert.Empty(_ca.Posts);
    }

    [Fact]
    public async Task Are_never_an_exception_whatever_the_bytes()
    {
        byte[][] bodies = [.. new[]
        {
            SomeAcme.Order,
            """{"identifier":{"type":"dns","value":"a"},"status":"pending","challenges":[{"type":"http-01","url":"https://ca.test/c","token":"t","error":{"type":"x","subproblems":[{}]}}]}""",
            """{"suggestedWindow":{"start":"2026-01-01T00:00:00Z","end":"2026-01-02T00:00:00Z"}}""",
            """{"newNonce":"https://ca.test/n","newAccount":"https://ca.test/a","newOrder":"https://ca.test/o","meta":{"profiles":{"a":"b"},"caaIdentities":["x"]}}""",
        }.Select(Encoding.UTF8.GetBytes)];
        var random = new Random(17);
        byte[] Next()
        {
            var body = (byte[])bodies[random.Next(bodies.Length)].Clone();
            for (var i = random.Next(1, 6); i > 0; i--) { body[random.Next(body.Length)] = (byte)random.Next(256); }
            return body;
        }

        _ca.Answer = asked => asked.Method == "POST" || asked.Url.AbsolutePath.StartsWith("/x", StringComparison.Ordinal)
            ? new HttpResponseMessage((HttpStatusCode)(random.Next(4) == 0 ? 400 : 200)) { Content = new ByteArrayContent(Next()) { Headers = { ContentType = new("application/json") } } }
            : null;
        var url = new Uri("https://ca.test/x");
        for (var i = 0; i < 1000; i++)
        {
            var order = await _ca.Client.GetOrderAsync(Me, url, Cancel);
            var authorization = await _ca.Client.GetAuthorizationAsync(Me, url, Cancel);
            using var other = new AcmeClient(new HttpClient(_ca, disposeHandler: false), url, _ca.Time);
            var directory = await other.GetDirectoryAsync(Cancel);

            Assert.True(order.Value is null != order.Problem is null && authorization.Value is null != authorization.Problem is null && directory.Value is null != directory.Problem is null);
        }
    }

    /// <summary>A body without end that counts what was taken of it.</summary>
    private sealed class Counted(long size, bool saysHowLong) : HttpContent
    {
        public long Read { get; private set; }

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new Endless(this, size));

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return saysHowLong;
        }

        private sealed class Endless(Counted content, long size) : MemoryStream
        {
            public override int Read(Span<byte> buffer)
            {
                var count = (int)Math.Min(buffer.Length, size - content.Read);
                buffer[..count].Fill((byte)'x');
                content.Read += count;
                return count;
            }

            public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));
        }
    }
}
