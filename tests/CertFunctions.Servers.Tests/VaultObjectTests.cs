using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.Servers.Tests;

/// <summary>What happens to objects of the vault: whose they are, and which versions they have.</summary>
public sealed class VaultObjectTests
{
    private const string Leaf = "namespaces/default/certificates/web";
    private const string Issuer = "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_that_is_not_ours_is_never_overwritten()
    {
        using var app = new LocalApp();
        await app.StartAsync(Cancel);
        using var vault = new VaultReader(app, app.DefaultVault);
        var foreign = await Given.ForeignAsync(vault, "default--web-tls");

        await app.PutAsync("clusterissuers/selfsigned", Issuer, Cancel);
        await app.PutAsync(Leaf, Yaml("web-tls"), Cancel);
        await app.EventuallyAsync(
            async () => (string?)LocalApp.ConditionOf(await app.GetAsync(Leaf, Cancel), "Ready")?["reason"] == "SecretNameTaken", "the Certificate says that the name is taken", Cancel);

        Assert.Equal(foreign, Assert.Single(await vault.VersionsAsync("default--web-tls", Cancel)).Version);
    }

    [Fact]
    public async Task Names_that_would_meet_when_joined_land_in_different_objects()
    {
        using var app = new LocalApp();
        await app.StartAsync(Cancel);
        await app.PutAsync("clusterissuers/selfsigned", Issuer, Cancel);
        await app.PutAsync("namespaces/a/certificates/web", Yaml("b--c"), Cancel);
        await app.PutAsync("namespaces/a--b/certificates/web", Yaml("c"), Cancel);
        await app.ReadyAsync("namespaces/a/certificates/web", Cancel);
        await app.ReadyAsync("namespaces/a--b/certificates/web", Cancel);

        var one = (string?)(await app.GetAsync("namespaces/a/certificates/web", Cancel))!["status"]!["vault"]!["object"];
        var other = (string?)(await app.GetAsync("namespaces/a--b/certificates/web", Cancel))!["status"]!["vault"]!["object"];

        Assert.NotEqual(one, other);
    }

    [Fact]
    public async Task A_renewal_adds_one_version_in_its_window_and_leaves_the_one_before_readable()
    {
        using var app = new LocalApp();
        await app.StartAsync(Cancel);
        await app.PutAsync("clusterissuers/selfsigned", Issuer, Cancel);
        // Due 20 s after notBefore: a second renewal of the same window would show as a third version.
        await app.PutAsync(Leaf, Yaml("web-tls", ", duration: 1h, renewBefore: 59m40s"), Cancel);
        await app.RevisionAsync(Leaf, 1, Cancel);
        using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
        var first = Assert.Single(await vault.VersionsAsync("default--web-tls", Cancel));

        await app.RevisionAsync(Leaf, 2, Cancel);
        var renewed = await app.GetAsync(Leaf, Cancel);
        await Task.Delay(TimeSpan.FromSeconds(8), Cancel);   // eight ticks of the timer, and the window of the next renewal is still ahead
        var versions = await vault.VersionsAsync("default--web-tls", Cancel);

        Assert.Equal(["1", "2"], versions.Select(version => version.Tags["cert-manager.io/certificate-revision"]));
        Assert.True((DateTimeOffset)renewed!["status"]!["renewalTime"]! > (DateTimeOffset)renewed["status"]!["notBefore"]!);
        var before = await vault.ReadAsync("default--web-tls", Cancel, first.Version);
        Assert.Equal(first.X509Thumbprint, before.Leaf.GetCertHash());
        Assert.Equal(before.Leaf.PublicKey.ExportSubjectPublicKeyInfo(), before.PublicKey);
    }

    private static string Yaml(string secretName, string more = "") =>
        $"{{metadata: {{name: web}}, spec: {{secretName: {secretName}, dnsNames: [web.test], issuerRef: {{kind: ClusterIssuer, name: selfsigned}}, privateKey: {{algorithm: ECDSA, size: 256}}{more}}}}}";
}
