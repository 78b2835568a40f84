using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using CertFunctions.App.Acme.Dns01;
using CertFunctions.App.Acme.Dns01.Lookups;
using CertFunctions.Core.Resources;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>Delegation, zones and visibility, against bind9.</summary>
public sealed class DnsLookupsTests(Bind9 bind) : IClassFixture<Bind9>, IDisposable
{
    private static readonly Dns01Solver Plain = new();
    private static readonly Dns01Solver Following = new() { CnameStrategy = "Follow" };

    private readonly SolverRig _rig = SolverRig.For(bind);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("no alias", "_acme-challenge.example.test", "_acme-challenge.example.test")]
    [InlineData("one alias", "_acme-challenge.www.example.test", "www.acme.test")]
    [InlineData("capital letters and the root's dot", "_ACME-challenge.WWW.example.test.", "www.acme.test")]
    [InlineData("ten aliases", "c9.example.test", "end.acme.test")]
    public async Task Follows(string because, string fqdn, string end)
    {
        var delegation = await _rig.Lookups.FollowAsync(fqdn, Following, Cancel);

        Assert.True(delegation == new Delegation(end, SolverOutcome.Done), $"{because}: {delegation}");
    }

    [Theory]
    [InlineData("_acme-challenge.loop.example.test")]
    [InlineData("c10.example.test")]
    public async Task Names_a_delegation_that_does_not_end(string fqdn)
    {
        var delegation = await _rig.Lookups.FollowAsync(fqdn, Following, Cancel);

        Assert.Equal("DelegationLoop", delegation.Outcome.Code);
        Assert.Equal(Visibility.NotVisible, (await _rig.Lookups.CheckAsync(fqdn, "value", Plain, Cancel)).State);
    }

    [Fact]
    public async Task Stays_at_the_name_where_it_is_not_told_to_follow() =>
        Assert.Equal(new Delegation("_acme-challenge.www.example.test", SolverOutcome.Done), await _rig.Lookups.FollowAsync("_acme-challenge.www.example.test", Plain, Cancel));

    [Theory]
    [InlineData("a.b.c.example.test", "example.test")]
    [InlineData("example.test", "example.test")]
    [InlineData("_acme-challenge.www.example.test", "example.test")]
    [InlineData("_acme-challenge.nowhere", null)]
    public async Task Finds_the_zone_of(string fqdn, string? zone) => Assert.Equal(zone, await _rig.Lookups.FindZoneAsync(fqdn, Plain, Cancel));

    [Fact]
    public async Task Sees_a_record_that_every_server_has()
    {
        var name = "_acme-challenge.seen.example.test";
        Assert.Equal(Visibility.NotVisible, (await _rig.Lookups.CheckAsync(name, "value", Plain, Cancel)).State);

        await AddAsync(name, "other");
        await AddAsync(name, "value");

        Assert.Equal(new Visibility(Visibility.Visible, null), await _rig.Lookups.CheckAsync(name, "value", Plain, Cancel));
        Assert.Equal(Visibility.NotVisible, (await _rig.Lookups.CheckAsync(name, "val", Plain, Cancel)).State);
    }

    [Fact]
    public async Task Looks_behind_an_alias_always()
    {
        await AddAsync("www.acme.test", "value");

        Assert.Equal(Visibility.Visible, (await _rig.Lookups.CheckAsync("_acme-challenge.www.example.test", "value", Plain, Cancel)).State);
    }

    [Fact]
    public async Task Names_the_server_that_lags_behind()
    {
        using var other = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), bind.Port));   // ns2.lag.test
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var answers = DenyAsync(other, end.Token);
        await AddAsync("_acme-challenge.lag.test", "value");

        var seen = await _rig.Lookups.CheckAsync("_acme-challenge.lag.test", "value", Plain, Cancel);

        Assert.Equal(Visibility.NotVisible, seen.State);
        Assert.Contains("ns2.lag.test (1 of 2", seen.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ns1", seen.Message, StringComparison.Ordinal);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answers);
    }

    [Theory]
    [InlineData("dead.test", "No DNS server")]
    [InlineData("half.test", "Not every DNS server")]
    public async Task Tells_silence_from_absence(string zone, string words)
    {
        await AddAsync($"_acme-challenge.{zone}", "value");

        var seen = await _rig.Lookups.CheckAsync($"_acme-challenge.{zone}", "value", Plain, Cancel);

        Assert.Equal(Visibility.Unreachable, seen.State);
        Assert.Contains(words, seen.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_the_solvers_servers_alone_where_it_names_some()
    {
        await AddAsync("_acme-challenge.dead.test", "by-solver");
        var solver = new Dns01Solver { Nameservers = [bind.Address] };

        Assert.Equal(Visibility.Visible, (await _rig.Lookups.CheckAsync("_acme-challenge.dead.test", "by-solver", solver, Cancel)).State);
    }

    [Fact]
    public async Task Asks_the_recursive_servers_alone_where_the_settings_say_so()
    {
        await AddAsync("_acme-challenge.dead.test", "by-setting");
        using var rig = new SolverRig(new Dictionary<string, string?> { ["Dns01:Nameservers:0"] = bind.Address, ["Dns01:RecursiveOnly"] = "true" });

        Assert.Equal(Visibility.Visible, (await rig.Lookups.CheckAsync("_acme-challenge.dead.test", "by-setting", Plain, Cancel)).State);
    }

    [Fact]
    public async Task Reads_a_record_of_64_kB()
    {
        var seen = await _rig.Lookups.CheckAsync("long.example.test", new string('x', 255 * 240), Plain, Cancel);

        Assert.Equal(Visibility.Visible, seen.State);
    }

    [Fact]
    public async Task Asks_over_HTTPS()
    {
        await AddAsync("www.acme.test", "over-https");
        using var gateway = new Gateway(bind.Port);
        using var rig = new SolverRig(new Dictionary<string, string?>(), https: gateway);
        var solver = new Dns01Solver { CnameStrategy = "Follow", Nameservers = ["https://dns.test/dns-query"] };

        Assert.Equal("www.acme.test", (await rig.Lookups.FollowAsync("_acme-challenge.www.example.test", solver, Cancel)).Fqdn);
        Assert.Equal(Visibility.Visible, (await rig.Lookups.CheckAsync("_acme-challenge.www.example.test", "over-https", solver, Cancel)).State);
        Assert.Equal(Visibility.NotVisible, (await rig.Lookups.CheckAsync("_acme-challenge.www.example.test", "missing", solver, Cancel)).State);
    }

    [Theory]
    [InlineData("no DNS at all", "")]
    [InlineData("a count that is not true", "0000840000010fff0000000003777777000010000100")]
    [InlineData("a name that points at itself", "000084000000000100000000c00c00100001000000010000")]
    [InlineData("a length past the end", "0000840000000001000000000000100001000000017fff")]
    public async Task Survives(string because, string answer)
    {
        using var gateway = new Gateway(Convert.FromHexString(answer));
        using var rig = new SolverRig(new Dictionary<string, string?>(), https: gateway);

        var seen = await rig.Lookups.CheckAsync("example.test", "value", new Dns01Solver { Nameservers = ["https://dns.test/dns-query"] }, Cancel);

        Assert.True(seen.State == Visibility.Unreachable, $"{because}: {seen}");
    }

    [Fact]
    public async Task Survives_random_answers()
    {
        var random = new Random(20260101);
        using var gateway = new Gateway(() => { var octets = new byte[random.Next(0, 200)]; random.NextBytes(octets); return octets; });
        using var rig = new SolverRig(new Dictionary<string, string?>(), https: gateway);
        var solver = new Dns01Solver { CnameStrategy = "Follow", Nameservers = ["https://dns.test/dns-query"] };

        for (var i = 0; i < 2000; i++) { Assert.NotEqual(Visibility.Visible, (await rig.Lookups.CheckAsync("a.example.test", "value", solver, Cancel)).State); }
    }

    public void Dispose() => _rig.Dispose();

    private async Task AddAsync(string fqdn, string value)
    {
        var reference = await _rig.SecretAsync($"tsig-{Guid.CreateVersion7()}", bind.Secret);
        var spec = new Rfc2136Dns { Nameserver = bind.Address, TsigKeyName = Bind9.KeyName, TsigAlgorithm = "HMACSHA256", TsigSecretSecretRef = reference };
        Assert.Equal(SolverOutcome.Done, await _rig.Provider("rfc2136").AddAsync(new(fqdn, value, fqdn), new DnsSolver(new Dns01Solver { Rfc2136 = spec }, "ns", AllowsAmbient: false), Cancel));
    }

    /// <summary>Answers, with authority, that there is nothing at any name.</summary>
    private static async Task DenyAsync(UdpClient server, CancellationToken cancellationToken)
    {
        while (true)
        {
            var question = await server.ReceiveAsync(cancellationToken);
            question.Buffer[2] |= 0x84;
            await server.SendAsync(question.Buffer, question.RemoteEndPoint, cancellationToken);
        }
    }

    /// <summary>Carries DNS over HTTPS without HTTP: to a DNS server by UDP, or to an answer made up.</summary>
    private sealed class Gateway(Func<byte[], Task<byte[]>> answer) : HttpMessageHandler
    {
        public Gateway(byte[] always)
            : this(_ => Task.FromResult(always)) { }

        public Gateway(Func<byte[]> some)
            : this(_ => Task.FromResult(some())) { }

        public Gateway(int port)
            : this(question => ForwardAsync(question, port)) { }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("application/dns-message", request.Content!.Headers.ContentType!.MediaType);
            var content = new ByteArrayContent(await answer(await request.Content.ReadAsByteArrayAsync(cancellationToken)));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/dns-message");
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
        }

        private static async Task<byte[]> ForwardAsync(byte[] question, int port)
        {
            using var client = new UdpClient();
            client.Connect(IPAddress.Loopback, port);
            await client.SendAsync(question, Cancel);
            return (await client.ReceiveAsync(Cancel)).Buffer;
        }
    }
}
