using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests.Trust;

/// <summary>Bundles and CA rotation through the running app: a client that only trusts the bundle verifies what the vault serves, before, during and after.</summary>
public sealed class RotationTests
{
    private const string Leaf = "namespaces/default/certificates/web";
    private const string Issuer = "clusterissuers/root";

    private static readonly Dictionary<string, string> Quick = new()
    {
        ["Rotation__Propagation"] = "00:00:03", ["Rotation__ConsumerLag"] = "00:00:01", ["Rotation__Overlap"] = "00:00:02", ["Rotation__Spread"] = "00:00:01",
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_root_is_rotated_by_one_verb_and_the_bundle_verifies_every_leaf_that_is_served()
    {
        using var app = await StartAsync();
        using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
        var (oldLeaf, oldBundle) = (await vault.ReadAsync("default--web-tls", Cancel), await BundleAsync(app));
        Assert.Equal(1, Count(oldBundle));
        await Verify.AcceptsAsync(oldLeaf, oldBundle, Cancel);

        await PostAsync(app, $"{Issuer}/rotate", """{"quick": "true"}""");
        await app.EventuallyAsync(async () => Count(await BundleAsync(app)) == 2, "the bundle holds old and new", Cancel);
        var both = await BundleAsync(app);
        await app.EventuallyAsync(async () => (await app.GetAsync(Issuer, Cancel))?["status"]?["retiring"] is not null, "the pin moves", Cancel);
        await app.RevisionAsync(Leaf, 2, Cancel);
        var newLeaf = await vault.ReadAsync("default--web-tls", Cancel);

        foreach (var leaf in (StoredPair[])[oldLeaf, newLeaf]) { await Verify.AcceptsAsync(leaf, both, Cancel); }
        await app.EventuallyAsync(async () => Count(await BundleAsync(app)) == 1, "the old CA leaves the bundle", Cancel);
        await Verify.AcceptsAsync(newLeaf, await BundleAsync(app), Cancel);
        await Assert.ThrowsAnyAsync<Exception>(async () => await Verify.AcceptsAsync(oldLeaf, await BundleAsync(app), Cancel));
        Assert.Null((await app.GetAsync(Issuer, Cancel))!["status"]!["retiring"]);
    }

    private static async Task<LocalApp> StartAsync()
    {
        var app = new LocalApp(settings: Quick);
        await app.StartAsync(Cancel);
        await app.PutAsync("clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}", Cancel);
        await app.PutAsync("namespaces/cert-manager/certificates/root", "{metadata: {name: root}, spec: {secretName: root, isCA: true, commonName: root, duration: 2160h, issuerRef: {kind: ClusterIssuer, name: selfsigned}, privateKey: {algorithm: ECDSA, size: 256}}}", Cancel);
        await app.PutAsync(Issuer, "{metadata: {name: root}, spec: {ca: {secretName: root}}}", Cancel);
        await app.PutAsync(Leaf, "{metadata: {name: web}, spec: {secretName: web-tls, dnsNames: [web.test], issuerRef: {kind: ClusterIssuer, name: root}, privateKey: {algorithm: ECDSA, size: 256}}}", Cancel);
        using var made = await app.Http.PutAsync("apis/certfunctions.dev/v1alpha1/bundles/internal", Json("""{"metadata": {"name": "internal"}, "spec": {"sources": [{"issuer": {"name": "root"}}], "target": {"additionalFormats": {"jks": {"key": "ca.jks"}}}}}"""), Cancel);
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync(Cancel));
        await app.ReadyAsync(Leaf, Cancel);
        await app.EventuallyAsync(async () => (await app.Http.GetAsync("ca-bundles/internal/ca-bundle.pem", Cancel)).StatusCode == HttpStatusCode.OK, "the bundle is published", Cancel);
        return app;
    }

    private static async Task<string> BundleAsync(LocalApp app) => await app.Http.GetStringAsync("ca-bundles/internal/ca-bundle.pem", Cancel);

    private static async Task PostAsync(LocalApp app, string path, string body)
    {
        using var answer = await app.Http.PostAsync("apis/cert-manager.io/v1/" + path, Json(body), Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static int Count(string pem) => pem.Split("-----BEGIN CERTIFICATE-----").Length - 1;

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
