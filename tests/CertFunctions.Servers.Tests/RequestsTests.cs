using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests;

/// <summary>People in the middle: approvals, refusals, renewals by hand, pauses, own CSRs, and what they are told. Over HTTP, with the built program.</summary>
public sealed class RequestsTests
{
    private const string Root = "namespaces/cert-manager/certificates/root-ca";
    private const string Leaf = "namespaces/default/certificates/web";
    private const string First = "namespaces/default/certificaterequests/web-1";
    private const string Own = "namespaces/default/certificaterequests/own";

    private static readonly Dictionary<string, string> Manual = new() { ["Approval__Mode"] = "Manual" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Waits_for_a_person_and_goes_on_at_the_approval()
    {
        using var app = await StartAsync(Manual);
        await WaitsForApprovalAsync(app, First);

        var (code, answer) = await PostAsync(app, First + "/approve", """{"reason": "PkiTeam", "message": "known host"}""");
        await app.ReadyAsync(Leaf, Cancel);

        Assert.Equal((200, "True"), (code, LocalApp.Condition(answer, "Approved")));
        var request = await app.GetAsync(First, Cancel);
        Assert.Equal("known host", (string?)LocalApp.ConditionOf(request, "Approved")!["message"]);
        Assert.Equal(["WaitingForApproval", "PkiTeam", "CertificateIssued"], await ReasonsAsync(app, request!));
    }

    [Fact]
    public async Task A_refusal_is_final_for_the_request_and_sets_the_Certificate_back()
    {
        using var app = await StartAsync(Manual);
        await WaitsForApprovalAsync(app, First);

        await PostAsync(app, First + "/deny", """{"reason": "PkiTeam", "message": "no such host"}""");
        await app.EventuallyAsync(async () => LocalApp.Condition(await app.GetAsync(Leaf, Cancel), "Issuing") == "False", "the Certificate has failed", Cancel);
        var (approve, _) = await PostAsync(app, First + "/approve", "");

        var request = await app.GetAsync(First, Cancel);
        var certificate = await app.GetAsync(Leaf, Cancel);
        Assert.Equal(422, approve);
        Assert.Equal("Denied", (string?)LocalApp.ConditionOf(request, "Ready")!["reason"]);
        Assert.NotNull(request!["status"]!["failureTime"]);
        Assert.Equal(("PkiTeam", 1), ((string?)LocalApp.ConditionOf(certificate, "Issuing")!["reason"], (int?)certificate!["status"]!["failedIssuanceAttempts"]));
        Assert.Contains("no such host", (string?)LocalApp.ConditionOf(certificate, "Issuing")!["message"], StringComparison.Ordinal);
        Assert.Contains("PkiTeam", await ReasonsAsync(app, certificate));
    }

    [Fact]
    public async Task Does_what_cmctl_approve_and_renew_put()
    {
        using var app = await StartAsync(Manual);
        await WaitsForApprovalAsync(app, First);
        await PutStatusAsync(app, First, "Approved", "KubectlCertManager", "manually approved by \"cmctl\"");
        await app.RevisionAsync(Leaf, 1, Cancel);

        await PutStatusAsync(app, Leaf, "Issuing", "ManuallyTriggered", "Certificate re-issuance manually triggered");
        await WaitsForApprovalAsync(app, "namespaces/default/certificaterequests/web-2");
        await PutStatusAsync(app, "namespaces/default/certificaterequests/web-2", "Approved", "KubectlCertManager", "manually approved by \"cmctl\"");

        await app.RevisionAsync(Leaf, 2, Cancel);
    }

    [Fact]
    public async Task Renews_at_once_when_asked()
    {
        using var app = await StartAsync();
        await app.RevisionAsync(Leaf, 1, Cancel);

        var (code, _) = await PostAsync(app, Leaf + "/renew", "");
        await app.RevisionAsync(Leaf, 2, Cancel);

        Assert.Equal(200, code);
        Assert.Null(LocalApp.ConditionOf(await app.GetAsync(Leaf, Cancel), "Issuing"));
    }

    [Fact]
    public async Task Issues_nothing_while_paused_and_goes_on_when_resumed()
    {
        using var app = await StartAsync();
        await app.RevisionAsync(Leaf, 1, Cancel);
        await PostAsync(app, Leaf + "/pause", "");
        await app.EventuallyAsync(async () => LocalApp.Condition(await app.GetAsync(Leaf, Cancel), "Paused") == "True", "it says that it is paused", Cancel);

        await PostAsync(app, Leaf + "/renew", "");
        await app.PutAsync(Leaf, LeafYaml.Replace("metadata: {name: web}", "metadata: {name: web, annotations: {certfunctions.dev/paused: \"true\"}}", StringComparison.Ordinal)
            .Replace("[web.test]", "[other.test]", StringComparison.Ordinal), Cancel);
        await app.EventuallyAsync(async () => LocalApp.Condition(await app.GetAsync(Leaf, Cancel), "Ready") == "False", "it was looked at", Cancel);
        Assert.Equal(1, (int?)(await app.GetAsync(Leaf, Cancel))!["status"]!["revision"]);
        Assert.Null(await app.GetAsync("namespaces/default/certificaterequests/web-2", Cancel));

        await PostAsync(app, Leaf + "/resume", "");
        await app.RevisionAsync(Leaf, 2, Cancel);
        Assert.Null(LocalApp.ConditionOf(await app.GetAsync(Leaf, Cancel), "Paused"));
    }

    [Theory]
    [InlineData("rsa:2048")]
    [InlineData("ec -pkeyopt ec_paramgen_curve:P-256")]
    public async Task Signs_a_users_own_request_and_keeps_it(string key)
    {
        using var app = await StartAsync();
        var folder = Directory.CreateTempSubdirectory("certfunctions-csr-").FullName;
        var csr = await OpenSslAsync($"req -new -newkey {key} -nodes -keyout {folder}/own.key -subj /CN=own.test -addext subjectAltName=DNS:own.test");

        using var created = await app.PostAsync("namespaces/default/certificaterequests", OwnYaml(csr), Cancel);
        await app.ReadyAsync(Own, Cancel);
        var request = await app.GetAsync(Own, Cancel);
        await File.WriteAllBytesAsync($"{folder}/own.crt", Convert.FromBase64String((string)request!["status"]!["certificate"]!), Cancel);
        await File.WriteAllBytesAsync($"{folder}/ca.crt", Convert.FromBase64String((string)request["status"]!["ca"]!), Cancel);
        await app.RevisionAsync(Leaf, 1, Cancel);
        await PostAsync(app, Leaf + "/renew", "");
        await app.RevisionAsync(Leaf, 2, Cancel);

        Assert.Equal(201, (int)created.StatusCode);
        Assert.Equal("certfunctions.dev:api", (string?)request["spec"]!["username"]);
        Assert.Equal("certfunctions.dev", (string?)LocalApp.ConditionOf(request, "Approved")!["reason"]);
        Assert.Contains("OK", await OpenSslAsync($"verify -x509_strict -CAfile {folder}/ca.crt {folder}/own.crt"), StringComparison.Ordinal);
        Assert.Equal(await OpenSslAsync($"pkey -in {folder}/own.key -pubout"), await OpenSslAsync($"x509 -in {folder}/own.crt -pubkey -noout"));
        Assert.NotNull(await app.GetAsync(Own, Cancel));   // pruning is for a Certificate's requests
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Tells_the_story_of_an_issuance_and_takes_the_events_along()
    {
        using var app = await StartAsync();
        await app.ReadyAsync(Leaf, Cancel);
        var certificate = (await app.GetAsync(Leaf, Cancel))!;
        await app.EventuallyAsync(async () => (await ReasonsAsync(app, certificate)).Count >= 4, "the events are there", Cancel);

        Assert.Equal(["Issuing", "Generated", "Requested", "Issuing"], await ReasonsAsync(app, certificate));
        var ofRequest = await ReasonsAsync(app, (await app.GetAsync(First, Cancel))!);   // in between it may have waited for the root
        Assert.Equal(("certfunctions.dev", "CertificateIssued"), (ofRequest[0], ofRequest[^1]));
        Assert.Contains("KeyPairVerified", await ReasonsAsync(app, (await app.GetAsync("clusterissuers/root", Cancel))!));

        await app.Http.DeleteAsync("apis/cert-manager.io/v1/" + Leaf, Cancel);
        await app.EventuallyAsync(async () => (await ReasonsAsync(app, certificate)).Count == 0, "the events are gone", Cancel);
    }

    [Fact]
    public async Task Shows_kubectl_what_happened()
    {
        using var app = await StartAsync();
        await app.ReadyAsync(Leaf, Cancel);
        await app.EventuallyAsync(async () => (await ReasonsAsync(app, (await app.GetAsync(Leaf, Cancel))!)).Count >= 4, "the events are there", Cancel);

        var described = await RunAsync("kubectl", $"--server={app.Http.BaseAddress} describe certificate web", app.Data);
        var issuer = await RunAsync("kubectl", $"--server={app.Http.BaseAddress} describe clusterissuer root", app.Data);
        var listed = await RunAsync("kubectl", $"--server={app.Http.BaseAddress} get events", app.Data);

        Assert.Matches(@"Normal\s+Issuing\s+\S+\s+certfunctions\s+The certificate has been successfully issued", described);
        Assert.Matches(@"Normal\s+KeyPairVerified", issuer);
        Assert.Matches(@"Normal\s+CertificateIssued\s+certificaterequest/web-1\s+Certificate fetched from issuer successfully", listed);
    }

    private const string LeafYaml =
        "{metadata: {name: web}, spec: {secretName: web-tls, dnsNames: [web.test], issuerRef: {kind: ClusterIssuer, name: root}, privateKey: {algorithm: ECDSA, size: 256}}}";

    /// <summary>With a root that a person approved, where people approve.</summary>
    private static async Task<LocalApp> StartAsync(Dictionary<string, string>? settings = null)
    {
        var app = new LocalApp(settings: settings);
        await app.StartAsync(Cancel);
        (string Path, string Yaml)[] all =
        [
            ("clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}"),
            (Root, "{metadata: {name: root-ca}, spec: {secretName: root-ca, isCA: true, commonName: Root, issuerRef: {kind: ClusterIssuer, name: selfsigned}, privateKey: {algorithm: ECDSA, size: 256}}}"),
            ("clusterissuers/root", "{metadata: {name: root}, spec: {ca: {secretName: root-ca}}}"),
            (Leaf, LeafYaml),
        ];
        foreach (var (path, yaml) in all)
        {
            using var answer = await app.PutAsync(path, yaml, Cancel);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        }

        if (settings is not null)
        {
            const string RootRequest = "namespaces/cert-manager/certificaterequests/root-ca-1";
            await WaitsForApprovalAsync(app, RootRequest);
            await PostAsync(app, RootRequest + "/approve", "");
        }

        await app.ReadyAsync("clusterissuers/root", Cancel);
        return app;
    }

    private static string OwnYaml(string csr) =>
        $"{{metadata: {{name: own}}, spec: {{request: {Convert.ToBase64String(Encoding.ASCII.GetBytes(csr))}, username: somebody, issuerRef: {{kind: ClusterIssuer, name: root}}}}}}";

    private static Task WaitsForApprovalAsync(LocalApp app, string path) => app.EventuallyAsync(
        async () => (LocalApp.ConditionOf(await app.GetAsync(path, Cancel), "Ready")?.ToJsonString() ?? "").Contains("until it is Approved", StringComparison.Ordinal),
        $"{path} waits for approval", Cancel);

    private static async Task<(int Code, JsonNode? Answer)> PostAsync(LocalApp app, string path, string json)
    {
        using var content = json.Length > 0 ? new StringContent(json, Encoding.UTF8, "application/json") : null;
        using var answer = await app.Http.PostAsync("apis/cert-manager.io/v1/" + path, content, Cancel);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel)));
    }

    /// <summary>As client-go's UpdateStatus: the whole object as it was read, with one condition more.</summary>
    private static async Task PutStatusAsync(LocalApp app, string path, string type, string reason, string message)
    {
        var answered = 0;
        await app.EventuallyAsync(async () =>
        {
            var body = (await app.GetAsync(path, Cancel))!;
            body["status"]!["conditions"]!.AsArray().Add(new JsonObject
            {
                ["type"] = type, ["status"] = "True", ["lastTransitionTime"] = "2026-01-01T00:00:00Z", ["reason"] = reason, ["message"] = message,
            });
            using var content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
            using var answer = await app.Http.PutAsync($"apis/cert-manager.io/v1/{path}/status", content, Cancel);
            answered = (int)answer.StatusCode;
            return answered != 409;   // the system wrote in between: read again, as a person would
        }, "the status is put", Cancel);
        Assert.Equal(200, answered);
    }

    private static async Task<List<string?>> ReasonsAsync(LocalApp app, JsonNode resource)
    {
        var meta = resource["metadata"]!;
        var ns = (string?)meta["namespace"] ?? "default";
        var selector = Uri.EscapeDataString($"involvedObject.kind={resource["kind"]},involvedObject.uid={meta["uid"]},involvedObject.name={meta["name"]}");
        var list = JsonNode.Parse(await app.Http.GetStringAsync($"api/v1/namespaces/{ns}/events?fieldSelector={selector}&limit=500", Cancel))!;
        return [.. list["items"]!.AsArray().Select(each => (string?)each!["reason"])];
    }

    private static Task<string> OpenSslAsync(string arguments) => RunAsync("openssl", arguments, home: null);

    /// <param name="home">Where kubectl keeps what it has discovered: not beside other servers.</param>
    private static async Task<string> RunAsync(string program, string arguments, string? home)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        if (home is not null) { (start.Environment["HOME"], start.Environment["KUBECONFIG"]) = (home, "/dev/null"); }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, output + await errors);
        return output;
    }
}
