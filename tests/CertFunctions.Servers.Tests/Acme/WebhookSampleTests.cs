using System.Text.Json.Nodes;
using CertFunctions.App.Acme.Dns01;
using CertFunctions.Core.Resources;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>The server of docs/dns-webhook.md does what that page says.</summary>
public sealed class WebhookSampleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serves_the_three_calls()
    {
        using var certificate = new ApiCertificate();
        var port = FreePort.Next();
        var script = certificate.InFolder("webhook.mjs");
        await File.WriteAllTextAsync(script, Sample(), Cancel);
        using var server = ServerProcess.Start("node", "nodejs", [script], new Dictionary<string, string>
        {
            ["TLS_CERT"] = certificate.CertificateFile, ["TLS_KEY"] = certificate.KeyFile, ["TOKEN"] = "token", ["PORT"] = $"{port}",
        });
        using var rig = new SolverRig(new Dictionary<string, string?> { ["Acme:AllowPrivateAddresses"] = "true", ["Dns01:Nameservers:0"] = $"127.0.0.1:{FreePort.Next()}" });
        await rig.SecretAsync("dns-webhook", "token");
        var provider = rig.Provider("webhook");
        var solver = Solver(port, certificate.CaPem, "my-dns");

        await server.UntilAsync(async () => await provider.ProbeAsync(solver, Cancel) == SolverOutcome.Done, Cancel);
        Assert.Equal("SolverMisconfigured", (await provider.ProbeAsync(Solver(port, certificate.CaPem, "other-dns"), Cancel)).Code);
        Assert.Equal(SolverOutcome.Done, await provider.AddAsync(new("_acme-challenge.a.test", "one", "a.test"), solver, Cancel));
        Assert.Equal(SolverOutcome.Done, await provider.AddAsync(new("_acme-challenge.a.test", "two", "a.test"), solver, Cancel));
        await server.UntilAsync(() => Task.FromResult(server.Output.Contains("_acme-challenge.a.test. TXT one two", StringComparison.Ordinal)), Cancel);
        Assert.Equal(SolverOutcome.Done, await provider.RemoveAsync(new("_acme-challenge.a.test", "one", "a.test"), solver, Cancel));
        await server.UntilAsync(() => Task.FromResult(server.Output.EndsWith("_acme-challenge.a.test. TXT two", StringComparison.Ordinal)), Cancel);

        await rig.SecretAsync("dns-webhook", "another");
        Assert.Equal(("SolverForbidden", "The webhook answers 401: The token is wrong."), await provider.ProbeAsync(solver, Cancel) is var refused ? (refused.Code, refused.Message) : default);
    }

    private static string Sample()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "CertFunctions.sln"))) { root = root.Parent!; }

        var page = File.ReadAllText(Path.Combine(root.FullName, "docs", "dns-webhook.md"));
        var start = page.IndexOf("```js\n", StringComparison.Ordinal) + "```js\n".Length;
        return page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static DnsSolver Solver(int port, string caPem, string name) => new(
        new Dns01Solver
        {
            Webhook = new WebhookDns
            {
                SolverName = name,
                Config = new AnyJson(new JsonObject
                {
                    ["url"] = $"https://localhost:{port}",
                    ["tokenSecretRef"] = new JsonObject { ["name"] = "dns-webhook", ["key"] = "token" },
                    ["caBundle"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(caPem)),
                }.ToJsonString()),
            },
        },
        "ns",
        AllowsAmbient: false);
}
