using System.Text.Json.Nodes;

namespace CertFunctions.App.Tests.Bundles;

/// <summary>ConfigMaps as trust-manager's users apply them.</summary>
public sealed class ConfigMapsTests : IDisposable
{
    private const string Roots = "{apiVersion: v1, kind: ConfigMap, metadata: {name: roots, labels: {team: a}}, data: {ca.crt: one}}";

    private readonly SourceHouse _house = new();

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "a name is a name", "{metadata: {name: A b}}", "metadata.name" },
        { "the path decides the namespace", "{metadata: {name: roots, namespace: other}}", "metadata.namespace" },
        { "the path decides the kind", "{kind: Secret, metadata: {name: roots}}", "kind" },
        { "a key is a file name", "{metadata: {name: roots}, data: {\"a/b\": x}}", "data[a/b]" },
        { "texts are text", "{metadata: {name: roots}, data: {a: 1}}", "data[a]" },
        { "data is a map", "{metadata: {name: roots}, data: [a]}", "data" },
        { "nothing binary", "{metadata: {name: roots}, binaryData: {a: QQ==}}", "binaryData" },
        { "nothing misspelt", "{metadata: {name: roots}, dat: {a: b}}", "dat" },
        { "nothing misspelt below", "{metadata: {name: roots, label: {a: b}}}", "metadata.label" },
        { "labels are labels", "{metadata: {name: roots, labels: {a: \"-\"}}}", "metadata.labels" },
    };

    [Fact]
    public async Task Is_created_read_listed_replaced_and_deleted()
    {
        var (code, created) = await _house.SendAsync("POST", name: null, Roots);
        Assert.Equal((201, "roots", "one"), (code, (string?)created["metadata"]!["name"], (string?)created["data"]!["ca.crt"]));
        Assert.Equal("2030-01-01T12:00:00Z", (string?)created["metadata"]!["creationTimestamp"]);
        Assert.Equal((409, "AlreadyExists"), await CodeAndReasonAsync("POST", null, Roots));

        var (_, read) = await _house.SendAsync("GET", "roots");
        Assert.True(JsonNode.DeepEquals(created, read));
        Assert.Equal(["roots"], await ListAsync(""));

        var (put, changed) = await _house.SendAsync("PUT", "roots", "{metadata: {name: roots}, data: {other.crt: two}}");
        Assert.Equal((200, (string?)created["metadata"]!["uid"]), (put, (string?)changed["metadata"]!["uid"]));
        Assert.Equal(["other.crt"], changed["data"]!.AsObject().Select(each => each.Key));
        Assert.Null(changed["metadata"]!["labels"]);

        Assert.Equal(200, (await _house.SendAsync("DELETE", "roots")).Code);
        Assert.Equal((404, "NotFound"), await CodeAndReasonAsync("GET", "roots"));
        Assert.Equal((404, "NotFound"), await CodeAndReasonAsync("DELETE", "roots"));
        Assert.Empty(await ListAsync(""));
    }

    [Fact]
    public async Task Is_patched_as_kubectl_does()
    {
        await _house.SendAsync("POST", name: null, Roots);

        var (_, merged) = await _house.SendAsync("PATCH", "roots", """{"data":{"ca.crt":null,"new.crt":"x"},"metadata":{"annotations":{"note":"y"}}}""", type: "application/strategic-merge-patch+json");
        Assert.Equal("""{"new.crt":"x"}""", merged["data"]!.ToJsonString());
        Assert.Equal(("a", "y"), ((string?)merged["metadata"]!["labels"]!["team"], (string?)merged["metadata"]!["annotations"]!["note"]));

        var (_, applied) = await _house.SendAsync("PATCH", "roots", "{apiVersion: v1, kind: ConfigMap, metadata: {name: roots}, data: {last.crt: z}}", type: "application/apply-patch+yaml");
        Assert.Equal("""{"last.crt":"z"}""", applied["data"]!.ToJsonString());

        Assert.Equal(201, (await _house.SendAsync("PATCH", "made", "{metadata: {name: made}}", type: "application/apply-patch+yaml")).Code);
        Assert.Equal((404, "NotFound"), await CodeAndReasonAsync("PATCH", "none", "{}", "application/merge-patch+json"));
    }

    [Fact]
    public async Task Is_written_over_a_version_only_if_it_is_still_that_version()
    {
        var (_, first) = await _house.SendAsync("POST", name: null, Roots);
        await _house.SendAsync("PUT", "roots", Roots.Replace("one", "two", StringComparison.Ordinal));

        var stale = Roots.Replace("name: roots", $"name: roots, resourceVersion: \"{first["metadata"]!["resourceVersion"]}\"", StringComparison.Ordinal);
        Assert.Equal((409, "Conflict"), await CodeAndReasonAsync("PUT", "roots", stale));
        Assert.Equal("two", (string?)(await _house.SendAsync("GET", "roots")).Body["data"]!["ca.crt"]);
    }

    [Fact]
    public async Task Is_selected_by_label_and_by_name()
    {
        foreach (var (name, team) in ((string, string)[])[("a", "x"), ("b", "y"), ("c", "x")]) { await _house.SendAsync("PUT", name, $"{{metadata: {{name: {name}, labels: {{team: {team}}}}}}}"); }

        Assert.Equal(["a", "c"], await ListAsync("labelSelector=team%3Dx"));
        Assert.Equal(["b"], await ListAsync("fieldSelector=metadata.name%3Db"));
        Assert.Empty((await _house.SendAsync("GET", name: null, ns: "other")).Body["items"]!.AsArray());
        Assert.Equal(400, (await _house.SendAsync("GET", name: null, query: "fieldSelector=data%3Db")).Code);
    }

    [Fact]
    public async Task Is_refused_in_any_other_namespace()
    {
        var (code, status) = await _house.SendAsync("POST", name: null, Roots, ns: "default");

        Assert.Equal(400, code);
        Assert.Equal("ConfigMaps are kept as sources of Bundles only, which read the namespace cert-manager (setting ClusterResourceNamespace), not default.", (string?)status["message"]);
        Assert.Equal((404, "NotFound"), ((await _house.SendAsync("GET", "roots", ns: "default")).Code, "NotFound"));
    }

    [Theory, MemberData(nameof(Wrong))]
    public async Task Names_what_is_wrong(string because, string body, string field)
    {
        var (code, status) = await _house.SendAsync("POST", name: null, body);

        Assert.True(code == 400 && status["details"]!["causes"]!.AsArray().All(each => (string?)each!["field"] == field), $"{because}: {status.ToJsonString()}");
    }

    [Fact]
    public async Task Holds_a_mebibyte_and_no_more_and_stores_nothing_on_a_dry_run()
    {
        Assert.Equal(201, (await _house.SendAsync("POST", name: null, $"{{\"metadata\":{{\"name\":\"big\"}},\"data\":{{\"a\":\"{new string('x', (1 << 20) - 1)}\"}}}}", type: "application/json")).Code);
        Assert.Equal(400, (await _house.SendAsync("PUT", "big", $"{{\"data\":{{\"a\":\"{new string('x', 1 << 20)}\"}}}}", type: "application/json")).Code);
        Assert.Equal(413, (await _house.SendAsync("PUT", "big", new string(' ', 4 << 20), type: "application/json")).Code);

        Assert.Equal(201, (await _house.SendAsync("POST", name: null, Roots, query: "dryRun=All")).Code);
        Assert.Equal(404, (await _house.SendAsync("GET", "roots")).Code);
    }

    public void Dispose() => _house.Dispose();

    private async Task<IEnumerable<string?>> ListAsync(string query) =>
        (await _house.SendAsync("GET", name: null, query: query)).Body["items"]!.AsArray().Select(each => (string?)each!["metadata"]!["name"]);

    private async Task<(int, string?)> CodeAndReasonAsync(string method, string? name, string? body = null, string type = "application/yaml") =>
        await _house.SendAsync(method, name, body, type: type) is var (code, answer) ? (code, (string?)answer["reason"]) : default;
}
