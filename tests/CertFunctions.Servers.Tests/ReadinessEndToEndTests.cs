using System.Net;
using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests;

/// <summary>A dead timer is seen from outside: <c>/healthz/ready</c> of the running app.</summary>
public sealed class ReadinessEndToEndTests
{
    // A second of schedule, three missed runs, a second more.
    private static readonly Dictionary<string, string> Soon = new() { ["Ready__Grace"] = "00:00:01", ["Ready__Keep"] = "00:00:00" };

    private static readonly string[] Stopped =
    [
        "--AzureWebJobs.StartDue.Disabled", "true", "--AzureWebJobs.SweepState.Disabled", "true", "--AzureWebJobs.CheckVaults.Disabled", "true", "--AzureWebJobs.PollRenewalInfo.Disabled", "true",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stopped_timers_make_the_app_unready_and_the_most_overdue_certificate_is_named()
    {
        using var app = new LocalApp(settings: Soon);
        await app.StartAsync(Cancel);
        await app.EventuallyAsync(async () => (await ReadyAsync(app)).Code is HttpStatusCode.OK, "timers have run, store and vaults answer", Cancel);
        Assert.Equal("ready", (string?)(await ReadyAsync(app)).Body["status"]);

        await app.KillAsync(Cancel);
        await app.StartAsync(Cancel, Stopped);
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(issuer: "missing"));
        await app.EventuallyAsync(async () => (await ReadyAsync(app)).Body["mostOverdue"] is not null, "something is overdue", Cancel);

        var (code, body) = await ReadyAsync(app);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains(body["failed"]!.AsArray(), each => (string?)each!["check"] == "timer/StartDue" && (string?)each["reason"] == "TimerLate");
        Assert.Equal(("Certificate", "default", "web"), ((string?)body["mostOverdue"]!["kind"], (string?)body["mostOverdue"]!["namespace"], (string?)body["mostOverdue"]!["name"]));
        Assert.True(TimeSpan.Parse((string)body["mostOverdue"]!["late"]!, System.Globalization.CultureInfo.InvariantCulture) >= TimeSpan.Zero);
    }

    [Fact]
    public async Task Readiness_is_open_and_an_unresolved_reference_is_no_key()
    {
        const string reference = "@Microsoft.KeyVault(SecretUri=https://keys.vault.azure.net/secrets/api-key)";
        using var app = new LocalApp(settings: new Dictionary<string, string> { ["Api__Key"] = reference });
        await app.StartAsync(Cancel);

        using var asked = await app.Http.GetAsync("healthz/ready", Cancel);
        Assert.Contains(asked.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable });

        using var request = new HttpRequestMessage(HttpMethod.Get, "apis/cert-manager.io/v1/certificates");
        request.Headers.Add("x-functions-key", reference);
        using var refused = await app.Http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private static async Task<(HttpStatusCode Code, JsonNode Body)> ReadyAsync(LocalApp app)
    {
        using var answer = await app.Http.GetAsync("healthz/ready", Cancel);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!);
    }
}
