namespace CertFunctions.App.Tests.Api;

/// <summary>Every way to change part of a resource, by the answers that kubectl relies on.</summary>
public sealed class PatchTests : IDisposable
{
    private const string Web = InProcessApi.Certificates + "/web";
    private const string Merge = "application/merge-patch+json";
    private const string Json = "application/json-patch+json";
    private const string Apply = "application/apply-patch+yaml";

    private readonly InProcessApi _api = new();

    public void Dispose() => _api.Dispose();

    public static TheoryData<string, string, string, string> Changes => new()
    {
        // because                                     type   patch                                                                                   spec afterwards
        { "a member is replaced",                      Merge, """{"spec":{"secretName":"other"}}""",                                                  """{"secretName":"other","issuerRef":{"name":"ca"},"dnsNames":["web.test"],"duration":"24h0m0s"}""" },
        { "null removes",                              Merge, """{"spec":{"duration":null}}""",                                                       """{"secretName":"web-tls","issuerRef":{"name":"ca"},"dnsNames":["web.test"]}""" },
        { "objects merge, lists are replaced",         Merge, """{"spec":{"issuerRef":{"kind":"ClusterIssuer"},"dnsNames":["a.test"]}}""",             """{"secretName":"web-tls","issuerRef":{"name":"ca","kind":"ClusterIssuer"},"dnsNames":["a.test"],"duration":"24h0m0s"}""" },
        { "add to a list",                             Json,  """[{"op":"add","path":"/spec/dnsNames/-","value":"b.test"}]""",                        """{"secretName":"web-tls","issuerRef":{"name":"ca"},"dnsNames":["web.test","b.test"],"duration":"24h0m0s"}""" },
        { "a test holds, then a removal",              Json,  """[{"op":"test","path":"/spec/duration","value":"24h0m0s"},{"op":"remove","path":"/spec/duration"}]""", """{"secretName":"web-tls","issuerRef":{"name":"ca"},"dnsNames":["web.test"]}""" },
        { "move and copy",                             Json,  """[{"op":"copy","from":"/spec/dnsNames/0","path":"/spec/commonName"},{"op":"move","from":"/spec/commonName","path":"/spec/secretName"}]""", """{"secretName":"web.test","issuerRef":{"name":"ca"},"dnsNames":["web.test"],"duration":"24h0m0s"}""" },
        { "an applied spec replaces the stored one",   Apply, """{"apiVersion":"cert-manager.io/v1","kind":"Certificate","metadata":{"name":"web"},"spec":{"secretName":"web-tls","dnsNames":["c.test"],"issuerRef":{"name":"ca"}}}""", """{"secretName":"web-tls","issuerRef":{"name":"ca"},"dnsNames":["c.test"]}""" },
        { "applying metadata alone keeps the spec",    Apply, "metadata: {name: web, labels: {a: b}}",                                                """{"secretName":"web-tls","issuerRef":{"name":"ca"},"dnsNames":["web.test"],"duration":"24h0m0s"}""" },
    };

    [Theory, MemberData(nameof(Changes))]
    public async Task Patches_when(string because, string type, string patch, string spec)
    {
        await _api.PostAsync(InProcessApi.Certificate(spec: ""","duration":"24h" """));

        var answer = await _api.SendAsync("PATCH", Web, patch, type);

        Assert.True(answer.Code == 200, $"{because}: {answer.Text}");
        Assert.Equal(spec, answer["spec"]!.ToJsonString());
        Assert.Equal(spec, (await _api.GetAsync(Web))["spec"]!.ToJsonString());
    }

    public static TheoryData<string, string, string, int> Refused => new()
    {
        // because                            type                                       patch                                                        code
        { "strategic merge, as any CRD",      "application/strategic-merge-patch+json",  "{}",                                                        415 },
        { "no patch type at all",             "application/json",                        "{}",                                                        415 },
        { "a merge patch that is a list",     Merge,                                     "[]",                                                        400 },
        { "a JSON patch that is an object",   Json,                                      "{}",                                                        400 },
        { "an unknown operation",             Json,                                      """[{"op":"increase","path":"/spec"}]""",                    400 },
        { "a path into nothing",              Json,                                      """[{"op":"remove","path":"/spec/nope/x"}]""",               400 },
        { "an index beyond the end",          Json,                                      """[{"op":"add","path":"/spec/dnsNames/7","value":"x"}]""",  400 },
        { "moved into itself",                Json,                                      """[{"op":"move","from":"/spec","path":"/spec/x"}]""",       400 },
        { "a test that does not hold",        Json,                                      """[{"op":"test","path":"/spec/secretName","value":"x"}]""", 422 },
        { "a stale version in the patch",     Merge,                                     """{"metadata":{"resourceVersion":"1234567"}}""",            409 },
        { "a broken rule",                    Merge,                                     """{"spec":{"duration":"1m"}}""",                            422 },
        { "an unknown field",                 Merge,                                     """{"spec":{"nonsense":1}}""",                               400 },
        { "another name",                     Merge,                                     """{"metadata":{"name":"other"}}""",                         400 },
        { "everything removed",               Json,                                      """[{"op":"remove","path":""}]""",                           400 },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task Refuses_and_changes_nothing_when(string because, string type, string patch, int code)
    {
        await _api.PostAsync(InProcessApi.Certificate());
        var before = (await _api.GetAsync(Web)).Text;

        var answer = await _api.SendAsync("PATCH", Web, patch, type);

        Assert.True(answer.Code == code, $"{because}: {answer.Code} {answer.Text}");
        Assert.Equal(before, (await _api.GetAsync(Web)).Text);
    }

    [Fact]
    public async Task Bounds_what_copies_can_grow_to()
    {
        await _api.PostAsync(InProcessApi.Certificate());
        var doubling = string.Join(',', Enumerable.Repeat("""{"op":"copy","from":"/metadata/annotations","path":"/metadata/annotations/x"}""", 900));

        var answer = await _api.SendAsync("PATCH", Web, $$$"""[{"op":"add","path":"/metadata/annotations","value":{"a":"b"}},{{{doubling}}}]""", Json);

        Assert.Equal(400, answer.Code);
    }

    [Fact]
    public async Task Applying_creates_what_is_not_there_and_keeps_the_labels_of_others()
    {
        var wish = InProcessApi.Certificate(metadata: ""","labels":{"mine":"1"}""");

        var created = await _api.SendAsync("PATCH", Web + "?fieldManager=kubectl&force=false", wish, Apply);
        await _api.SendAsync("PATCH", Web, """{"metadata":{"labels":{"theirs":"2"}}}""", Merge);
        var again = await _api.SendAsync("PATCH", Web + "?fieldManager=kubectl&force=true", wish, Apply);

        Assert.Equal((201, 200), (created.Code, again.Code));
        Assert.Equal("""{"mine":"1","theirs":"2"}""", again["metadata"]!["labels"]!.ToJsonString());
    }

    [Fact]
    public async Task Writers_at_the_same_time_lose_nothing()
    {
        await _api.PostAsync(InProcessApi.Certificate());

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(
            each => Task.Run(() => _api.SendAsync("PATCH", Web, $$$$"""{"metadata":{"labels":{"l{{{{each}}}}":"x"}}}""", Merge))));

        Assert.All(answers, answer => Assert.Equal(200, answer.Code));
        Assert.Equal(4, (await _api.GetAsync(Web))["metadata"]!["labels"]!.AsObject().Count);
    }
}
