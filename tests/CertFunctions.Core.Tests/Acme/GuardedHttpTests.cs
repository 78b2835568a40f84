using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Tests.Acme;

/// <summary>Who is connected to, and whose certificate is believed: tried on sockets of this machine.</summary>
public sealed class GuardedHttpTests : IAsyncDisposable
{
    private static readonly DateTimeOffset At = TimeProvider.System.GetUtcNow().AddDays(-1);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly X509Certificate2 _root, _middle, _leaf;
    private readonly Task _serving;
    private int _connections;

    public GuardedHttpTests()
    {
        _root = Make("root", issuer: null);
        _middle = Make("middle", _root);
        _leaf = Make("ca.test", _middle, isCa: false);
        _listener.Start();
        _serving = ServeAsync();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every name is this machine.</summary>
    private OutboundRules Rules => new()
    {
        AllowsPrivateAddresses = true,
        TrustedCas = _root.ExportCertificatePem(),
        Resolve = (asked, _) => Task.FromResult<IReadOnlyList<IPEndPoint>>([new IPEndPoint(IPAddress.Parse("127.0.0.1"), Port)]),
    };

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving;
        _listener.Dispose();
        foreach (var each in new[] { _root, _middle, _leaf }) { each.Dispose(); }
        _end.Dispose();
    }

    [Fact]
    public async Task Reaches_a_server_whose_CA_is_trusted()
    {
        using var http = GuardedHttp.Create(Rules);

        Assert.Equal("hello", await http.GetStringAsync(new Uri("https://ca.test/"), Cancel));
    }

    public static TheoryData<string, string, bool> Trust => new()
    {
        // because                                          trusted   reached
        { "the root",                                       "root",   true },
        { "an intermediate is enough, as in Go",            "middle", true },
        { "the machine does not know it",                   "none",   false },
        { "another CA",                                     "other",  false },
        { "nobody looks",                                   "skip",   true },
    };

    [Theory, MemberData(nameof(Trust))]
    public async Task Believes_a_certificate_by(string because, string trusted, bool reached)
    {
        using var other = Make("other", issuer: null);
        using var http = GuardedHttp.Create(Rules with
        {
            SkipsVerification = trusted == "skip",
            TrustedCas = trusted switch { "root" => _root.ExportCertificatePem(), "middle" => _middle.ExportCertificatePem(), "other" => other.ExportCertificatePem(), _ => null },
        });

        Assert.True(await ReachesAsync(http, "https://ca.test/") is null == reached, because);
    }

