using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Resources;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>A Pebble with two more roots and intermediates on the way to each.</summary>
public sealed class PebbleWithAlternates : PebbleWithNames
{
    protected override PebbleOptions Options => new() { AlternateRoots = 2, ChainLength = 3 };
}

/// <summary>The client against a real ACME server, that really asks for the proofs.</summary>
public sealed class AcmeClientTests(PebbleWithAlternates servers) : IClassFixture<PebbleWithAlternates>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gets_a_certificate_by_HTTP_01_whose_chain_verifies_to_the_root()
    {
        using var client = servers.Pebble.NewClient();
        using var key = AccountKey.Generate();
        using var issuance = new Issuance(client, key);

        var chain = await issuance.IssueAsync(await issuance.RegisterAsync(), servers.Answers, "one.test", "two.test");

        Assert.Equal(4, chain.Certificates.Count);
        using var leaf = X509CertificateLoader.LoadCertificate(chain.Certificates[0]);
        Assert.Equal(issuance.CertificateKey.ExportSubjectPublicKeyInfo(), leaf.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.True(Verifies(chain, (await servers.Pebble.RootsAsync(Cancel))[0]));
    }

    [Fact]
    public async Task Finds_the_alternate_chains_and_the_preferred_one_among_them()
    {
        using var client = servers.Pebble.NewClient();
        using var key = AccountKey.Generate();
        using var issuance = new Issuance(client, key);
        var identity = await issuance.RegisterAsync();
        var roots = await servers.Pebble.RootsAsync(Cancel);
        using var wanted = X509Certificate2.CreateFromPem(roots[2]);
        var name = wanted.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

        var chain = await issuance.IssueAsync(identity, servers.Answers, "alternate.test");
        List<AcmeChain> chains = [chain];
        foreach (var alternate in chain.Alternates) { chains.Add(Issuance.Value(await client.DownloadAsync(identity, alternate, Cancel))); }
        var choice = PreferredChain.Choose(chains, name);

        Assert.Equal(3, chains.Count);
        Assert.True(choice.WishIsMet);
        Assert.True(Verifies(choice.Chain, roots[2]));
        Assert.False(PreferredChain.Matches(chain, name));
    }

    private static bool Verifies(AcmeChain chain, string root)
    {
        using var policy = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        policy.ChainPolicy.CustomTrustStore.ImportFromPem(root);
        foreach (var each in chain.Certificates.Skip(1)) { policy.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(each)); }
        using var leaf = X509CertificateLoader.LoadCertificate(chain.Certificates[0]);
        return policy.Build(leaf);
    }
}
