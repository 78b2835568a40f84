using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>What a CA may ask for, and how it may misbehave, as far as Pebble can be asked for it.</summary>
public sealed class PebbleEndToEndTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_external_account_is_bound_and_without_it_the_issuer_says_what_the_CA_said()
    {
        const string hmac = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
        await using var house = await PebbleApp.StartAsync(new PebbleOptions { ExternalAccounts = new Dictionary<string, string> { ["kid-1"] = hmac } });
        await Given.ApplyAsync(house.App, "clusterissuers/unbound", house.Issuer(name: "unbound"));
        await Given.ReasonAsync(house.App, "ErrRegisterACMEAccount", "clusterissuers/unbound");

        using var system = new VaultReader(house.App, house.App.SystemVault);
        await system.Secrets.SetSecretAsync("cert-manager--eab", hmac, Cancel);
        await house.IssuerAsync(more: ", externalAccountBinding: {keyID: kid-1, keySecretRef: {name: eab, key: secret}}");

        await Verify.AcceptsAsync(await house.IssueAsync("web", "dnsNames: [web.example.test]"), (await house.Pebble.RootsAsync(Cancel))[0], Cancel);
        await house.App.KillAsync(Cancel);   // its files are locked while it runs
        Assert.Empty(SecretSearch.Find(System.Text.Encoding.ASCII.GetBytes(hmac), house.App.Data, house.App.Output + house.App.Answers));
    }

    [Fact]
    public async Task The_preferred_chain_is_taken_from_the_alternates()
    {
        await using var house = await PebbleApp.StartAsync(new PebbleOptions { AlternateRoots = 2, ChainLength = 2 });
        var roots = await house.Pebble.RootsAsync(Cancel);
        using var wanted = X509Certificate2.CreateFromPem(roots[2]);
        await house.IssuerAsync(more: $", preferredChain: \"{wanted.GetNameInfo(X509NameType.SimpleName, forIssuer: false)}\"");

        await Verify.AcceptsAsync(await house.IssueAsync("web", "dnsNames: [web.example.test]"), roots[2], Cancel);
    }

    public static TheoryData<string, PebbleOptions> Moods => new()
    {
        { "half of all good nonces are refused",     new PebbleOptions { NonceReject = 50 } },
        { "every authorization is known already",    new PebbleOptions { AuthorizationReuse = 100 } },
        { "it takes its time",                       new PebbleOptions { ValidationDelay = 3, NonceReject = 5 } },
        { "it is strict",                            new PebbleOptions { IsStrict = true } },
    };

    [Theory, MemberData(nameof(Moods))]
    public async Task Issues_and_renews_although(string because, PebbleOptions options)
    {
        await using var house = await PebbleApp.StartAsync(options with { ChainLength = 3 });
        await house.IssuerAsync();
        await house.IssueAsync("web", "dnsNames: [web.example.test, other.example.test]");

        await Given.RenewAsync(house.App);
        await house.App.RevisionAsync(Given.Leaf, 2, Cancel);

        Assert.True((await house.ListAsync("challenges")).Count == 0, because);
        await Verify.AcceptsAsync(await house.ReadAsync("web"), (await house.Pebble.RootsAsync(Cancel))[0], Cancel);
    }

    [Fact]
    public async Task A_CA_that_lost_its_memory_gets_the_same_key_registered_once_more()
    {
        await using var house = await PebbleApp.StartAsync();
        await house.IssuerAsync();
        await house.IssueAsync("web", "dnsNames: [web.example.test]");
        var key = (string?)(await house.App.GetAsync("clusterissuers/pebble", Cancel))!["status"]!["acme"]!["lastPrivateKeyHash"];

        await house.Pebble.RestartAsync(Cancel);
        await Given.RenewAsync(house.App);
        await house.App.RevisionAsync(Given.Leaf, 2, Cancel);

        await Verify.AcceptsAsync(await house.ReadAsync("web"), (await house.Pebble.RootsAsync(Cancel))[0], Cancel);
        Assert.Equal(key, (string?)(await house.App.GetAsync("clusterissuers/pebble", Cancel))!["status"]!["acme"]!["lastPrivateKeyHash"]);
    }

    [Fact]
    public async Task An_edit_while_the_proof_is_awaited_abandons_the_attempt_and_takes_the_answer_away()
    {
        await using var house = await PebbleApp.StartAsync();
        await house.IssuerAsync("[{waitInsteadOfSelfCheck: 5m, selector: {dnsNames: [slow.example.test]}, http01: {ingress: {}}}, {http01: {ingress: {}}}]");
        await Given.ApplyAsync(house.App, Given.Leaf, PebbleApp.Certificate("web", "dnsNames: [slow.example.test]"));
        await house.App.EventuallyAsync(async () => (await house.ListAsync("challenges")).Count == 1, "the challenge is presented", Cancel);

        await Given.ApplyAsync(house.App, Given.Leaf, PebbleApp.Certificate("web", "dnsNames: [quick.example.test]"));
        await house.App.EventuallyAsync(async () => !(await house.ListAsync("challenges")).Any(each => (string?)each["spec"]!["dnsName"] == "slow.example.test"), "the attempt is abandoned within a minute", Cancel);

        await house.App.ReadyAsync(Given.Leaf, Cancel);
        Assert.Empty(await house.ListAsync("challenges"));
    }

    [Fact]
    public async Task An_issuer_deleted_and_declared_again_keeps_its_account_and_two_issuers_may_share_one()
    {
        await using var house = await PebbleApp.StartAsync();
        await house.IssuerAsync();
        var account = await AccountAsync("pebble");

        using (var gone = await house.App.Http.DeleteAsync("apis/cert-manager.io/v1/clusterissuers/pebble", Cancel)) { gone.EnsureSuccessStatusCode(); }
        await house.App.EventuallyAsync(async () => await house.App.GetAsync("clusterissuers/pebble", Cancel) is null, "the issuer is gone", Cancel);
        await house.IssuerAsync();
        Assert.Equal(account, await AccountAsync("pebble"));

        await Given.ApplyAsync(house.App, "clusterissuers/second", house.Issuer(name: "second").Replace("second-account", "pebble-account", StringComparison.Ordinal));
        await house.App.ReadyAsync("clusterissuers/second", Cancel);
        Assert.Equal(account, await AccountAsync("second"));

        async Task<string?> AccountAsync(string issuer) => (string?)(await house.App.GetAsync($"clusterissuers/{issuer}", Cancel))!["status"]!["acme"]!["uri"];
    }
}
