using System.Text;
using System.Text.Json.Nodes;
using CertFunctions.App.Acme.Dns01;
using CertFunctions.Core.Resources;
using CertFunctions.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>The webhook contract, over real https.</summary>
public sealed class WebhookTests(FakeWebhook webhook, Bind9 bind) : DnsProviderContract, IClassFixture<FakeWebhook>, IClassFixture<Bind9>, IDisposable
{
    private readonly SolverRig _rig = SolverRig.For(bind);

    [Fact]
    public async Task Sends_what_cert_manager_sends_and_no_secret()
    {
        var record = Record("body", "the-value");
        Assert.Equal(SolverOutcome.Done, await Provider.AddAsync(record, await SolverAsync(), Cancel));
        var present = webhook.LastBody!;
        await Provider.RemoveAsync(record, await SolverAsync(), Cancel);

        Assert.Equal($"Bearer {FakeWebhook.Token}", webhook.LastAuthorization);
        Assert.Equal(32, present["uid"]!.GetValue<string>().Length);
        Assert.Equal(present["uid"]!.GetValue<string>(), webhook.LastBody!["uid"]!.GetValue<string>());
        Assert.Equal("CleanUp", webhook.LastBody!["action"]!.GetValue<string>());
        present.Remove("uid");
        Assert.Equal(
            """
            {"action":"Present","type":"dns-01","dnsName":"body.example.test","key":"the-value","resourceNamespace":"ns","resolvedFQDN":"_acme-challenge.body.example.test.","resolvedZone":"example.test.","allowAmbientCredentials":false,"groupName":"acme.example","solverName":"some-dns","config":{"zoneId":7}}
            """,
            present.ToJsonString());
    }

    public static TheoryData<int, string, int?, string, string, int?> Answers => new()
    {
        // status body                                   Retry-After  outcome                words                                     Retry-After
        { 400, "{\"message\":\"no zone 7\"}",             null, "SolverMisconfigured", "The webhook answers 400: no zone 7",            null },
        { 404, "<html>",                                  null, "SolverMisconfigured", "The webhook answers 404.",                      null },
        { 401, "{\"message\":\"who?\"}",                  null, "SolverForbidden",     "401: who?",                                     null },
        { 403, "{\"message\":5}",                         null, "SolverForbidden",     "403.",                                          null },
        { 403, "{\"message\":\"a\",\"message\":\"b\"}",   null, "SolverForbidden",     "403.",                                          null },
        { 429, "{}",                                      120,  "SolverThrottled",     "429.",                                          120 },
        { 500, "{\"message\":\"t0ken-of-the-webhook\"}",  null, "SolverUnavailable",   "500: ***",                                      null },
        { 503, "",                                        9,    "SolverUnavailable",   "503.",                                          9 },
        { 302, "",                                        null, "SolverMisconfigured", "redirects are not followed",                    null },
    };

