using System.Net;
using System.Text;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>Certificates from Pebble by HTTP-01, really validated, as a new user gets them.</summary>
public sealed class Http01EndToEndTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_name_gets_a_chain_that_verifies_to_the_root_leaf_first_and_no_ca()
    {
        await using var house = await PebbleApp.StartAsync(new PebbleOptions { ChainLength = 3 });
        await house.IssuerAsync();

        var pair = await house.IssueAsync("web", "dnsNames: [web.example.test]");

        Assert.Equal(4, pair.Chain.Count);
        Assert.Equal(pair.Leaf.RawData, (await house.RequestedAsync("web-1"))[0].RawData);
        await Verify.AcceptsAsync(pair, (await house.Pebble.RootsAsync(Cancel))[0], Cancel);
        Assert.Equal(HttpStatusCode.NotFound, (await house.App.Http.GetAsync("ca/default/web-tls/ca.crt", Cancel)).StatusCode);

        Assert.Null((await house.App.GetAsync(Given.Leaf, Cancel))!["status"]!["vault"]!["ca"]);

        var issuer = await house.App.GetAsync("clusterissuers/pebble", Cancel);
        Assert.Equal("ACMEAccountRegistered", (string?)LocalApp.ConditionOf(issuer, "Ready")!["reason"]);
        Assert.StartsWith("https://", (string?)issuer!["status"]!["acme"]!["uri"], StringComparison.Ordinal);
        Assert.Equal("admin@example.test", (string?)issuer["status"]!["acme"]!["lastRegisteredEmail"]);

        Assert.Equal("valid", (string?)Assert.Single(await house.ListAsync("orders"))["status"]!["state"]);
        Assert.Empty(await house.ListAsync("challenges"));
    }

    [Fact]
    public async Task Twenty_names_and_an_address_are_each_proved()
    {
        await using var house = await PebbleApp.StartAsync(new PebbleOptions { ChainLength = 3 });
        await house.IssuerAsync();

        var names = string.Join(", ", Enumerable.Range(0, 20).Select(i => $"n{i}.example.test"));
        var pair = await house.IssueAsync("many", $"dnsNames: [{names}], ipAddresses: [127.0.0.1]");

        await Verify.AcceptsAsync(pair, (await house.Pebble.RootsAsync(Cancel))[0], Cancel);
        Assert.Contains("127.0.0.1", pair.Leaf.Extensions.OfType<System.Security.Cryptography.X509Certificates.X509SubjectAlternativeNameExtension>().Single().EnumerateIPAddresses().Select(each => each.ToString()));
        Assert.Empty(await house.ListAsync("challenges"));
    }

    [Fact]
    public async Task Orders_and_challenges_cannot_be_written_from_outside()
    {
        await using var house = await PebbleApp.StartAsync();
        const string body = "{\"apiVersion\":\"acme.cert-manager.io/v1\",\"kind\":\"Challenge\",\"metadata\":{\"name\":\"x\",\"namespace\":\"default\"},\"spec\":{}}";

        foreach (var path in (string[])["challenges/x", "orders/x"])
        {
            var url = $"apis/acme.cert-manager.io/v1/namespaces/default/{path}";
            using var json = new StringContent(body, Encoding.UTF8, "application/json");
            Assert.Equal(HttpStatusCode.MethodNotAllowed, (await house.App.Http.PutAsync(url, json, Cancel)).StatusCode);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, (await house.App.Http.DeleteAsync(url, Cancel)).StatusCode);
            using var patch = new StringContent("{}", Encoding.UTF8, "application/merge-patch+json");
            Assert.Equal(HttpStatusCode.MethodNotAllowed, (await house.App.Http.PatchAsync(url, patch, Cancel)).StatusCode);
        }
    }
}
