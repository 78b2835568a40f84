using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Acme;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>A Pebble with two more roots and intermediates on the way to each.</summary>
public sealed class PebbleWithAlternates : PebbleWithNames
{
    protected override PebbleOptions Options => new() { AlternateRoots = 2, ChainLength = 3 };
}

/// <summary>The client's orders against a real ACME server, that really asks for the proofs.</summary>
public sealed class AcmeClientTests : IClassFixture<PebbleWithAlternates>, IDisposable
{
    private readonly PebbleWithAlternates _servers;
    private readonly AcmeClient _client;
    private readonly AccountKey _key = AccountKey.Generate();
    private readonly Issuance _issuance;

    public AcmeClientTests(PebbleWithAlternates servers)
    {
        _servers = servers;
        _client = servers.Pebble.NewClient();
        _issuance = new Issuance(_client, _key);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _issuance.Dispose();
        _client.Dispose();
        _key.Dispose();
    }

    [Fact]
    public async Task Gets_a_certificate_by_HTTP_01_whose_chain_verifies_to_the_root()
    {
        var chain = await _issuance.IssueAsync(await _issuance.RegisterAsync(), _servers.Answers, "one.test", "two.test");

        Assert.Equal(4, chain.Certificates.Count);
        using var leaf = Leaf(chain);
        Assert.Equal(_issuance.CertificateKey.ExportSubjectPublicKeyInfo(), leaf.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.True(Verifies(chain, (await _servers.Pebble.RootsAsync(Cancel))[0]));
    }

    [Fact]
    public async Task Finds_the_alternate_chains_and_the_preferred_one_among_them()
    {
        var identity = await _issuance.RegisterAsync();
        var roots = await _servers.Pebble.RootsAsync(Cancel);
        using var wanted = X509Certificate2.CreateFromPem(roots[2]);
        var name = wanted.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

        var chain = await _issuance.IssueAsync(identity, _servers.Answers, "alternate.test");
        List<AcmeChain> chains = [chain];
        foreach (var alternate in chain.Alternates) { chains.Add(Issuance.Value(await _client.DownloadAsync(identity, alternate, Cancel))); }
        var choice = PreferredChain.Choose(chains, name);

        Assert.Equal(3, chains.Count);
        Assert.True(choice.WishIsMet);
        Assert.True(Verifies(choice.Chain, roots[2]));
        Assert.False(PreferredChain.Matches(chain, name));
    }

    [Fact]
    public async Task Revokes_with_a_reason_once()
    {
        var identity = await _issuance.RegisterAsync();
        var chain = await _issuance.IssueAsync(identity, _servers.Answers, "revoked.test");
        using var leaf = Leaf(chain);

        Issuance.Value(await _client.RevokeAsync(identity, chain.Certificates[0], reason: 4, Cancel));
        var again = await _client.RevokeAsync(identity, chain.Certificates[0], reason: 4, Cancel);

        var status = await _servers.Pebble.StatusOfAsync(leaf, Cancel);
        Assert.Equal(("Revoked", 4), ((string?)status["Status"], (int?)status["Reason"]));
        Assert.Equal("alreadyRevoked", again.Problem?.Type);
    }

    [Fact]
    public async Task Sees_a_failed_proof_in_the_authorization_and_a_verdict_at_finalize()
    {
        var identity = await _issuance.RegisterAsync();
        var order = Issuance.Value(await _client.NewOrderAsync(identity, new AcmeNewOrder([AcmeIdentifier.Dns("unproven.test")]), Cancel));
        var authorization = Issuance.Value(await _client.GetAuthorizationAsync(identity, new Uri(order.Authorizations[0]), Cancel));
        var challenge = authorization.Challenges.Single(each => each.Type == "http-01");

        Issuance.Value(await _client.AcceptChallengeAsync(identity, challenge.Url, Cancel));
        var ended = await _issuance.OrderAsync(identity, order.Url, status => status != "pending");
        var failed = Issuance.Value(await _client.GetAuthorizationAsync(identity, authorization.Url, Cancel));
        var refused = await _client.FinalizeAsync(identity, order.Finalize, _issuance.Csr("unproven.test"), Cancel);

        Assert.Equal("invalid", ended.Status);
        Assert.Equal("unauthorized", failed.Challenges.Single(each => each.Type == "http-01").Error?.Type);
        Assert.Equal("orderNotReady", refused.Problem?.Type);
    }

    [Fact]
    public async Task Deactivates_an_authorization()
    {
        var identity = await _issuance.RegisterAsync();
        var order = Issuance.Value(await _client.NewOrderAsync(identity, new AcmeNewOrder([AcmeIdentifier.Dns("given-up.test")]), Cancel));

        var authorization = Issuance.Value(await _client.DeactivateAuthorizationAsync(identity, new Uri(order.Authorizations[0]), Cancel));

        Assert.Equal("deactivated", authorization.Status);
    }

    [Fact]
    public async Task Orders_for_an_address_and_with_an_end_date()
    {
        var identity = await _issuance.RegisterAsync();
        var end = TimeProvider.System.GetUtcNow().AddDays(2);

        var order = Issuance.Value(await _client.NewOrderAsync(identity, new AcmeNewOrder([AcmeIdentifier.Ip("127.0.0.1")], NotAfter: end, Profile: "any", Replaces: "a.b"), Cancel));

        Assert.Equal([AcmeIdentifier.Ip("127.0.0.1")], order.Identifiers);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(50, 2)]
    public async Task Issues_with_half_of_its_nonces_refused_and_needs_few_requests_otherwise(int refused, int certificates)
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { NonceReject = refused, DnsServer = _servers.Names.DnsAddress, HttpPort = _servers.Pebble.HttpPort }, Cancel);
        var tap = new CountingHandler(pebble);
        using var client = new AcmeClient(new HttpClient(tap), pebble.Directory, TimeProvider.System);
        using var key = AccountKey.Generate();
        using var issuance = new Issuance(client, key);
        var identity = await issuance.RegisterAsync();

