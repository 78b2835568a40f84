using System.Text.Json;
using System.Text.Json.Nodes;

namespace CertFunctions.App.Tests.Api;

/// <summary>The wire format, pinned: what clients see may only change on purpose.</summary>
public sealed class GoldenTests : IDisposable
{
    private const string Root = "/apis/cert-manager.io/v1";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly InProcessApi _api = new();

    public void Dispose() => _api.Dispose();

    public static TheoryData<string, string, string> Resources => new()
    {
        // file                      path                                         body
        { "certificate.json",        "/namespaces/ns/certificates",               """{"apiVersion":"cert-manager.io/v1","kind":"Certificate","metadata":{"name":"web","labels":{"env":"prod"},"annotations":{"note":"é"}},"spec":{"secretName":"web-tls","commonName":"web.test","dnsNames":["web.test"],"ipAddresses":["127.0.0.1"],"duration":"2160h","renewBefore":"360h","isCA":false,"usages":["digital signature","server auth"],"privateKey":{"algorithm":"ECDSA","size":256,"encoding":"PKCS8","rotationPolicy":"Always"},"issuerRef":{"name":"ca","kind":"ClusterIssuer","group":"cert-manager.io"}}}""" },
        { "issuer.json",             "/namespaces/ns/issuers",                    """{"metadata":{"name":"mine"},"spec":{"selfSigned":{}}}""" },
        { "clusterissuer.json",      "/clusterissuers",                           """{"metadata":{"name":"ca"},"spec":{"ca":{"secretName":"root-ca"}}}""" },
        { "certificaterequest.json", "/namespaces/ns/certificaterequests",        """{"metadata":{"name":"own"},"spec":{"issuerRef":{"name":"ca"},"usages":["client auth"],"request":"REQUEST"}}""" },
    };

    [Theory, MemberData(nameof(Resources))]
    public async Task A_resource(string file, string path, string body)
    {
        var made = await _api.PostAsync(body.Replace("REQUEST", FixedRequest.Base64, StringComparison.Ordinal), Root + path);

        Assert.True(made.Code == 201, made.Text);
        Golden.Match(file, Pretty(made.Json));
    }

    [Fact]
    public async Task A_table()
    {
        await _api.PostAsync(InProcessApi.Certificate(metadata: ""","labels":{"env":"prod"}"""));
        await _api.PostAsync(InProcessApi.Certificate("api"));

        Golden.Match("table.json", Pretty((await _api.GetAsync(InProcessApi.Certificates, InProcessApi.AsTable)).Json));
    }

    public static TheoryData<string, string, string, string?> Failures => new()
    {
        // file                         method    path                               body
        { "status-not-found.json",      "GET",    "/namespaces/ns/certificates/no",  null },
        { "status-invalid.json",        "POST",   "/namespaces/ns/certificates",     """{"metadata":{"name":"Web"},"spec":{"secretName":"s","duration":"1m","issuerRef":{"name":"ca","kind":"Nope"}}}""" },
        { "status-bad-request.json",    "POST",   "/namespaces/ns/certificates",     """{"metadata":{"name":"web"},"spec":{"secretname":"s","dnsNames":[1],"isCA":"yes"}}""" },
    };

    [Theory, MemberData(nameof(Failures))]
    public async Task A_status(string file, string method, string path, string? body) =>
        Golden.Match(file, Pretty((await _api.SendAsync(method, Root + path, body)).Json));

    [Fact]
    public async Task Discovery()
    {
        Golden.Match("discovery-groups.json", Pretty((await _api.GetAsync("/apis")).Json));
        Golden.Match("discovery-resources.json", Pretty((await _api.GetAsync(Root)).Json));
    }

    [Fact]
    public async Task Every_field_of_a_certificate_is_described_for_explain()
    {
        var document = (await _api.GetAsync("/openapi/v3/apis/cert-manager.io/v1")).Json;
        var spec = document["components"]!["schemas"]!["io.cert-manager.v1.Certificate"]!["properties"]!["spec"]!;

        Assert.StartsWith("Key Vault object that receives", (string)spec["properties"]!["secretName"]!["description"]!, StringComparison.Ordinal);
        Assert.Equal(["secretName", "issuerRef"], spec["required"]!.AsArray().Select(each => (string)each!));
        Assert.Empty(spec["properties"]!.AsObject().Where(each => string.IsNullOrEmpty((string?)each.Value!["description"])).Select(each => each.Key));
    }

    private static string Pretty(JsonNode json) => json.ToJsonString(Indented);
}
