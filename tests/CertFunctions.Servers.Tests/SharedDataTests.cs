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
    public async Task Two_processes_make_one_request_and_one_leaf_a_revision()
    {
        string[] names = [.. Enumerable.Range(0, 8).Select(number => $"both{number}")];
        using var first = new LocalApp();
        using var second = new LocalApp(beside: first);
        await Task.WhenAll(first.StartAsync(Cancel, "--shared"), second.StartAsync(Cancel, "--shared"));
        await first.PutAsync("clusterissuers/selfsigned", "{spec: {selfSigned: {}}, metadata: {name: selfsigned}}", Cancel);

        // Both hear of every wish, so that both run at once.
        await Task.WhenAll(names.SelectMany(name => (Task[])[first.PutAsync(Path(name), Certificate(name), Cancel), second.PutAsync(Path(name), Certificate(name), Cancel)]));
        foreach (var name in names) { await first.RevisionAsync(Path(name), 1, Cancel); }
        await Task.WhenAll(names.SelectMany(name => (Task[])[
            first.PutAsync(Path(name), Certificate(name, "one"), Cancel), second.PutAsync(Path(name), Certificate(name, "two"), Cancel)]));
        foreach (var name in names) { await SettledAsync(second, name); }

        using var vault = await VaultReader.OfAsync(first, Path(names[0]), Cancel);
        foreach (var name in names)
        {
            var certificate = await second.GetAsync(Path(name), Cancel);
            var revisions = (await vault.VersionsAsync($"default--{name}-tls", Cancel)).Select(version => version.Tags["cert-manager.io/certificate-revision"]).ToList();
            var revision = (int)certificate!["status"]!["revision"]!;
            Assert.Equal(Enumerable.Range(1, revision).Select(number => $"{number}"), revisions);
            Assert.True((await vault.ReadAsync($"default--{name}-tls", Cancel)).Leaf.MatchesHostname((string)certificate["spec"]!["dnsNames"]![0]!));
        }
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

    private static string Path(string name) => $"namespaces/default/certificates/{name}";

    /// <summary>Ready for the wish as it stands, whichever process had the last word.</summary>
    private static Task SettledAsync(LocalApp app, string name) => app.EventuallyAsync(
        async () => await app.GetAsync(Path(name), Cancel) is { } found && LocalApp.ConditionOf(found, "Ready") is { } ready
            && (string?)ready["status"] == "True" && (long?)ready["observedGeneration"] == (long?)found["metadata"]!["generation"],
        $"{name} has settled", Cancel);

    private static string Certificate(string name, string host = "web") =>
        $"{{metadata: {{name: {name}}}, spec: {{secretName: {name}-tls, dnsNames: [{host}.{name}.test], issuerRef: {{kind: ClusterIssuer, name: selfsigned}}, privateKey: {{algorithm: ECDSA, size: 256}}}}}}";
}
