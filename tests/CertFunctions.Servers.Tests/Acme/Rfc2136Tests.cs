using System.Net;
using System.Net.Sockets;
using CertFunctions.App.Acme.Dns01;
using CertFunctions.Core.Resources;
using CertFunctions.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>Dynamic updates against bind9.</summary>
public sealed class Rfc2136Tests(Bind9 bind) : DnsProviderContract, IClassFixture<Bind9>, IDisposable
{
    private readonly SolverRig _rig = SolverRig.For(bind);

    public static TheoryData<string, string> Keys => new()
    {
        { "key-hmac-md5", "HMACMD5" },
        { "key-hmac-sha1", "HMACSHA1" },
        { "key-hmac-sha224", "HMACSHA224" },
        { "key-hmac-sha256", "hmacsha256" },
        { "key-hmac-sha384", "hmac-sha384" },
        { "KEY-hmac-sha512.", "HMACSHA512" },
    };

    [Theory, MemberData(nameof(Keys))]
    public async Task Signs_with(string key, string algorithm)
    {
        var solver = await SolverAsync(key, algorithm);

        Assert.Equal(SolverOutcome.Done, await Provider.AddAsync(Record(algorithm.ToLowerInvariant(), "value"), solver, Cancel));

        Assert.Equal(["value"], await bind.TextsAsync(Record(algorithm.ToLowerInvariant(), "").Fqdn, Cancel));
    }

    [Fact]
    public async Task Takes_MD5_where_no_algorithm_is_named() =>
        Assert.Equal(SolverOutcome.Done, await Provider.AddAsync(Record("md5", "value"), await SolverAsync("key-hmac-md5", algorithm: null), Cancel));

