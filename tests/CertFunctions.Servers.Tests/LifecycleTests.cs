using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace CertFunctions.Servers.Tests;

/// <summary>What happens to a Certificate between its first issuance and its end, whoever meddles.</summary>
public sealed class LifecycleTests
{
    private const string Leaf = "namespaces/default/certificates/web";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Applied_a_hundred_times_or_changed_in_what_does_not_matter_is_issued_once()
    {
        using var app = await StartAsync();
        await ApplyAsync(app, "{}");
        await app.RevisionAsync(Leaf, 1, Cancel);
        for (var time = 0; time < 100; time++) { await ApplyAsync(app, "{}"); }
        await app.PutAsync(Leaf, Yaml("renewBefore: 720h", labels: "{team: blue}"), Cancel);
        await app.EventuallyAsync(async () => Renewal(await app.GetAsync(Leaf, Cancel)) == 720, "the new renewBefore is acted on", Cancel);

        using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
        Assert.Single(await vault.VersionsAsync("default--web-tls", Cancel));
    }

    [Fact]
    public async Task Changed_ten_times_during_an_issuance_ends_at_the_last_wish()
    {
        using var app = await StartAsync();
        for (var wish = 0; wish < 10; wish++) { await app.PutAsync(Leaf, Yaml($"dnsNames: [wish{wish}.test]"), Cancel); }

        await app.EventuallyAsync(async () =>
        {
            if (LocalApp.Condition(await app.GetAsync(Leaf, Cancel), "Ready") != "True") { return false; }

            using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
            return (await vault.ReadAsync("default--web-tls", Cancel)).Leaf.MatchesHostname("wish9.test");
        }, "the vault holds the last wish", Cancel);
        var settled = await app.GetAsync(Leaf, Cancel);
        Assert.Equal((long?)settled!["metadata"]!["generation"], (long?)LocalApp.ConditionOf(settled, "Ready")!["observedGeneration"]);
    }

