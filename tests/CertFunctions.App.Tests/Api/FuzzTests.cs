using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.App.Tests.Api;

/// <summary>Ten thousand requests that nobody should send: none may fail with 500, hang, or leave memory behind.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Cases = 10_000;
    private const long MostGrowth = 50L * 1024 * 1024;

    private static readonly string[] Methods = ["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "get", "FOO"];

    private static readonly string[] Types =
    [
        "application/json", "application/yaml", "application/merge-patch+json", "application/json-patch+json", "application/apply-patch+yaml", "application/strategic-merge-patch+json",
        "application/json; charset=utf-16", "text/plain", "text/yaml", "APPLICATION/JSON", ";", "application/vnd.kubernetes.protobuf",
    ];

    private static readonly string[] Paths =
    [
        "/apis", "/apis/", "/apis//", "/apis/cert-manager.io", "/apis/cert-manager.io/v1", "/apis/cert-manager.io/v2", "/apis/cert-manager.io/v1/certificates",
        InProcessApi.Certificates, InProcessApi.Certificates + "/web", InProcessApi.Certificates + "/web/", InProcessApi.Certificates + "/web/status",
        InProcessApi.Certificates + "/web/nope/deeper", InProcessApi.Certificates + "/../../x", InProcessApi.Certificates + "/..%2f..%2fx", InProcessApi.Certificates + "/WEB",
        InProcessApi.Certificates + "/a\u0000b", InProcessApi.Certificates + "/é", InProcessApi.Certificates + "/" + new string('a', 5000), "/apis/cert-manager.io/v1/namespaces/_/certificates",
        "/apis/cert-manager.io/v1/namespaces/N S/certificates/web", "/apis/cert-manager.io/v1/clusterissuers/ca", "/apis/cert-manager.io/v1/namespaces/ns/clusterissuers/ca",
        "/apis/cert-manager.io/v1/namespaces/ns/issuers", "/apis/cert-manager.io/v1/namespaces/ns/certificaterequests/r", "/apis/cert-manager.io/v1/namespaces", "/api", "/api/v1", "/api/v1/namespaces",
        "/api/v1/namespaces/x", "/api/v1/namespaces/x/events", "/api/v2", "/openapi/v3", "/openapi/v3/apis/cert-manager.io/v1", "/openapi/v3/../..", "/resources/certificates",
    ];

    // Where a request gets furthest; the rest is for the ways in.
    private static readonly (string Method, string Path)[] Doors =
    [
        ("POST", InProcessApi.Certificates), ("POST", "/apis/cert-manager.io/v1/clusterissuers"), ("POST", "/apis/cert-manager.io/v1/namespaces/ns/certificaterequests"),
        ("PUT", InProcessApi.Certificates + "/web"), ("PUT", "/apis/cert-manager.io/v1/clusterissuers/ca"), ("PATCH", InProcessApi.Certificates + "/web"), ("PATCH", InProcessApi.Certificates + "/web"),
        ("PATCH", "/apis/cert-manager.io/v1/clusterissuers/ca"), ("GET", InProcessApi.Certificates), ("GET", "/apis/cert-manager.io/v1/certificates"), ("GET", InProcessApi.Certificates + "/web"),
        ("POST", "/api/v1/namespaces"), ("POST", InProcessApi.Certificates + "/web/renew"), ("PUT", "/apis/cert-manager.io/v1/namespaces/ns/certificaterequests/r/status"), ("GET", "/api/v1/namespaces/ns/events"),
    ];

    private static readonly string[] Queries =
    [
        "", "", "", "?limit=1", "?limit=99999999999999999999", "?limit=-1", "?continue=%00", "?continue=cmVzb3VyY2VzLy8vLy8=", "?continue=////", "?labelSelector=a%20in%20(((", "?labelSelector=%0d%0a",
        "?labelSelector=" + "a,", "?fieldSelector=metadata.name=%2e%2e%2fx", "?fieldSelector==", "?fieldSelector=metadata.namespace!=", "?dryRun=All", "?dryRun=None", "?fieldValidation=Warn", "?fieldValidation=Ignore",
        "?fieldValidation=7", "?resourceVersion=-1", "?watch=maybe", "?watch=true&timeoutSeconds=1e9", "?watch=true&resourceVersion=9", "?wait=1ms", "?wait=-1h", "?wait=999999999h&limit=x&dryRun=All&wait=1ms", "?includeObject=Object", "?&&&=", "?a=b=c",
    ];

    private static readonly string[] Seeds =
    [
        InProcessApi.Certificate(), InProcessApi.Certificate(spec: ""","duration":"2160h","usages":["server auth"],"ipAddresses":["127.0.0.1"],"privateKey":{"algorithm":"ECDSA","size":256}"""),
        """{"apiVersion":"cert-manager.io/v1","kind":"ClusterIssuer","metadata":{"name":"ca"},"spec":{"ca":{"secretName":"ca"}}}""", """{"spec":{"duration":null}}""",
        """[{"op":"add","path":"/spec/dnsNames/-","value":"x.test"},{"op":"copy","from":"/spec","path":"/metadata/annotations"}]""", """{"metadata":{"generateName":"g-"},"spec":{}}""",
        "metadata: {name: web}\nspec:\n  secretName: web-tls\n  dnsNames: [web.test]\n  issuerRef: {name: ca}\n", """{"preconditions":{"uid":"x"}}""",
        """{"metadata":{"name":"r"},"spec":{"request":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0=","issuerRef":{"name":"ca"}}}""",
    ];

    private static readonly string[] Bits =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "-", "1e999", "99999999999999999999999999", "-0", "0.1", "\u0000", "\\ud800", "\\u0000", "\ud83d", "&a", "*a", "<<: *a", "!!binary x", "---\n", "...\n", "? ", "\t", "|\n", ">\n",
        "%YAML 9.9\n", "\"spec\":1,", "\"name\":\"web\",", "\"metadata\":{},", "\"apiVersion\":7,", "\"kind\":[],", "\"status\":{\"x\":1},", "\"resourceVersion\":5,", "\"dnsNames\":[null],", "\"duration\":\"-1h\",", "\"\":\"\",", "\"finalizers\":7,", "é", "𝒳",
    ];

    private static readonly string[] Words =
    [
        "", " ", "a/b", "../../x", "..", "A", "é", "a\r\nb", "\u0000", "*.*.test", "*", "xn--", "a..b", "-a", "default", "_", "%2F", "a%", "|", "~", "true", "1", "-1h", "876001h", "9223372036854775807h", "1h1h", "server auth", "any", "ClusterIssuer",
        "::1%eth0", "0127.0.0.1", "256.1.1.1", "mailto:", "http://[", "CN=a,CN", "CN=#04024869", "//", "spiffe://", "@", "a@b@c", "1.2.840", "1..2", "-----BEGIN CERTIFICATE REQUEST-----", "certfunctions.dev/adopt", "cert-manager.io/x", new('a', 300), new('ß', 300),
    ];

    private static readonly JsonNode?[] Values =
    [
        .. Words.Select(word => (JsonNode?)JsonValue.Create(word)), null, 0, -1, int.MaxValue, long.MinValue, 1e300, true, new JsonArray(), new JsonObject(), new JsonArray("a", "a"), new JsonArray(1, null, "x"),
        new JsonObject { ["a/b/c"] = "d" }, new JsonObject { ["certfunctions.dev/vault-object"] = "../x" }, new JsonObject { ["selfSigned"] = null }, new JsonArray(new JsonArray()),
    ];

    [Fact]
    public async Task Answers_ten_thousand_strange_requests_without_failing_hanging_or_growing()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"seed {seed}: FUZZ_SEED={seed} runs the same requests again");
        using var api = new InProcessApi(settings: [("Api:LongestWatch", "00:00:01"), ("Api:WatchPace", "00:00:00.050")]);
        await api.PostAsync(InProcessApi.Certificate());
        var random = new Random(seed);
        var codes = new SortedDictionary<int, int>();
        var slowest = TimeSpan.Zero;
        long before = 0;

        for (var number = 0; number < Cases; number++)
        {
            var (method, url, body, type) = Request(random);
            var clock = Stopwatch.StartNew();
            try
            {
                var answer = await api.SendAsync(method, url, body, type, random.Next(4) == 0 ? InProcessApi.AsTable : null)
                    .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
                codes[answer.Code] = codes.GetValueOrDefault(answer.Code) + 1;
                Assert.True(answer.Code < 500, $"{answer.Code} {answer.Text}");
            }
            catch (Exception failure)
            {
                Assert.Fail($"Case {number} of seed {seed}: {method} {url} {type}\n{body}\n{failure}");
            }

            if (clock.Elapsed > slowest) { slowest = clock.Elapsed; }
            if (number == Cases / 10) { before = GC.GetTotalMemory(forceFullCollection: true); }
        }

        var growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{Cases} cases, slowest {slowest.TotalMilliseconds:f0} ms, growth {growth / 1024} KiB; answers: {string.Join(", ", codes.Select(each => $"{each.Key} × {each.Value}"))}");
        Assert.True(growth < MostGrowth, $"{growth} bytes more than after the first thousand cases");
    }

    public static TheoryData<string, string, string> Bombs => new()
    {
        // because                            type                        body
        { "YAML aliases that multiply",       "application/yaml",         "a: &a [x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(0, 20).Select(each => $"{(char)('b' + each)}: &{(char)('b' + each)} [*{(char)('a' + each)},*{(char)('a' + each)},*{(char)('a' + each)}]\n")) },
        { "YAML that contains itself",        "application/yaml",         "a: &a [*a]" },
        { "YAML flow nested without end",     "application/yaml",         new string('[', 250_000) },
        { "YAML blocks nested without end",   "application/yaml",         string.Concat(Enumerable.Repeat("- ", 100_000)) },
        { "JSON nested without end",          "application/json",         string.Concat(Enumerable.Repeat("{\"a\":", 50_000)) },
        { "a number of many digits",          "application/json",         $$$$"""{"metadata":{"name":"web"},"spec":{"privateKey":{"size":{{{{new string('9', 200_000)}}}}}}}""" },
        { "many unknown members",             "application/json",         "{" + string.Join(',', Enumerable.Range(0, 20_000).Select(each => $"\"x{each}\":1")) + "}" },
        { "many equal members",               "application/json",         "{" + string.Join(',', Enumerable.Repeat("\"x\":1", 40_000)) + "}" },
        { "many names",                       "application/json",         InProcessApi.Certificate(spec: $",\"ipAddresses\":[{string.Join(',', Enumerable.Repeat("\"127.0.0.1\"", 15_000))}]") },
        { "one long name",                    "application/json",         InProcessApi.Certificate(spec: $",\"commonName\":\"{new string('a', 200_000)}\"") },
        { "a PEM that never ends",            "application/json",         $$$"""{"metadata":{"name":"r"},"spec":{"issuerRef":{"name":"ca"},"request":"{{{Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("-----BEGIN ", 15_000))))}}}"}}""" },
    };

    [Theory, MemberData(nameof(Bombs))]
    public async Task Refuses_at_once(string because, string type, string body)
    {
        using var api = new InProcessApi();
        var clock = Stopwatch.StartNew();

        var plural = body.Contains("\"request\"", StringComparison.Ordinal) ? "certificaterequests" : "certificates";
        var answer = await api.SendAsync("POST", "/apis/cert-manager.io/v1/namespaces/ns/" + plural, body, type);

        Assert.True(answer.Code is 400 or 422, $"{because}: {answer.Code}");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{because}: {clock.Elapsed}");
    }

    private static (string Method, string Url, string? Body, string? Type) Request(Random random)
    {
        string Pick(string[] from) => from[random.Next(from.Length)];
        var (method, path) = random.Next(10) < 7 ? Doors[random.Next(Doors.Length)] : (random.Next(5) == 0 ? Pick(Methods) : Methods[random.Next(5)], Pick(Paths));
        var query = Pick(Queries);
        var body = method is "GET" or "HEAD" && random.Next(8) > 0 ? null : Body(random);
        var type = random.Next(20) == 0 ? null : method == "PATCH" ? Types[2 + random.Next(3)] : random.Next(6) == 0 ? Pick(Types) : body?.StartsWith('{') is true ? Types[0] : Types[random.Next(2)];

        // Few watches: each takes a second.
        if (query.Contains("watch=true", StringComparison.Ordinal) && random.Next(40) > 0) { query = ""; }
        return (method, path + query, body, type);
    }

    /// <summary>Still JSON, but with values where nobody expects them.</summary>
    private static string Twisted(Random random)
    {
        var root = JsonNode.Parse(Seeds.Where(seed => seed[0] is '{' or '[').ElementAt(random.Next(Seeds.Count(seed => seed[0] is '{' or '['))))!;
        for (var change = random.Next(1, 3); change > 0; change--)
        {
            var at = root;
            while (true)
            {
                var value = Values[random.Next(Values.Length)]?.DeepClone();
                if (at is JsonObject { Count: > 0 } map)
                {
                    var (name, inner) = map.ElementAt(random.Next(map.Count));
                    if (inner is JsonObject or JsonArray && random.Next(4) > 0) { at = inner; continue; }

                    if (random.Next(6) == 0) { map[random.Next(2) == 0 ? "labels" : Words[random.Next(Words.Length)]] = value; }
                    else { map[name] = value; }
                }
                else if (at is JsonArray { Count: > 0 } list) { list[random.Next(list.Count)] = value; }

                break;
            }
        }

        return root.ToJsonString();
    }

    private static string Body(Random random)
    {
        if (random.Next(2) == 0) { return Twisted(random); }

        var text = new StringBuilder(Seeds[random.Next(Seeds.Length)]);
        for (var change = random.Next(6); change > 0; change--)
        {
            var at = random.Next(text.Length + 1);
            switch (random.Next(4))
            {
                case 0:
                    text.Insert(at, Bits[random.Next(Bits.Length)]);
                    break;
                case 1:
                    text.Remove(at, Math.Min(random.Next(8), text.Length - at));
                    break;
                case 2 when text.Length > 1:
                    text[Math.Min(at, text.Length - 1)] = (char)random.Next(1, 0x300);
                    break;
                default:
                    var from = random.Next(text.Length + 1);
                    text.Insert(at, text.ToString(from, Math.Min(random.Next(40), text.Length - from)));
                    break;
            }
        }

        return text.ToString();
    }
}