    public static TheoryData<string, string, string, bool, string, string> Refusals => new()
    {
        // because                          fqdn                            key             secret is right  code              words
        { "the secret is another",          "_acme-challenge.x.example.test", Bind9.KeyName, false, "SolverForbidden", "BADSIG" },
        { "the key is not known",           "_acme-challenge.x.example.test", "stranger",    true,  "SolverForbidden", "BADKEY" },
        { "the algorithm is another",       "_acme-challenge.x.example.test", "key-hmac-md5", true, "SolverForbidden", "BADKEY" },
        { "no key is given",                "_acme-challenge.x.example.test", "",            true,  "SolverForbidden", "REFUSED" },
        { "the zone is not open to the key", "_acme-challenge.locked.test",   Bind9.KeyName, true,  "SolverForbidden", "zone locked.test (REFUSED)" },
        { "the zone is not the server's",   "_acme-challenge.elsewhere.test", Bind9.KeyName, true,  "ZoneNotFound", "elsewhere.test" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task Returns_the_refusal_when(string because, string fqdn, string key, bool rightSecret, string code, string words)
    {
        var solver = await SolverAsync(key, "HMACSHA256", rightSecret ? bind.Secret : Convert.ToBase64String(new byte[32]));

        var outcome = await Provider.AddAsync(new TxtRecord(fqdn, "value", fqdn), solver, Cancel);

        Assert.True(code == outcome.Code && outcome.Message!.Contains(words, StringComparison.Ordinal), $"{because}: {outcome}");
        Assert.DoesNotContain(bind.Secret, outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_the_clocks_differ()
    {
        using var late = SolverRig.For(bind, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(-1)));
        var reference = await late.SecretAsync("tsig", bind.Secret);

        var outcome = await late.Provider("rfc2136").AddAsync(Record("clock", "value"), Solver(Bind9.KeyName, "HMACSHA256", reference), Cancel);

        Assert.Equal("SolverForbidden", outcome.Code);
        Assert.Contains("BADTIME", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Speaks_TCP_when_asked()
    {
        var solver = await SolverAsync();
        solver = solver with { Spec = new Dns01Solver { Rfc2136 = solver.Spec.Rfc2136! with { Protocol = "tcp" } } };

        Assert.Equal(SolverOutcome.Done, await Provider.AddAsync(Record("tcp", "value"), solver, Cancel));

        Assert.Equal(["value"], await bind.TextsAsync(Record("tcp", "").Fqdn, Cancel));
    }

    [Fact]
    public async Task Sends_what_no_datagram_holds_by_TCP()
    {
        var value = new string('v', 4000);

        Assert.Equal(SolverOutcome.Done, await Provider.AddAsync(Record("big", value), await SolverAsync(), Cancel));

        Assert.Equal([value], await bind.TextsAsync(Record("big", "").Fqdn, Cancel));
    }

    [Fact]
    public async Task Finds_the_zone_of_a_name_that_is_an_alias()
    {
        // bind takes it and does nothing (RFC 2136 §3.4.2.2); what matters is that the zone is example.test, not the alias's.
        var outcome = await Provider.AddAsync(Record("www", "value"), await SolverAsync(), Cancel);

        Assert.Equal(SolverOutcome.Done, outcome);
        Assert.Empty(await bind.TextsAsync("www.acme.test", Cancel));
    }

    [Fact]
    public async Task Keeps_all_values_of_writers_at_the_same_time()
    {
        var solver = await SolverAsync();
        string[] values = [.. Enumerable.Range(0, 20).Select(i => $"value-{i:00}")];

        var outcomes = await Task.WhenAll(values.Select(value => Provider.AddAsync(Record("crowd", value), solver, Cancel)));

        Assert.All(outcomes, outcome => Assert.Equal(SolverOutcome.Done, outcome));
        Assert.Equal(values, await bind.TextsAsync(Record("crowd", "").Fqdn, Cancel));
    }

    [Fact]
    public async Task Does_not_believe_a_success_without_signature()
    {
        var port = FreePort.Next();
        using var liar = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var answers = AnswerAsync(liar, end.Token);
        var solver = await SolverAsync();
        solver = solver with { Spec = new Dns01Solver { Rfc2136 = solver.Spec.Rfc2136! with { Nameserver = $"127.0.0.1:{port}" } } };
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var outcome = Provider.AddAsync(Record("liar", "value"), solver, hurry.Token);
        await Task.WhenAny(outcome, Task.Delay(TimeSpan.FromSeconds(1), Cancel));

        Assert.False(outcome.IsCompleted);  // it waits for the true answer
        await hurry.CancelAsync();
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => outcome);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answers);
    }

    [Theory]
    [InlineData("no secret of that name", null, "ns--tsig-gone")]
    [InlineData("a secret that is no base64", "not base64!", "base64")]
    public async Task Says_what_is_wrong_with_the_secret(string because, string? secret, string words)
    {
        var reference = secret is null ? new SecretKeyRef { Name = "tsig-gone" } : await _rig.SecretAsync("tsig-odd", secret);

        var outcome = await Provider.AddAsync(Record("secret", "value"), Solver(Bind9.KeyName, "HMACSHA256", reference), Cancel);

        Assert.True(outcome.Code == "SolverMisconfigured" && outcome.Message!.Contains(words, StringComparison.Ordinal), $"{because}: {outcome}");
    }

    public void Dispose() => _rig.Dispose();

    protected override Task<IDnsProvider> ProviderAsync() => Task.FromResult(Provider);

    protected override Task<DnsSolver> SolverAsync() => SolverAsync(Bind9.KeyName, "HMACSHA256");

    protected override async Task<(IDnsProvider Provider, DnsSolver Solver)> UnreachableAsync()
    {
        var solver = await SolverAsync();
        return (Provider, solver with { Spec = new Dns01Solver { Rfc2136 = solver.Spec.Rfc2136! with { Nameserver = $"127.0.0.1:{FreePort.Next()}" } } });
    }

    protected override Task<string[]> ValuesAsync(string fqdn) => bind.TextsAsync(fqdn, Cancel);

    private IDnsProvider Provider => _rig.Provider("rfc2136");

    private async Task<DnsSolver> SolverAsync(string key, string? algorithm, string? secret = null) =>
        Solver(key, algorithm, await _rig.SecretAsync($"tsig-{Guid.CreateVersion7()}", secret ?? bind.Secret));

    private DnsSolver Solver(string key, string? algorithm, SecretKeyRef reference) => new(
        new Dns01Solver { Rfc2136 = new Rfc2136Dns { Nameserver = bind.Address, TsigKeyName = key, TsigAlgorithm = algorithm, TsigSecretSecretRef = reference } }, "ns", AllowsAmbient: false);

    /// <summary>Says yes to everything, at once and without a signature.</summary>
    private static async Task AnswerAsync(UdpClient server, CancellationToken cancellationToken)
    {
        while (true)
        {
            var question = await server.ReceiveAsync(cancellationToken);
            var answer = question.Buffer;
            answer[2] |= 0x84;  // a response, authoritative
            await server.SendAsync(answer, question.RemoteEndPoint, cancellationToken);
        }
    }
}
