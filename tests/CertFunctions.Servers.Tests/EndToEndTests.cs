using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.Servers.Tests;

/// <summary>The built program over real HTTP: what a new user does first, and what must survive SIGKILL.</summary>
public sealed class EndToEndTests
{
    private const string Leaf = "namespaces/default/certificates/web";

    private static readonly (string Path, string Yaml)[] Quickstart =
    [
        ("clusterissuers/selfsigned", "{spec: {selfSigned: {}}, metadata: {name: selfsigned}}"),
        ("namespaces/cert-manager/certificates/root-ca",
            "{metadata: {name: root-ca}, spec: {secretName: root-ca, isCA: true, commonName: Root, issuerRef: {kind: ClusterIssuer, name: selfsigned}, privateKey: {algorithm: ECDSA, size: 256}}}"),
        ("clusterissuers/root", "{metadata: {name: root}, spec: {ca: {secretName: root-ca}}}"),
        (Leaf, "{metadata: {name: web}, spec: {secretName: web-tls, dnsNames: [web.test], issuerRef: {kind: ClusterIssuer, name: root}, privateKey: {algorithm: ECDSA, size: 256}}}"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Issues_a_chain_and_publishes_its_ca()
    {
        using var app = new LocalApp();
        await app.StartAsync(Cancel);
        await ApplyAsync(app);
        await app.ReadyAsync(Leaf, Cancel);

        var pem = await app.Http.GetStringAsync("ca/default/web-tls/ca.crt", Cancel);
        using var ca = X509Certificate2.CreateFromPem(pem);

        Assert.Equal("CN=Root", ca.Subject);
        Assert.DoesNotContain("PRIVATE KEY", pem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_search_finds_a_key_that_was_planted()
    {
        var folder = Directory.CreateTempSubdirectory("certfunctions-planted-").FullName;
        byte[] secret = [.. Enumerable.Range(1, 32).Select(each => (byte)(each * 7))];
        File.WriteAllText(Path.Combine(folder, "hex.log"), "key=" + Convert.ToHexString(secret));
        File.WriteAllText(Path.Combine(folder, "base64.log"), Convert.ToBase64String([1, .. secret, 2]));
        File.WriteAllBytes(Path.Combine(folder, "raw.db-wal"), [0, .. secret, 0]);

        var found = SecretSearch.Find(secret, folder, output: "").ToList();
        Directory.Delete(folder, recursive: true);

        Assert.Equal(["base64.log", "hex.log", "raw.db-wal"], found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Renews_by_the_timer_and_counts_the_revision()
    {
        using var app = new LocalApp();
        await app.StartAsync(Cancel);
        await ApplyAsync(app);
        var hasty = "{metadata: {name: web}, spec: {secretName: web-tls, dnsNames: [web.test], duration: 1h, renewBefore: 59m59s, issuerRef: {kind: ClusterIssuer, name: root}, privateKey: {algorithm: ECDSA, size: 256}}}";
        await app.PutAsync(Leaf, hasty, Cancel);

        await app.EventuallyAsync(
            async () => (int?)(await app.GetAsync(Leaf, Cancel))?["status"]?["revision"] >= 3, "revision 3", Cancel);
    }

    [Fact]
    public async Task Names_every_field_at_fault_and_changes_nothing()
    {
        using var app = new LocalApp();
        await app.StartAsync(Cancel);

        using var answer = await app.PutAsync(Leaf, "{metadata: {name: web}, spec: {secretname: x, dnsNames: [1], uris: [2]}}", Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.All(["spec.secretname", "spec.secretName", "spec.dnsNames[0]", "spec.issuerRef", "spec.uris[0]"], field => Assert.Contains($"\"field\":\"{field}\"", text, StringComparison.Ordinal));
        Assert.Null(await app.GetAsync(Leaf, Cancel));
    }

    [Fact]
    public async Task Proceeds_when_the_missing_issuer_appears_and_removes_what_is_deleted()
    {
        using var app = new LocalApp();
        await app.StartAsync(Cancel);
        await app.PutAsync("namespaces/other/issuers/mine", "{metadata: {name: mine}, spec: {selfSigned: {}}}", Cancel);
        await app.PutAsync(Leaf, "{metadata: {name: web}, spec: {secretName: web-tls, dnsNames: [web.test], issuerRef: {name: mine}}}", Cancel);
        await app.EventuallyAsync(
            async () => LocalApp.Condition(await app.GetAsync(Leaf, Cancel), "Issuing") == "True"
                && (await app.GetAsync(Leaf, Cancel))!.ToJsonString().Contains("not found", StringComparison.Ordinal),
            "the Issuing message names the missing issuer", Cancel);

        await app.PutAsync("namespaces/default/issuers/mine", "{metadata: {name: mine}, spec: {selfSigned: {}}}", Cancel);
        await app.ReadyAsync(Leaf, Cancel);
        await app.Http.DeleteAsync("apis/cert-manager.io/v1/" + Leaf, Cancel);

        await app.EventuallyAsync(async () => await app.GetAsync(Leaf, Cancel) is null, "the Certificate is gone", Cancel);
    }

    private static async Task ApplyAsync(LocalApp app)
    {
        foreach (var (path, yaml) in Quickstart)
        {
            using var answer = await app.PutAsync(path, yaml, Cancel);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        }
    }
}
