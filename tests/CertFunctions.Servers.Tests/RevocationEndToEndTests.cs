using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using CertFunctions.Servers.Tests.Acme;

namespace CertFunctions.Servers.Tests;

/// <summary>The verb <c>revoke</c>: told to whoever issued, the key never used again, another certificate at once.</summary>
public sealed class RevocationEndToEndTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_of_an_ACME_server_is_revoked_there_and_replaced_with_a_new_key_although_the_key_was_to_be_kept()
    {
        await using var house = await PebbleApp.StartAsync();
        await house.IssuerAsync();
        var first = await house.IssueAsync("web", "dnsNames: [web.example.test]", more: "").WaitAsync(Cancel);
        await Given.ApplyAsync(house.App, Given.Leaf, PebbleApp.Certificate("web", "dnsNames: [web.example.test]").Replace("size: 256}", "size: 256, rotationPolicy: Never}", StringComparison.Ordinal));
        await Given.SettledAsync(house.App);

        await RevokeAsync(house.App, "{\"reason\": \"superseded\"}");
        await house.App.RevisionAsync(Given.Leaf, 2, Cancel);

        var second = await house.ReadAsync("web");
        Assert.NotEqual(first.PublicKey, second.PublicKey);
        var there = await house.Pebble.StatusOfAsync(first.Leaf, Cancel);
        Assert.Equal(("Revoked", 4), ((string?)there["Status"], (int?)there["Reason"]));
        var told = (await house.App.GetAsync(Given.Leaf, Cancel))!["status"]!["revocation"]!;
        Assert.NotNull(told["revokedAt"]);
        Assert.Equal(Convert.ToHexString(first.Leaf.GetCertHash()), (string?)told["x5t"]);
    }

    [Fact]
    public async Task A_certificate_of_our_own_CA_is_marked_in_the_issued_log_and_its_key_is_not_certified_again()
    {
        using var app = await Given.RootAsync();
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish());
        await app.ReadyAsync(Given.Leaf, Cancel);
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);
        var first = await vault.ReadAsync(Given.Object, Cancel);

        await RevokeAsync(app, "{\"reason\": \"keyCompromise\"}");
        await app.RevisionAsync(Given.Leaf, 2, Cancel);

        await app.EventuallyAsync(async () => (await app.GetAsync(Given.Leaf, Cancel))!["status"]!["revocation"]!["revokedAt"] is not null, "it is revoked", Cancel);
        using var key = first.Leaf.GetECDsaPrivateKey()!;
        var csr = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=again", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var body = $"{{metadata: {{name: again}}, spec: {{request: {Convert.ToBase64String(Encoding.ASCII.GetBytes(csr))}, issuerRef: {{kind: ClusterIssuer, name: root}}}}}}";
        using var posted = await app.PostAsync("namespaces/default/certificaterequests", body, Cancel);
        posted.EnsureSuccessStatusCode();
        await app.EventuallyAsync(async () => (string?)(await app.GetAsync("namespaces/default/certificaterequests/again", Cancel))?["status"]?["failureReason"] == "KeyBlocked", "the key is refused", Cancel);
    }

    [Fact]
    public async Task A_reason_that_is_none_and_a_certificate_that_is_not_there_are_refused()
    {
        using var app = await Given.RootAsync();
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(issuer: "missing"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(app, "{\"reason\": \"boredom\"}"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(app, "{}"));
    }

    private static async Task RevokeAsync(LocalApp app, string body) => Assert.Equal(HttpStatusCode.OK, await PostAsync(app, body));

    private static async Task<HttpStatusCode> PostAsync(LocalApp app, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await app.Http.PostAsync($"apis/cert-manager.io/v1/{Given.Leaf}/revoke", content, Cancel);
        Assert.NotNull(JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel)));
        return answer.StatusCode;
    }
}
