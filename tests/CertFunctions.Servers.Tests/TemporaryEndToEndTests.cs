using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.Servers.Tests;

/// <summary>A stand-in while the issuer is missing (cert-manager.io/issue-temporary-certificate): consumers can start, and nobody takes it for issued.</summary>
public sealed class TemporaryEndToEndTests
{
    private const string Wanted = ", annotations: {cert-manager.io/issue-temporary-certificate: \"true\"}";
    private const string Waits = "Certificate default/web: Waiting";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serves_a_stand_in_until_the_issuer_appears_and_then_one_version_a_revision()
    {
        using var app = await Given.RootAsync();
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(metadata: Wanted, issuer: "later"));
        await Given.ReasonAsync(app, "TemporaryCertificate");

        using var vault = new VaultReader(app, app.DefaultVault);
        await app.EventuallyAsync(() => Task.FromResult(app.Told(Waits) >= 3), "the issuance waited several times", Cancel);
        var standIn = await vault.ReadAsync(Given.Object, Cancel);
        var marked = Assert.Single(await vault.VersionsAsync(Given.Object, Cancel));
        Assert.Equal(standIn.Leaf.Issuer, standIn.Leaf.Subject);
        Assert.Equal(standIn.Leaf.PublicKey.ExportSubjectPublicKeyInfo(), standIn.PublicKey);
        Assert.True(standIn.Leaf.MatchesHostname("web.test") && marked.Tags.ContainsKey("certfunctions.dev/temporary"));
        var waiting = await app.GetAsync(Given.Leaf, Cancel);
        Assert.Equal(("False", "True"), (LocalApp.Condition(waiting, "Ready"), LocalApp.Condition(waiting, "Issuing")));
        Assert.Null(waiting!["status"]!["revision"]);

        await Given.ApplyAsync(app, "clusterissuers/later", "{metadata: {name: later}, spec: {ca: {secretName: root}}}");
        await app.RevisionAsync(Given.Leaf, 1, Cancel);
        var issued = await vault.ReadAsync(Given.Object, Cancel);
        await Given.RenewAsync(app);
        await app.RevisionAsync(Given.Leaf, 2, Cancel);

        await Verify.AcceptsAsync(issued, await app.Http.GetStringAsync("ca/default/web-tls/ca.crt", Cancel), Cancel);
        var versions = await vault.VersionsAsync(Given.Object, Cancel);
        Assert.Equal([null, "1", "2"], versions.Select(version => version.Tags.TryGetValue("cert-manager.io/certificate-revision", out var revision) ? revision : null));
        Assert.Single(versions, version => version.Tags.ContainsKey("certfunctions.dev/temporary"));
    }

    [Fact]
    public async Task Outputs_show_the_stand_in_and_then_what_was_issued()
    {
        using var app = await Given.RootAsync();
        const string Both = ", annotations: {cert-manager.io/issue-temporary-certificate: \"true\", certfunctions.dev/pem-secrets: \"true\"}";
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(metadata: Both, issuer: "later"));
        await Given.ReasonAsync(app, "TemporaryCertificate");
        using var vault = new VaultReader(app, app.DefaultVault);
        await app.EventuallyAsync(async () => await ThumbprintAsync(vault) is not null, "the outputs are there", Cancel);
        Assert.Equal((await vault.ReadAsync(Given.Object, Cancel)).Leaf.Thumbprint, await ThumbprintAsync(vault));

        await Given.ApplyAsync(app, "clusterissuers/later", "{metadata: {name: later}, spec: {ca: {secretName: root}}}");
        await app.RevisionAsync(Given.Leaf, 1, Cancel);

        Assert.Equal((await vault.ReadAsync(Given.Object, Cancel)).Leaf.Thumbprint, await ThumbprintAsync(vault));
    }

    [Fact]
    public async Task Never_stands_in_for_what_was_issued_and_never_for_a_CA()
    {
        using var app = await Given.RootAsync();
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish());
        await app.RevisionAsync(Given.Leaf, 1, Cancel);
        const string Ca = "namespaces/default/certificates/ca";

        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(metadata: Wanted, issuer: "later"));
        await Given.ApplyAsync(app, Ca, Given.Wish(", isCA: true, commonName: ca", Wanted, issuer: "later", name: "ca"));
        await Given.ReasonAsync(app, "IncorrectIssuer");
        await Given.ReasonAsync(app, "DoesNotExist", Ca);
        await app.EventuallyAsync(() => Task.FromResult(app.Told(Waits) >= 2 && app.Told("Certificate default/ca: Waiting") >= 2), "both waited", Cancel);

        using var vault = new VaultReader(app, app.DefaultVault);
        Assert.Equal("1", Assert.Single(await vault.VersionsAsync(Given.Object, Cancel)).Tags["cert-manager.io/certificate-revision"]);
        Assert.DoesNotContain("temporary certificate stored", app.Output, StringComparison.Ordinal);
    }

    /// <summary>Of the PEM output, whose key must be its own; null while there is none.</summary>
    private static async Task<string?> ThumbprintAsync(VaultReader vault)
    {
        try
        {
            var chain = await vault.Secrets.GetSecretAsync($"{Given.Object}-tls-crt", cancellationToken: Cancel);
            var key = await vault.Secrets.GetSecretAsync($"{Given.Object}-tls-key", cancellationToken: Cancel);
            using var x509 = X509Certificate2.CreateFromPem(chain.Value.Value, key.Value.Value);
            return x509.Thumbprint;
        }
        catch (Azure.RequestFailedException absent) when (absent.Status == 404) { return null; }
    }
}