    [Theory]
    [InlineData("dnsNames: [other.test]", "RequestChanged")]
    [InlineData("privateKey: {algorithm: ECDSA, size: 384}", "SecretMismatch")]
    [InlineData("privateKey: {algorithm: RSA, size: 2048}", "SecretMismatch")]
    [InlineData("issuerRef: {kind: ClusterIssuer, name: other}", "IncorrectIssuer")]
    public async Task Changed_in_what_matters_is_issued_again_for_this_reason(string change, string reason)
    {
        using var app = await StartAsync();
        await app.PutAsync("clusterissuers/other", "{metadata: {name: other}, spec: {selfSigned: {}}}", Cancel);
        await ApplyAsync(app, "{}");
        await app.RevisionAsync(Leaf, 1, Cancel);

        await app.PutAsync(Leaf, Yaml(change), Cancel);
        await app.RevisionAsync(Leaf, 2, Cancel);

        Assert.Contains($"issuing revision 2 ({reason}", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_vault_object_is_recovered_and_not_issued_again()
    {
        using var app = await StartAsync();
        await ApplyAsync(app, "{}");
        await app.RevisionAsync(Leaf, 1, Cancel);
        using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
        var version = Assert.Single(await vault.VersionsAsync("default--web-tls", Cancel)).Version;

        await vault.Certificates.StartDeleteCertificateAsync("default--web-tls", Cancel);   // not until it is deleted: the app may bring it back sooner
        await app.EventuallyAsync(
            async () => await FindAsync(vault) is [var back] && back.Version == version, "the vault object is back", Cancel);

        await app.RevisionAsync(Leaf, 1, Cancel);
        await app.EventuallyAsync(
            () => Task.FromResult(app.Output.Contains("was deleted by somebody; recovered", StringComparison.Ordinal)), "the log tells of the recovery", Cancel);   // the object is back a moment before the run knows
    }

    [Fact]
    public async Task Stays_Ready_when_its_issuer_is_deleted()
    {
        using var app = await StartAsync();
        await ApplyAsync(app, "{}");
        await app.RevisionAsync(Leaf, 1, Cancel);
        await app.Http.DeleteAsync("apis/cert-manager.io/v1/clusterissuers/selfsigned", Cancel);
        await app.EventuallyAsync(async () => await app.GetAsync("clusterissuers/selfsigned", Cancel) is null, "the issuer is gone", Cancel);

        await app.PutAsync(Leaf, Yaml("renewBefore: 720h"), Cancel);
        await app.EventuallyAsync(async () => Renewal(await app.GetAsync(Leaf, Cancel)) == 720, "the Certificate was looked at", Cancel);

        Assert.Equal("True", LocalApp.Condition(await app.GetAsync(Leaf, Cancel), "Ready"));
    }

    [Fact]
    public async Task Deleted_during_an_issuance_leaves_nothing_in_any_index()
    {
        using var app = await StartAsync();
        await app.PutAsync(Leaf, Yaml("issuerRef: {kind: ClusterIssuer, name: missing}"), Cancel);
        await app.EventuallyAsync(async () => LocalApp.Condition(await app.GetAsync(Leaf, Cancel), "Issuing") == "True", "it is being issued", Cancel);
        var uid = (string)(await app.GetAsync(Leaf, Cancel))!["metadata"]!["uid"]!;

        await app.Http.DeleteAsync("apis/cert-manager.io/v1/" + Leaf, Cancel);
        await app.EventuallyAsync(async () => await app.GetAsync(Leaf, Cancel) is null, "the Certificate is gone", Cancel);
        await app.EventuallyAsync(() => Task.FromResult(!Objects(app).Exists(name => name.Contains(uid, StringComparison.Ordinal) && !name.StartsWith("events/", StringComparison.Ordinal))), "nothing names it", Cancel);

        Assert.DoesNotContain(Objects(app), name => name.StartsWith("resources/certificaterequests/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_renamed_secret_is_a_new_object_and_the_old_one_stays()
    {
        using var app = await StartAsync();
        await ApplyAsync(app, "{}");
        await app.RevisionAsync(Leaf, 1, Cancel);

        await app.PutAsync(Leaf, Yaml("{}").Replace("web-tls", "new-tls", StringComparison.Ordinal), Cancel);
        await app.EventuallyAsync(
            async () => await app.GetAsync(Leaf, Cancel) is { } found && LocalApp.Condition(found, "Ready") == "True" && (string?)found["status"]!["vault"]!["object"] == "default--new-tls",
            "the new object is there", Cancel);

        using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
        Assert.Single(await vault.VersionsAsync("default--web-tls", Cancel));
        Assert.Single(await vault.VersionsAsync("default--new-tls", Cancel));
    }

    [Fact]
    public async Task Of_two_that_want_one_object_the_second_is_told_who_has_it()
    {
        using var app = await StartAsync();
        await ApplyAsync(app, "{}");
        await app.RevisionAsync(Leaf, 1, Cancel);
        await app.PutAsync("namespaces/default/certificates/second", Yaml("{}").Replace("name: web,", "name: second,", StringComparison.Ordinal), Cancel);

        await app.EventuallyAsync(
            async () => LocalApp.ConditionOf(await app.GetAsync("namespaces/default/certificates/second", Cancel), "Ready")?.ToJsonString() is { } told
                && told.Contains("SecretNameTaken", StringComparison.Ordinal) && told.Contains("default/web", StringComparison.Ordinal), "the second is refused", Cancel);

        Assert.Equal("True", LocalApp.Condition(await app.GetAsync(Leaf, Cancel), "Ready"));
    }

    private static async Task<LocalApp> StartAsync()
    {
        var app = new LocalApp();
        await app.StartAsync(Cancel);
        await app.PutAsync("clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}", Cancel);
        return app;
    }

    private static async Task ApplyAsync(LocalApp app, string change)
    {
        using var answer = await app.PutAsync(Leaf, Yaml(change), Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    /// <summary>The usual Certificate with one member of its spec replaced or added.</summary>
    private static string Yaml(string change, string labels = "{}")
    {
        var spec = new Dictionary<string, string>
        {
            ["secretName"] = "web-tls", ["dnsNames"] = "[web.test]", ["issuerRef"] = "{kind: ClusterIssuer, name: selfsigned}", ["privateKey"] = "{algorithm: ECDSA, size: 256}",
        };
        if (change != "{}") { spec[change[..change.IndexOf(':', StringComparison.Ordinal)]] = change[(change.IndexOf(':', StringComparison.Ordinal) + 2)..]; }
        return $"{{metadata: {{name: web, labels: {labels}}}, spec: {{{string.Join(", ", spec.Select(pair => $"{pair.Key}: {pair.Value}"))}}}}}";
    }

    private static async Task<IReadOnlyList<Azure.Security.KeyVault.Certificates.CertificateProperties>> FindAsync(VaultReader vault)
    {
        try { return await vault.VersionsAsync("default--web-tls", Cancel); }
        catch (Azure.RequestFailedException absent) when (absent.Status == 404) { return []; }
    }

    private static double? Renewal(JsonNode? certificate) =>
        certificate?["status"]?["renewalTime"] is { } renewal ? ((DateTimeOffset)certificate["status"]!["notAfter"]! - (DateTimeOffset)renewal).TotalHours : null;

    private static List<string> Objects(LocalApp app)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(app.Data, "store.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM objects";
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read()) { names.Add(reader.GetString(0)); }
        return names;
    }
}
