namespace CertFunctions.Servers.Tests;

/// <summary>The built program against a local vault that is as awkward as Azure's: few rights, slow deletions, empty pages, limits.</summary>
public sealed class StrictVaultTests
{
    private const string Root = "namespaces/cert-manager/certificates/root-ca";
    private const string Web = "namespaces/default/certificates/web";

    // What infra gives the function app: results are written but never read back, its own keys are kept and read in the system vault.
    private const string Identities = """
        [{ "clientId": "function-app", "assignments": [
            { "role": "Key Vault Certificates Officer", "scope": "default" },
            { "role": "Key Vault Certificates Officer", "scope": "system" },
            { "role": "Key Vault Secrets Officer", "scope": "system" }] }]
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Issues_and_renews_with_the_roles_it_is_given_in_Azure()
    {
        using var app = new LocalApp(settings: new Dictionary<string, string>
        {
            ["LocalVault__Identity"] = "function-app", ["LocalVault__EmptyPages"] = "true", ["LocalVault__Throttling"] = "true", ["LocalVault__DeletionDelay"] = "00:00:10",
        });
        await WriteIdentitiesAsync(app);
        await app.StartAsync(Cancel);

        await app.PutAsync("clusterissuers/selfsigned", "{spec: {selfSigned: {}}, metadata: {name: selfsigned}}", Cancel);
        await app.PutAsync(Root, "{metadata: {name: root-ca}, spec: {secretName: root-ca, isCA: true, commonName: Root, issuerRef: {kind: ClusterIssuer, name: selfsigned}, privateKey: {algorithm: ECDSA, size: 256}}}", Cancel);
        await app.PutAsync("clusterissuers/root", "{metadata: {name: root}, spec: {ca: {secretName: root-ca}}}", Cancel);
        await app.PutAsync(Web, Leaf("web.test"), Cancel);
        await app.RevisionAsync(Web, 1, Cancel);

        await app.PutAsync(Web, Leaf("www.web.test"), Cancel);
        await app.RevisionAsync(Web, 2, Cancel);
        Assert.DoesNotContain("ForbiddenByRbac", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_of_the_local_vault_that_is_no_good_stops_the_start_with_a_sentence()
    {
        using var days = new LocalApp(settings: new Dictionary<string, string> { ["LocalVault__RetentionDays"] = "5" });
        Assert.Contains("RetentionDays is 7 to 90", await days.RefusedAsync(Cancel), StringComparison.Ordinal);

        using var nobody = new LocalApp(settings: new Dictionary<string, string> { ["LocalVault__Identity"] = "nobody" });
        Assert.Contains("LocalVault:Identity", await nobody.RefusedAsync(Cancel), StringComparison.Ordinal);
    }

    private static string Leaf(string name) =>
        $"{{metadata: {{name: web}}, spec: {{secretName: web-tls, dnsNames: [{name}], issuerRef: {{kind: ClusterIssuer, name: root}}, privateKey: {{algorithm: ECDSA, size: 256}}}}}}";

    private static async Task WriteIdentitiesAsync(LocalApp app)
    {
        var folder = Directory.CreateDirectory(Path.Combine(app.Data, "vault"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "identities.json"), Identities, Cancel);
    }
}
