using System.Text;
using System.Text.Json.Nodes;
using CertFunctions.App.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CertFunctions.App.Tests.Acme;

/// <summary>What people say to the app: the API's own functions, as over HTTP.</summary>
internal sealed partial class AcmeHouse
{
    public const string Issuer = "le";

    /// <summary>An ACME issuer at the house's CA that answers by HTTP-01 and does not look first.</summary>
    /// <param name="change">Of <c>spec.acme</c>.</param>
    public async Task AddIssuerAsync(string name = Issuer, Action<JsonObject>? change = null, string kind = "Issuer")
    {
        var acme = new JsonObject
        {
            ["server"] = Ca.Directory.ToString(),
            ["email"] = "ops@example.test",
            ["caBundle"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(Ca.ApiCaPem)),
            ["privateKeySecretRef"] = new JsonObject { ["name"] = $"{name}-account" },
            ["solvers"] = new JsonArray(new JsonObject { ["http01"] = new JsonObject { ["ingress"] = new JsonObject() }, ["waitInsteadOfSelfCheck"] = "0s" }),
        };
        change?.Invoke(acme);
        await ApplyAsync(kind, name, new JsonObject { ["acme"] = acme });
        await SettleAsync(TimeSpan.Zero);
    }

    /// <summary>A Certificate of the house's issuer.</summary>
    /// <param name="change">Of <c>spec</c>.</param>
    public Task AddCertificateAsync(string name, string[] dnsNames, Action<JsonObject>? change = null, Action<JsonObject>? metadata = null)
    {
        var spec = new JsonObject
        {
            ["secretName"] = $"{name}-tls",
            ["dnsNames"] = new JsonArray([.. dnsNames.Select(each => (JsonNode?)each)]),
            ["issuerRef"] = new JsonObject { ["name"] = Issuer },
            ["privateKey"] = new JsonObject { ["algorithm"] = "ECDSA", ["size"] = 256 },
        };
        change?.Invoke(spec);
        return ApplyAsync("Certificate", name, spec, metadata);
    }

    /// <summary>Issuer and Certificate, and the Certificate Ready.</summary>
    public async Task<AcmeHouse> WithReadyAsync(string name, params string[] dnsNames)
    {
        await AddIssuerAsync();
        await AddCertificateAsync(name, dnsNames);
        await RunUntilReadyAsync(name, TimeSpan.FromHours(1));
        return this;
    }

    /// <summary>PUT; anything but 200 or 201 fails the test.</summary>
    public async Task ApplyAsync(string kind, string name, JsonObject spec, Action<JsonObject>? metadata = null)
    {
        var meta = new JsonObject { ["name"] = name };
        metadata?.Invoke(meta);
        var body = new JsonObject { ["apiVersion"] = "cert-manager.io/v1", ["kind"] = kind, ["metadata"] = meta, ["spec"] = spec };
        var (code, text) = await PutAsync(PathOf(kind, name), body.ToJsonString());
        Assert.True(code is 200 or 201, $"{code} {text}");
    }

    /// <summary>A verb of a Certificate, e.g. <c>renew</c>.</summary>
    public async Task PostAsync(string kind, string name, string verb, string body = "{}")
    {
        var (code, text) = await SendAsync("POST", $"{PathOf(kind, name)}/{verb}", body);
        Assert.True(code is >= 200 and < 300, $"{code} {text}");
    }

    public async Task DeleteAsync(string kind, string name)
    {
        var (code, text) = await SendAsync("DELETE", PathOf(kind, name), body: null);
        Assert.True(code is 200 or 202, $"{code} {text}");
    }

    public Task<(int Code, string Text)> PutAsync(string path, string body) => SendAsync("PUT", path, body);

    /// <param name="path">Behind <c>/apis/</c>.</param>
    public async Task<(int Code, string Text)> SendAsync(string method, string path, string? body)
    {
        Time.AdvanceTo(Now.AddMilliseconds(1));   // no two runs of one instance begin at the same tick: their ids come from the clock
        var process = Next;
        await using var scope = process.Services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = Cancel };
        (http.Request.Method, http.Request.Path) = (method, $"/apis/{path}");
        if (body is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            (http.Request.Body, http.Request.ContentLength, http.Request.ContentType) = (new MemoryStream(bytes), bytes.Length, "application/json");
        }

        using var answer = new MemoryStream();
        http.Response.Body = answer;
        var api = ActivatorUtilities.CreateInstance<ResourceApi>(scope.ServiceProvider);
        var result = await (method switch
        {
            "PUT" => api.PutAsync(http.Request, path, process.Engine.Client, Cancel),
            "POST" => api.PostAsync(http.Request, path, process.Engine.Client, Cancel),
            "DELETE" => api.DeleteAsync(http.Request, path, process.Engine.Client, Cancel),
            _ => api.GetAsync(http.Request, path, Cancel),
        });
        await result.ExecuteAsync(http);
        return (http.Response.StatusCode, Encoding.UTF8.GetString(answer.ToArray()));
    }

    /// <summary>What the app answers below <c>/.well-known/acme-challenge/</c>.</summary>
    public async Task<(int Status, string Body)> AskAsync(string method, string host, string token)
    {
        await using var scope = Next.Services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        (http.Request.Method, http.Request.Host, http.Request.Path) = (method, new HostString(host), $"/.well-known/acme-challenge/{token}");
        using var answer = new MemoryStream();
        http.Response.Body = answer;
        var function = ActivatorUtilities.CreateInstance<App.Acme.Http01.ChallengeFunctions>(scope.ServiceProvider);
        await (await function.GetAcmeChallengeAsync(http.Request, token, Cancel)).ExecuteAsync(http);
        return (http.Response.StatusCode, Encoding.UTF8.GetString(answer.ToArray()));
    }

    private static string PathOf(string kind, string name) =>
        kind == "ClusterIssuer" ? $"cert-manager.io/v1/clusterissuers/{name}" : $"cert-manager.io/v1/namespaces/{Namespace}/{kind.ToLowerInvariant()}s/{name}";
}