    [Fact]
    public async Task Does_not_believe_a_certificate_of_another_name()
    {
        using var http = GuardedHttp.Create(Rules);
        using var byMiddle = GuardedHttp.Create(Rules with { TrustedCas = _middle.ExportCertificatePem() });

        Assert.Contains("TLS failed", await ReachesAsync(http, "https://other.test/"), StringComparison.Ordinal);
        Assert.Contains("TLS failed", await ReachesAsync(byMiddle, "https://other.test/"), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string, bool> Refused => new()
    {
        // because                                 URL                               resolves to          private allowed
        { "loopback",                              "https://ca.test/",               "127.0.0.1",         false },
        { "the address itself is in the URL",      "https://127.0.0.1/",             "127.0.0.1",         false },
        { "mapped",                                "https://ca.test/",               "::ffff:127.0.0.1",  false },
        { "metadata, even so",                     "https://ca.test/",               "169.254.169.254",   true },
        { "without TLS",                           "http://ca.test/",                "127.0.0.1",         true },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task Connects_to_nobody_who_is_refused(string because, string url, string address, bool allowed)
    {
        using var http = GuardedHttp.Create(Rules with
        {
            AllowsPrivateAddresses = allowed,
            Resolve = (_, _) => Task.FromResult<IReadOnlyList<IPEndPoint>>([new IPEndPoint(IPAddress.Parse(address), Port)]),
        });

        var failure = await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync(new Uri(url), Cancel));

        Assert.True(failure.InnerException is AddressRefusedException, $"{because}: {failure}");
        Assert.Equal(0, _connections);
    }

    [Fact]
    public async Task Resolves_by_DNS_unless_told_otherwise_and_refuses_what_it_finds()
    {
        using var http = GuardedHttp.Create(new OutboundRules());

        Assert.Contains("loopback", await ReachesAsync(http, $"https://localhost:{Port}/"), StringComparison.Ordinal);
        Assert.Contains("loopback", await ReachesAsync(http, $"https://2130706433:{Port}/"), StringComparison.Ordinal);
        Assert.Equal(0, _connections);
    }

    [Fact]
    public async Task Tries_the_addresses_in_turn_and_only_those_it_may()
    {
        using var dead = new TcpListener(IPAddress.Loopback, 0);
        dead.Start();
        var closed = ((IPEndPoint)dead.LocalEndpoint).Port;
        dead.Stop();
        using var http = GuardedHttp.Create(Rules with
        {
            Resolve = (_, _) => Task.FromResult<IReadOnlyList<IPEndPoint>>([new(IPAddress.Parse("169.254.169.254"), 80), new(IPAddress.Loopback, closed), new(IPAddress.Loopback, Port)]),
        });

        Assert.Equal("hello", await http.GetStringAsync(new Uri("https://ca.test/"), Cancel));
    }

    [Fact]
    public async Task Checks_every_hop_of_a_redirect()
    {
        using var http = GuardedHttp.Create(Rules with
        {
            MaxRedirects = 3,
            Resolve = (asked, _) => Task.FromResult<IReadOnlyList<IPEndPoint>>([new IPEndPoint(IPAddress.Parse(asked.Host == "ca.test" ? "127.0.0.1" : "169.254.169.254"), Port)]),
        });

        Assert.Contains("metadata", await ReachesAsync(http, "https://ca.test/away"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Follows_no_redirect_unless_told_to()
    {
        using var http = GuardedHttp.Create(Rules);

        using var answer = await http.GetAsync(new Uri("https://ca.test/away"), Cancel);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
    }

    [Fact]
    public void Refuses_a_bundle_that_holds_no_certificate()
    {
        Assert.Throws<FormatException>(() => GuardedHttp.Create(new OutboundRules { TrustedCas = "nothing" }));
        Assert.Throws<FormatException>(() => GuardedHttp.Create(new AcmeConnection(new Uri("https://ca.test"), "-----BEGIN CERTIFICATE-----", SkipsVerification: false, AllowsPrivateAddresses: false)));
    }

    /// <summary>Null, or why not.</summary>
    private static async Task<string?> ReachesAsync(HttpClient http, string url)
    {
        try
        {
            await http.GetStringAsync(new Uri(url), Cancel);
            return null;
        }
        catch (HttpRequestException failure)
        {
            return NetworkFailure.Describe(failure, new Uri(url).Host);
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                try
                {
                    await AnswerAsync(client);
                }
                catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // the client did not believe it
                }
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException) { }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        await using var tls = new SslStream(client.GetStream());
        var context = SslStreamCertificateContext.Create(_leaf, [_middle], offline: true);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context }, _end.Token);
        using var reader = new StreamReader(tls, leaveOpen: true);
        var asked = await reader.ReadLineAsync(_end.Token);
        var head = asked?.Contains("/away", StringComparison.Ordinal) is true ? "302 Found\r\nLocation: https://elsewhere.test/" : "200 OK";
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"), _end.Token);
    }

    private static X509Certificate2 Make(string name, X509Certificate2? issuer, bool isCa = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, hasPathLengthConstraint: false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        if (issuer is null) { return request.CreateSelfSigned(At, At.AddDays(30)); }

        using var signed = request.Create(issuer, At, At.AddDays(20), RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), password: null);
    }
}
