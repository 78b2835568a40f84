using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests.Trust;

/// <summary>Bundles and CA rotation through the running app: a client that only trusts the bundle verifies what the vault serves, before, during and after.</summary>
public sealed class RotationTests(Azurite azurite) : IClassFixture<Azurite>
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

    [Fact]
    public async Task The_same_over_blobs_in_a_container_of_their_own_that_anybody_reads_by_plain_HTTP()
    {
        using var app = await StartAsync(("AzureWebJobsStorage", azurite.ConnectionString), ("Store__Container", "trust-resources"), ("CaBundles", azurite.ConnectionString), ("CaBundles__Container", "trust-bundles"));
        using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
        using var anonymous = new HttpClient();
        var url = $"{azurite.Container("trust-bundles").Uri}/internal/ca-bundle.pem";
        var oldBundle = await anonymous.GetStringAsync(url, Cancel);
        Assert.Equal(url, (string?)JsonNode.Parse(await app.Http.GetStringAsync("apis/certfunctions.dev/v1alpha1/bundles/internal", Cancel))!["status"]!["location"]);
        await Verify.AcceptsAsync(await vault.ReadAsync("default--web-tls", Cancel), oldBundle, Cancel);

        await PostAsync(app, $"{Issuer}/rotate", """{"quick": "true"}""");
        await app.RevisionAsync(Leaf, 2, Cancel);
        await app.EventuallyAsync(async () => await anonymous.GetStringAsync(url, Cancel) is var pem && Count(pem) == 1 && pem != oldBundle, "the old CA leaves the bundle", Cancel);
        await Verify.AcceptsAsync(await vault.ReadAsync("default--web-tls", Cancel), await anonymous.GetStringAsync(url, Cancel), Cancel);
    }

    [Fact]
    public async Task A_rotation_goes_on_when_the_app_is_killed_and_its_history_deleted_at_each_stage()
    {
        using var app = await StartAsync();
        await PostAsync(app, $"{Issuer}/rotate", """{"quick": "true"}""");
        await LoseHistoryAsync(app);
        await app.EventuallyAsync(async () => Count(await BundleAsync(app)) == 2, "the bundle holds old and new", Cancel);
        await LoseHistoryAsync(app);
        await app.EventuallyAsync(async () => (await app.GetAsync(Issuer, Cancel))?["status"]?["retiring"] is not null, "the pin moves", Cancel);
        await LoseHistoryAsync(app);
        await app.RevisionAsync(Leaf, 2, Cancel);
        await LoseHistoryAsync(app);
        await app.EventuallyAsync(async () => Count(await BundleAsync(app)) == 1, "the old CA leaves the bundle", Cancel);

        using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
        await Verify.AcceptsAsync(await vault.ReadAsync("default--web-tls", Cancel), await BundleAsync(app), Cancel);
    }

    [Fact]
    public async Task A_rotation_is_paused_resumed_and_given_up_and_then_everything_is_as_before()
    {
        using var app = await StartAsync(("Rotation__Propagation", "1.00:00:00"));
        var (bundle, pinned) = (await BundleAsync(app), (await app.GetAsync(Issuer, Cancel))!["status"]!["pinned"]!.ToJsonString());

        await PostAsync(app, $"{Issuer}/rotate", "{}");
        await app.EventuallyAsync(async () => (string?)(await app.GetAsync(Issuer, Cancel))?["status"]?["rotation"]?["stage"] == "Propagating", "clients fetch the new CA", Cancel);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await RefusedAsync(app, $"{Issuer}/rotate", "a rotation is under way"));
        await PostAsync(app, $"{Issuer}/pause", "{}");
        Assert.True((bool?)(await app.GetAsync(Issuer, Cancel))!["status"]!["rotationPaused"]);
        await PostAsync(app, $"{Issuer}/resume", "{}");

        await PostAsync(app, $"{Issuer}/abandon", "{}");
        await app.EventuallyAsync(async () => await BundleAsync(app) == bundle, "the bundle is as before", Cancel);
        var status = (await app.GetAsync(Issuer, Cancel))!["status"]!;
        Assert.Equal(pinned, status["pinned"]!.ToJsonString());
        Assert.Equal("Abandoned", (string?)status["rotation"]!["stage"]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await RefusedAsync(app, $"{Issuer}/abandon", "no rotation is under way"));
    }

    private static async Task<HttpStatusCode> RefusedAsync(LocalApp app, string path, string says)
    {
        using var answer = await app.Http.PostAsync("apis/cert-manager.io/v1/" + path, Json("{}"), Cancel);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        return answer.StatusCode;
    }

    /// <summary>Everything that the engine knew is gone; the store, the vault and the bundles are not.</summary>
    private static async Task LoseHistoryAsync(LocalApp app)
    {
        await app.KillAsync(Cancel);
        var lost = Directory.GetFiles(app.Data, "engine.db*");
        Assert.NotEmpty(lost);
        foreach (var file in lost) { File.Delete(file); }

        await app.StartAsync(Cancel);
    }

    private static async Task<LocalApp> StartAsync(params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(Quick);
        foreach (var (name, value) in settings) { all[name] = value; }

        var app = new LocalApp(settings: all);
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
