namespace CertFunctions.Servers.Tests;

/// <summary>The built program twice on one data directory: <c>--data DIR --shared --port N</c>.</summary>
public sealed class SharedDataTests
{
    private const string Web = "namespaces/default/certificates/web";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_processes_issue_into_one_vault_and_one_goes_on_when_the_other_is_killed()
    {
        using var first = new LocalApp();
        using var second = new LocalApp(beside: first);
        await Task.WhenAll(first.StartAsync(Cancel, "--shared"), second.StartAsync(Cancel, "--shared"));

        await first.PutAsync("clusterissuers/selfsigned", "{spec: {selfSigned: {}}, metadata: {name: selfsigned}}", Cancel);
        await second.PutAsync(Web, Certificate("web"), Cancel);
        await first.ReadyAsync(Web, Cancel);
        await second.ReadyAsync(Web, Cancel);

        await first.KillAsync(Cancel);
        await second.PutAsync("namespaces/default/certificates/after", Certificate("after"), Cancel);
        await second.ReadyAsync("namespaces/default/certificates/after", Cancel);

        var vaults = new[] { Web, "namespaces/default/certificates/after" }.Select(async path => (string?)(await second.GetAsync(path, Cancel))?["status"]?["vault"]?["uri"]);
        Assert.Single((await Task.WhenAll(vaults)).Distinct());
    }

    [Fact]
    public async Task One_that_does_not_share_is_refused_beside_one_that_does()
    {
        using var sharing = new LocalApp();
        await sharing.StartAsync(Cancel, "--shared");
        using var alone = new LocalApp(beside: sharing);

        var refused = await alone.RefusedAsync(Cancel);

        Assert.Contains("--shared to all of them", refused, StringComparison.Ordinal);
    }

    private static string Certificate(string name) =>
        $"{{metadata: {{name: {name}}}, spec: {{secretName: {name}-tls, dnsNames: [{name}.test], issuerRef: {{kind: ClusterIssuer, name: selfsigned}}, privateKey: {{algorithm: ECDSA, size: 256}}}}}}";
}
