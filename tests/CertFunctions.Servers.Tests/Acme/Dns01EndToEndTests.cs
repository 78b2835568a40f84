namespace CertFunctions.Servers.Tests.Acme;

/// <summary>Certificates from Pebble by DNS-01: TXT records by dynamic update in bind9, which is also where Pebble looks.</summary>
public sealed class Dns01EndToEndTests(Bind9 bind) : IClassFixture<Bind9>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Apex_and_wildcard_of_one_order_stand_beside_each_other_and_are_gone_afterwards()
    {
        await using var house = await StartAsync();
        await house.IssuerAsync(Solver());

        var pair = await house.IssueAsync("apex", "dnsNames: [example.test, \"*.example.test\"]");

        await Verify.AcceptsAsync(pair, (await house.Pebble.RootsAsync(Cancel))[0], Cancel);
        Assert.Empty(await bind.TextsAsync("_acme-challenge.example.test", Cancel));
        Assert.Empty(await house.ListAsync("challenges"));
    }

    [Fact]
    public async Task A_delegated_name_is_followed_to_where_it_points()
    {
        await using var house = await StartAsync();
        await house.IssuerAsync(Solver("cnameStrategy: Follow, "));

        var pair = await house.IssueAsync("inside", "dnsNames: [inside.example.test]");

        await Verify.AcceptsAsync(pair, (await house.Pebble.RootsAsync(Cancel))[0], Cancel);
        Assert.Empty(await bind.TextsAsync("inside.delegated.example.test", Cancel));
    }

    [Fact]
    public async Task A_zone_that_may_not_be_written_says_so_and_the_CA_is_not_told()
    {
        await using var house = await StartAsync();
        await house.IssuerAsync(Solver());

        await Given.ApplyAsync(house.App, "namespaces/default/certificates/locked", PebbleApp.Certificate("locked", "dnsNames: [locked.test]"));

        await house.App.EventuallyAsync(async () => LocalApp.ConditionOf(await house.App.GetAsync("namespaces/default/certificates/locked", Cancel), "Issuing")?["message"]?.ToString()
            .Contains("locked.test", StringComparison.Ordinal) ?? false, "the Certificate says which zone refuses", Cancel);
        var challenge = Assert.Single(await house.ListAsync("challenges"));
        Assert.Null(challenge["status"]!["acceptedAt"]);
    }

    private async Task<PebbleApp> StartAsync()
    {
        var house = await PebbleApp.StartAsync(new PebbleOptions { DnsServer = bind.Address }, new Dictionary<string, string>
        {
            ["Dns01__Nameservers__0"] = bind.Address, ["Dns01__AuthoritativePort"] = $"{bind.Port}",
        });
        using var system = new VaultReader(house.App, house.App.SystemVault);
        await system.Secrets.SetSecretAsync("cert-manager--tsig", bind.Secret, Cancel);
        return house;
    }

    private string Solver(string more = "") =>
        $"[{{dns01: {{{more}rfc2136: {{nameserver: \"{bind.Address}\", tsigKeyName: {Bind9.KeyName}, tsigAlgorithm: HMACSHA256, tsigSecretSecretRef: {{name: tsig, key: secret}}}}}}}}]";
}