    [Theory, MemberData(nameof(Answers))]
    public async Task Returns_what_the_webhook_says(int status, string body, int? retryAfter, string code, string words, int? waits)
    {
        using var fault = new Faulty(webhook, context =>
        {
            if (retryAfter is not null) { context.Response.Headers.RetryAfter = $"{retryAfter}"; }
            if (status == 302) { context.Response.Headers.Location = "https://localhost/elsewhere"; }
            return Results.Content(body, "application/json", Encoding.UTF8, status);
        });

        var outcome = await Provider.AddAsync(Record("refused", "value"), await SolverAsync(), Cancel);

        Assert.Equal((code, waits), (outcome.Code, (int?)outcome.RetryAfter?.TotalSeconds));
        Assert.Contains(words, outcome.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeWebhook.Token, outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_little_of_a_long_answer_and_nothing_that_moves_a_cursor()
    {
        using var fault = new Faulty(webhook, _ => Results.Json(new { message = $"\u001b[2J{new string('x', 10_000)}" }, statusCode: 400));

        var outcome = await Provider.AddAsync(Record("long", "value"), await SolverAsync(), Cancel);

        Assert.True(outcome.Message!.Length < 350 && !outcome.Message.Any(char.IsControl), outcome.Message);
    }

    [Fact]
    public async Task Reads_no_more_than_it_must()
    {
        using var fault = new Faulty(webhook, _ => Results.Content($"{{\"message\":\"{new string('x', 10_000_000)}\"}}", "application/json", Encoding.UTF8, 400));

        Assert.Equal("The webhook answers 400.", (await Provider.AddAsync(Record("huge", "value"), await SolverAsync(), Cancel)).Message);
    }

    [Fact]
    public async Task Connects_to_no_private_address_unless_the_settings_say_so()
    {
        using var strict = SolverRig.For(bind, allowsPrivate: false);
        await strict.SecretAsync("hook-token", FakeWebhook.Token);

        var outcome = await strict.Provider("webhook").AddAsync(Record("private", "value"), Solver(Config()), Cancel);

        Assert.Equal("SolverUnavailable", outcome.Code);
        Assert.Contains("loopback", outcome.Message, StringComparison.Ordinal);
        Assert.Empty(webhook.Texts("_acme-challenge.private.example.test"));
    }

    [Fact]
    public async Task Trusts_the_CA_that_the_solver_names_and_no_other()
    {
        var config = Config();
        config.Remove("caBundle");
        await _rig.SecretAsync("hook-token", FakeWebhook.Token);

        var outcome = await Provider.AddAsync(Record("trust", "value"), Solver(config), Cancel);

        Assert.Equal("SolverUnavailable", outcome.Code);
        Assert.Contains("TLS", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_a_token_with_a_newline_at_its_end_and_no_other_oddity()
    {
        await _rig.SecretAsync("hook-token", FakeWebhook.Token + "\n");
        Assert.Equal(SolverOutcome.Done, await Provider.AddAsync(Record("newline", "value"), Solver(Config()), Cancel));

        await _rig.SecretAsync("hook-token", "a\r\nX-Header: b");
        Assert.Equal("SolverMisconfigured", (await Provider.AddAsync(Record("newline", "value"), Solver(Config()), Cancel)).Code);
    }

    [Fact]
    public async Task Probes_whether_the_webhook_has_the_solver()
    {
        var solver = await SolverAsync();

        Assert.Equal(SolverOutcome.Done, await Provider.ProbeAsync(solver, Cancel));
        var other = await Provider.ProbeAsync(solver with { Spec = new() { Webhook = solver.Spec.Webhook! with { SolverName = "another" } } }, Cancel);
        Assert.Equal(("SolverMisconfigured", "The webhook has no solver another."), (other.Code, other.Message));
    }

    [Fact]
    public async Task Takes_any_success_for_health()
    {
        using var fault = new Faulty(webhook, _ => Results.NoContent());

        Assert.Equal(SolverOutcome.Done, await Provider.ProbeAsync(await SolverAsync(), Cancel));
    }

    public void Dispose() => _rig.Dispose();

    protected override Task<IDnsProvider> ProviderAsync() => Task.FromResult(Provider);

    protected override async Task<DnsSolver> SolverAsync()
    {
        await _rig.SecretAsync("hook-token", FakeWebhook.Token);
        return Solver(Config());
    }

    protected override async Task<(IDnsProvider Provider, DnsSolver Solver)> UnreachableAsync()
    {
        await _rig.SecretAsync("hook-token", FakeWebhook.Token);
        var config = Config();
        config["url"] = $"https://localhost:{FreePort.Next()}";
        return (Provider, Solver(config));
    }

    protected override Task<string[]> ValuesAsync(string fqdn) => Task.FromResult(webhook.Texts(fqdn));

    private IDnsProvider Provider => _rig.Provider("webhook");

    private JsonObject Config() => new()
    {
        ["url"] = webhook.Url,
        ["tokenSecretRef"] = new JsonObject { ["name"] = "hook-token", ["key"] = "token" },
        ["caBundle"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(webhook.CaPem)),
        ["zoneId"] = 7,
    };

    private static DnsSolver Solver(JsonObject config) => new(
        new Dns01Solver { Webhook = new WebhookDns { GroupName = "acme.example", SolverName = "some-dns", Config = new AnyJson(config.ToJsonString()) } }, "ns", AllowsAmbient: false);

    /// <summary>The shared webhook answers otherwise, for one test.</summary>
    private sealed class Faulty : IDisposable
    {
        private readonly FakeWebhook _webhook;

        public Faulty(FakeWebhook webhook, Func<HttpContext, IResult?> fault)
        {
            _webhook = webhook;
            webhook.Fault = fault;
        }

        public void Dispose() => _webhook.Fault = _ => null;
    }
}
