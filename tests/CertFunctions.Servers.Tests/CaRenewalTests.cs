using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests;

/// <summary>A CA is renewed under its leaves: whoever fetched trust before or after goes on verifying.</summary>
public sealed class CaRenewalTests
{
    private const string Leaf = "namespaces/default/certificates/web";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_and_new_leaves_verify_by_the_ca_fetched_before_and_after_both_cas_are_renewed()
    {
        using var app = await StartAsync();
        using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
        var (oldLeaf, oldCa) = (await vault.ReadAsync("default--web-tls", Cancel), await CaAsync(app));

        await RenewAsync(app, "inter", "root", "1500h", rotation: "Never");
        await RenewAsync(app, "root", "selfsigned", "1600h", rotation: "Never");
        await app.PutAsync(Leaf, LeafYaml("new.test"), Cancel);
        await app.RevisionAsync(Leaf, 2, Cancel);
        var (newLeaf, newCa) = (await vault.ReadAsync("default--web-tls", Cancel), await CaAsync(app));

        var renewedRoot = await app.Http.GetStringAsync("ca/cert-manager/root/ca.crt", Cancel);
        Assert.NotEqual(oldCa, renewedRoot);
        Assert.NotEqual(Intermediate(oldLeaf), Intermediate(newLeaf));
        foreach (var leaf in (StoredPair[])[oldLeaf, newLeaf])
        {
            foreach (var ca in (string[])[oldCa, newCa, renewedRoot]) { await Verify.AcceptsAsync(leaf, ca, Cancel); }
        }
    }

    [Fact]
    public async Task A_ca_with_a_new_key_is_a_candidate_that_a_condition_tells_of()
    {
        using var app = await StartAsync();
        using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
        var signer = Intermediate(await vault.ReadAsync("default--web-tls", Cancel));
        var pinned = await PinnedAsync(app, "inter");

        await app.PutAsync("namespaces/cert-manager/certificates/inter", CaYaml("inter", "root", "1500h", "Always"), Cancel);
        await app.EventuallyAsync(
            async () => LocalApp.Condition(await app.GetAsync("clusterissuers/inter", Cancel), "RotationPending") == "True", "the issuer tells of the candidate", Cancel);
        await app.PutAsync(Leaf, LeafYaml("new.test"), Cancel);
        await app.RevisionAsync(Leaf, 2, Cancel);

        Assert.Equal(pinned, await PinnedAsync(app, "inter"));
        Assert.Equal("True", LocalApp.Condition(await app.GetAsync("clusterissuers/inter", Cancel), "Ready"));
        Assert.Equal(signer, Intermediate(await vault.ReadAsync("default--web-tls", Cancel)));
        Assert.Contains("differs in: key", LocalApp.ConditionOf(await app.GetAsync("clusterissuers/inter", Cancel), "RotationPending")!.ToJsonString(), StringComparison.Ordinal);
    }

    private static string Intermediate(StoredPair pair) => pair.Chain.Single(each => !each.HasPrivateKey).Thumbprint;

    private static async Task<LocalApp> StartAsync()
    {
        var app = new LocalApp();
        await app.StartAsync(Cancel);
        await app.PutAsync("clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}", Cancel);
        foreach (var (name, issuer) in ((string, string)[])[("root", "selfsigned"), ("inter", "root")])
        {
            await app.PutAsync($"namespaces/cert-manager/certificates/{name}", CaYaml(name, issuer, "2160h", "Never"), Cancel);
            await app.PutAsync($"clusterissuers/{name}", $"{{metadata: {{name: {name}}}, spec: {{ca: {{secretName: {name}}}}}}}", Cancel);
        }

        await app.PutAsync(Leaf, LeafYaml("old.test"), Cancel);
        await app.ReadyAsync(Leaf, Cancel);
        return app;
    }

    /// <summary>Re-issues a CA with its key and waits until its issuer signs with the new certificate.</summary>
    private static async Task RenewAsync(LocalApp app, string name, string issuer, string duration, string rotation)
    {
        var before = await PinnedAsync(app, name);
        await app.PutAsync($"namespaces/cert-manager/certificates/{name}", CaYaml(name, issuer, duration, rotation), Cancel);
        await app.EventuallyAsync(async () => await PinnedAsync(app, name) != before, $"issuer {name} adopts its renewed CA", Cancel);
        var status = await app.GetAsync($"clusterissuers/{name}", Cancel);
        Assert.Null(LocalApp.Condition(status, "RotationPending"));
    }

    private static async Task<string?> PinnedAsync(LocalApp app, string name) => (string?)(await app.GetAsync($"clusterissuers/{name}", Cancel))?["status"]?["pinned"]?["version"];

    private static async Task<string> CaAsync(LocalApp app) => await app.Http.GetStringAsync("ca/default/web-tls/ca.crt", Cancel);

    private static string LeafYaml(string dnsName) =>
        $"{{metadata: {{name: web}}, spec: {{secretName: web-tls, dnsNames: [{dnsName}], issuerRef: {{kind: ClusterIssuer, name: inter}}, privateKey: {{algorithm: ECDSA, size: 256}}}}}}";

    private static string CaYaml(string name, string issuer, string duration, string rotation) =>
        $"{{metadata: {{name: {name}}}, spec: {{secretName: {name}, isCA: true, commonName: {name}, duration: {duration}, issuerRef: {{kind: ClusterIssuer, name: {issuer}}}, privateKey: {{algorithm: ECDSA, size: 256, rotationPolicy: {rotation}}}}}}}";
}
