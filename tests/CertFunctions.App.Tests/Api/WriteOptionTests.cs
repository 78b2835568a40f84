using System.Text.Json.Nodes;

namespace CertFunctions.App.Tests.Api;

/// <summary>What a write may ask for in its query and its body, besides the wish.</summary>
public sealed class WriteOptionTests : IDisposable
{
    private const string Web = InProcessApi.Certificates + "/web";

    private readonly InProcessApi _api = new();

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task A_dry_run_answers_as_if_and_stores_nothing()
    {
        var answer = await _api.PostAsync(InProcessApi.Certificate(), InProcessApi.Certificates + "?dryRun=All");

        Assert.Equal(201, answer.Code);
        Assert.Equal(404, (await _api.GetAsync(Web)).Code);
        Assert.Empty((await _api.Store.ListAsync("", null, null, 10, TestContext.Current.CancellationToken)).Entries);
    }

    [Fact]
    public async Task A_dry_run_of_a_deletion_deletes_nothing()
    {
        await _api.PostAsync(InProcessApi.Certificate());

        Assert.Equal(200, (await _api.SendAsync("DELETE", Web + "?dryRun=All")).Code);
        Assert.Null((await _api.GetAsync(Web))["metadata"]!["deletionTimestamp"]);
    }

    public static TheoryData<string, string, int, string?> Validations => new()
    {
        // because                              query                        code  warning
        { "nothing is asked: strict",           "",                          400,  null },
        { "strict",                             "?fieldValidation=Strict",   400,  null },
        { "warn",                               "?fieldValidation=Warn",     201,  "299 - \"unknown field 'spec.nonsense'\"" },
        { "ignore",                             "?fieldValidation=Ignore",   201,  null },
        { "something else",                     "?fieldValidation=Perhaps",  400,  null },
    };

    [Theory, MemberData(nameof(Validations))]
    public async Task Unknown_fields_when(string because, string query, int code, string? warning)
    {
        var answer = await _api.PostAsync(InProcessApi.Certificate(spec: ""","nonsense":1"""), InProcessApi.Certificates + query);

        Assert.True(answer.Code == code, $"{because}: {answer.Text}");
        Assert.Equal(warning, (string?)answer.Headers["Warning"]);
    }

    [Fact]
    public async Task Drops_what_it_does_not_keep_and_says_so_in_headers_that_carry_no_line_break()
    {
        var answer = await _api.PostAsync(
            InProcessApi.Certificate(metadata: ""","ownerReferences":[{}],"finalizers":["x"],"managedFields":[]""", spec: ""","a\r\nSet-Cookie: é\"":1"""),
            InProcessApi.Certificates + "?fieldValidation=Warn");

        Assert.Equal(
            ["299 - \"metadata.ownerReferences is not kept by this server and was dropped\"", "299 - \"metadata.finalizers is not kept by this server and was dropped\"", "299 - \"unknown field 'spec.a??Set-Cookie: ?''\""],
            answer.Headers["Warning"].ToArray());
        Assert.Equal(["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"], answer["metadata"]!.AsObject().Select(each => each.Key));
    }

    [Fact]
    public async Task Makes_a_name_from_generateName()
    {
        var answer = await _api.PostAsync("""{"metadata":{"generateName":"web-"},"spec":{"secretName":"s","dnsNames":["a.test"],"issuerRef":{"name":"ca"}}}""");

        Assert.Equal(201, answer.Code);
        Assert.Matches("^web-[0-9a-f]{5}$", (string)answer["metadata"]!["name"]!);
    }

    public static TheoryData<string, string, int> Deletions => new()
    {
        // because                      body                                                        code
        { "nothing is said",            "",                                                         200 },
        { "what kubectl says",          """{"propagationPolicy":"Background"}""",                   200 },
        { "another uid",                """{"preconditions":{"uid":"nope"}}""",                     409 },
        { "another version",            """{"preconditions":{"resourceVersion":"99"}}""",           409 },
        { "its own uid",                """{"preconditions":{"uid":"UID"}}""",                      200 },
        { "preconditions of no shape",  """{"preconditions":[]}""",                                 400 },
        { "a uid of no shape",          """{"preconditions":{"uid":7}}""",                          400 },
        { "no JSON",                    "{",                                                        400 },
    };

    [Theory, MemberData(nameof(Deletions))]
    public async Task Deletes_when(string because, string body, int code)
    {
        var uid = (string)(await _api.PostAsync(InProcessApi.Certificate()))["metadata"]!["uid"]!;

        var answer = await _api.SendAsync("DELETE", Web, body.Replace("UID", uid, StringComparison.Ordinal));

        Assert.True(answer.Code == code, $"{because}: {answer.Text}");
        Assert.Equal(code == 200, (await _api.GetAsync(Web))["metadata"]!["deletionTimestamp"] is not null);
    }

    public static TheoryData<string, string?> ForeignTypes => new()
    {
        // because                                             content type
        { "a page may post text without being asked",          "text/plain" },
        { "a page may post a form without being asked",        "application/x-www-form-urlencoded" },
        { "the same with a file",                              "multipart/form-data; boundary=x" },
        { "a page may post bytes without saying what they are", null },
        { "protobuf is kubectl's own",                         "application/vnd.kubernetes.protobuf" },
    };

    [Theory, MemberData(nameof(ForeignTypes))]
    public async Task Takes_only_JSON_and_YAML_for(string because, string? type)
    {
        foreach (var (method, path) in new[] { ("POST", InProcessApi.Certificates), ("PUT", Web), ("PATCH", Web), ("DELETE", Web), ("POST", "/api/v1/namespaces") })
        {
            var answer = await _api.SendAsync(method, path, InProcessApi.Certificate(), type);
            Assert.True(answer.Code == 415, $"{because}: {method} {answer.Code} {answer.Text}");
        }
    }

    [Fact]
    public async Task Namespaces_are_virtual_and_listed_when_something_is_in_them()
    {
        await _api.PostAsync(InProcessApi.Certificate());
        await _api.PostAsync(InProcessApi.Certificate("other"), "/apis/cert-manager.io/v1/namespaces/b-side/certificates");

        var names = (await _api.GetAsync("/api/v1/namespaces"))["items"]!.AsArray().Select(each => (string)each!["metadata"]!["name"]!);

        Assert.Equal(["b-side", "default", "ns"], names);
        Assert.Equal(201, (await _api.PostAsync("""{"metadata":{"name":"any"}}""", "/api/v1/namespaces")).Code);
        Assert.Equal(200, (await _api.GetAsync("/api/v1/namespaces/any")).Code);
        Assert.Equal(404, (await _api.GetAsync("/api/v1/namespaces/NOT")).Code);
        Assert.IsType<JsonArray>((await _api.GetAsync("/api/v1"))["resources"]);
    }
}