        for (var i = 0; i < certificates; i++) { Assert.NotEmpty((await issuance.IssueAsync(identity, _servers.Answers, $"n{i}.test")).Certificates); }

        Assert.True(refused > 0 ? tap.Refused > 0 : tap.Refused == 0);
        Assert.Equal(1, tap.Nonces);
    }

    [Fact]
    public async Task Says_that_a_server_that_is_gone_is_unavailable_and_finds_it_again_with_nothing_remembered()
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions(), Cancel);
        using var client = pebble.NewClient();
        using var issuance = new Issuance(client, _key);
        var identity = await issuance.RegisterAsync();

        pebble.Stop();
        var gone = await client.FindAccountAsync(_key, Cancel);
        await pebble.RestartAsync(Cancel);
        var order = await client.NewOrderAsync(identity, new AcmeNewOrder([AcmeIdentifier.Dns("web.test")]), Cancel);
        var account = await client.FindAccountAsync(_key, Cancel);

        Assert.Equal((AcmeProblem.Unavailable, 0), (gone.Problem!.Type, gone.Problem.Status));
        Assert.Contains("refused", gone.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal("accountDoesNotExist", order.Problem?.Type);
        Assert.Equal("accountDoesNotExist", account.Problem?.Type);
    }

    private static X509Certificate2 Leaf(AcmeChain chain) => X509CertificateLoader.LoadCertificate(chain.Certificates[0]);

    private static bool Verifies(AcmeChain chain, string root)
    {
        using var policy = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        policy.ChainPolicy.CustomTrustStore.ImportFromPem(root);
        foreach (var each in chain.Certificates.Skip(1)) { policy.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(each)); }
        using var leaf = Leaf(chain);
        return policy.Build(leaf);
    }

    /// <summary>Counts what passes, on the way to a Pebble.</summary>
    private sealed class CountingHandler(Pebble pebble) : HttpMessageHandler
    {
        private readonly HttpClient _inner = GuardedHttp.Create(pebble.Connection);

        public int Nonces { get; private set; }

        public int Refused { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = request.Content, Version = _inner.DefaultRequestVersion, VersionPolicy = _inner.DefaultVersionPolicy };
            foreach (var header in request.Headers) { copy.Headers.TryAddWithoutValidation(header.Key, header.Value); }
            var answer = await _inner.SendAsync(copy, cancellationToken);
            copy.Content = null;
            if (request.Method == HttpMethod.Head) { Nonces++; }
            if ((int)answer.StatusCode == 400 && (await answer.Content.ReadAsStringAsync(cancellationToken)).Contains("badNonce", StringComparison.Ordinal)) { Refused++; }
            return answer;
        }
    }
}
