using System.Text;
using System.Text.Json.Nodes;
using CertFunctions.AwkwardCa;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>Many at once, from two processes on one store: nobody floods the CA, and nobody takes away what another needs.</summary>
public sealed class FleetTests(Bind9 bind) : IClassFixture<Bind9>
{
    private const int Count = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_Certificates_of_one_account_from_two_processes_are_all_Ready()
    {
        await using var ca = await AwkwardCaServer.StartAsync();
        var settings = new Dictionary<string, string>
        {
            ["Acme__AllowPrivateAddresses"] = "true", ["Http01__InconclusiveAfter"] = "00:00:00", ["Acme__MaxConcurrentChallenges"] = "20",
            ["Dns01__InconclusiveAfter"] = "00:00:00", ["Dns01__SettleTime"] = "00:00:00", ["Dns01__CheckEvery"] = "00:00:00.5", ["Dns01__Nameservers__0"] = bind.Address, ["Dns01__AuthoritativePort"] = $"{bind.Port}",
            ["Schedule__Visibility"] = "00:02:00", ["Schedule__WaitFirst"] = "00:00:10", ["Schedule__CheckVaults"] = "0 */15 * * * *", ["Schedule__Sweep"] = "0 */15 * * * *", ["Logging__LogLevel__Default"] = "Warning",
        };
        using var first = new LocalApp(settings: settings);
        using var second = new LocalApp(settings: settings, beside: first);
        await Task.WhenAll(first.StartAsync(Cancel, "--shared"), second.StartAsync(Cancel, "--shared"));
        ca.Validate = validation => ValidateAsync(validation, first.Port);
        await IssuerAsync(first, ca);

        var most = 0;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var watching = WatchAsync(first, count => most = Math.Max(most, count), done.Token);
        await Parallel.ForEachAsync(Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancel }, async (number, _) =>
            await Given.ApplyAsync(number % 2 == 0 ? first : second, $"namespaces/default/certificates/n{number}", PebbleApp.Certificate($"n{number}", Names(number), "fleet")));

        await ReadyAsync(first);
        await done.CancelAsync();
        await watching;

        Assert.Single(ca.Book.Accounts);
        Assert.InRange(most, 1, 40);
        Assert.InRange(ca.Log.Count("newOrder"), Count, Count + 4);   // the same name twice: one order handed out twice, and one more for who waited
        Assert.Empty(await bind.TextsAsync("_acme-challenge.same.example.test", Cancel));
    }

    /// <summary>The last two are for one name, proved by DNS.</summary>
    private static string Names(int number) => number >= Count - 2 ? "dnsNames: [\"*.same.example.test\"]" : $"dnsNames: [n{number}.fleet.test]";

    private async Task IssuerAsync(LocalApp app, AwkwardCaServer ca)
    {
        using (var system = new VaultReader(app, app.SystemVault)) { await system.Secrets.SetSecretAsync("cert-manager--tsig", bind.Secret, Cancel); }

        var bundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(ca.ApiCaPem));
        await Given.ApplyAsync(app, "clusterissuers/fleet", $"{{metadata: {{name: fleet}}, spec: {{acme: {{server: \"{ca.Directory}\", caBundle: {bundle}, privateKeySecretRef: {{name: fleet-account}}, "
            + $"solvers: [{{http01: {{ingress: {{}}}}}}, {{selector: {{dnsZones: [example.test]}}, dns01: {{rfc2136: {{nameserver: \"{bind.Address}\", tsigKeyName: {Bind9.KeyName}, tsigAlgorithm: HMACSHA256, tsigSecretSecretRef: {{name: tsig, key: secret}}}}}}}}]}}}}}}");
        await app.ReadyAsync("clusterissuers/fleet", Cancel);
    }

    private static async Task ReadyAsync(LocalApp app)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var all = await ListAsync(app, "apis/cert-manager.io/v1/certificates");
            var late = all.Where(each => LocalApp.Condition(each, "Ready") != "True").ToList();
            if (late.Count == 0) { return; }

            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Patience, $"{late.Count} are not Ready, the first: {late.FirstOrDefault()?["status"]?.ToJsonString()}\n{app.Output}");
            await Task.Delay(500, Cancel);
        }
    }

    private static async Task WatchAsync(LocalApp app, Action<int> see, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try { see((await ListAsync(app, "apis/acme.cert-manager.io/v1/challenges")).Count(each => (bool?)each["status"]?["processing"] is true)); }
            catch (Exception busy) when (LocalApp.IsAway(busy, Cancel)) { }
            await Task.Delay(200, Cancel);
        }
    }

    private static async Task<IReadOnlyList<JsonNode>> ListAsync(LocalApp app, string path) =>
        [.. JsonNode.Parse(await app.Http.GetStringAsync(path, Cancel))!["items"]!.AsArray().Select(each => each!)];

    private async Task<AcmeFault?> ValidateAsync(Validation validation, int port) => validation.Type == "http-01"
        ? await Validators.HttpAt(port)(validation)
        : (await bind.TextsAsync(validation.TxtName, Cancel)).Contains(validation.TxtValue) ? null : Boulder.NoTxt(validation.Identifier.Value);
}
