using System.Collections.Concurrent;
using CertFunctions.App.Adapters.Sqlite;
using CertFunctions.AwkwardCa;
using CertFunctions.Core.Ports;
using CertFunctions.Servers.Tests.Acme;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>kill -9 before and after each effect of ACME: Ready in the end, no order more than a lost answer costs, nothing left published.</summary>
[Collection(nameof(KillTests))]
public sealed class AcmeKillTests(Bind9 bind) : IClassFixture<Bind9>
{
    private const int KillsAStory = 3;

    /// <summary>Of the store's writes, those that are ACME's.</summary>
    private static readonly string[] Families = ["resources/orders", "resources/challenges", "http01", "txt", "acme", "claims"];

    /// <summary>Killed between the CA's answer and recording it: the one place where another order may be asked for.</summary>
    private const string Unrecorded = "IObjectStore.PutIfMatchAsync resources/orders/before";

    private readonly ConcurrentDictionary<string, int> _ports = new(StringComparer.Ordinal);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Goes_on_after_SIGKILL_before_and_after_every_effect_of_ACME()
    {
        await using var ca = await AwkwardCaServer.StartAsync();
        (ca.Awkward.ReusesValidAuthorizations, ca.Awkward.RefuseOrder) = (false, names => names.Any(each => each.Value.EndsWith(".refused.test", StringComparison.Ordinal)) ? Boulder.Rejected(names[0].Value) : null);
        ca.Validate = ValidateAsync;

        var hits = await CountAsync(ca);
        KillQueue.AssertPassed(hits, KillPoints.ExpectedOfAcme);

        var queue = new KillQueue(hits, IsTried, KillsAStory);
        await queue.RunAsync(worker => KillAtEachAsync(ca, $"w{worker}", queue));
        await queue.ReportAsync("kill-acme-points.txt", KillPoints.ExpectedOfAcme, Cancel);
    }

    private static bool IsTried(string point) =>
        KillPoints.ExpectedOfAcme.Contains(KillPoints.Of(point)) || (point.StartsWith("IObjectStore.", StringComparison.Ordinal) && Families.Any(family => point.Contains($" {family}/", StringComparison.Ordinal)));

    private async Task<Dictionary<string, int>> CountAsync(AwkwardCaServer ca)
    {
        using var app = await StartAsync("count");
        await RunAsync(app, ca, "count", []);
        return KillQueue.Sides(await KillTests.HitsAsync(app));
    }

    private async Task KillAtEachAsync(AwkwardCaServer ca, string worker, KillQueue queue)
    {
        using var app = await StartAsync(worker);
        for (var number = 0; queue.TryTake(out var round); number++)
        {
            var (story, missed) = await RunAsync(app, ca, $"{worker}-{number}", round.Points);
            queue.Finish(round, story, missed);
        }

        var key = await AccountKeyAsync(app, $"{worker}-0");
        await app.KillAsync(Cancel);
        await NothingIsLeftAsync(app);
        Assert.Empty(SecretSearch.Find(key, app.Data, app.Output + app.Answers));
    }

    private async Task<(AcmeStory Story, IReadOnlyList<string> Missed)> RunAsync(LocalApp app, AwkwardCaServer ca, string name, IReadOnlyList<string> points)
    {
        var story = new AcmeStory(app, ca, name, Solver(), Cancel);
        _ports[story.Host] = app.Port;
        var missed = await Killer.RunAsync(story, app, points, Cancel);

        var allowed = 2 + story.Recovered.Count(each => each.Point == Unrecorded);   // two revisions
        var asked = ca.Log.Of("newOrder").Count(call => call.Identifiers.Contains(story.Host));
        Assert.True(asked <= allowed, $"{name}: {asked} orders were asked for, {allowed} are allowed. Killed at {string.Join(", ", story.Recovered.Select(each => each.Point))}.\n{string.Join('\n', ca.Log.Calls.Where(call => call.Identifiers.Contains(story.Host)))}\n{app.Output}");
        Assert.Equal(2, ca.Book.Orders.Count(order => order.Certificate is not null && order.Identifiers.Any(identifier => identifier.Value == story.Host)));   // no second effective finalize
        Assert.Single(ca.Book.Orders.Where(order => order.Identifiers.Any(identifier => identifier.Value == story.Host)).Select(order => order.Account.Id).Distinct());
        Assert.Empty(await bind.TextsAsync($"_acme-challenge.{name}.example.test", Cancel));
        return (story, missed);
    }

    /// <summary>The private number of the account key that the first story made.</summary>
    private static async Task<byte[]> AccountKeyAsync(LocalApp app, string name)
    {
        using var system = new VaultReader(app, app.SystemVault);
        using var key = System.Security.Cryptography.ECDsa.Create();
        key.ImportFromPem((await system.Secrets.GetSecretAsync($"cert-manager--{name}-account", cancellationToken: Cancel)).Value.Value);
        return key.ExportParameters(includePrivateParameters: true).D!;
    }

    /// <summary>Tokens, values, challenges, orders and their claims are gone with the Certificates they were for.</summary>
    private static async Task NothingIsLeftAsync(LocalApp app)
    {
        await using var store = new SqliteObjectStore(Directory.GetFiles(app.Data, "store.db", SearchOption.AllDirectories).Single());
        foreach (var prefix in (string[])["http01/", "txt/", "resources/challenges/", "resources/orders/", "claims/order/"])
        {
            var page = await store.ListAsync(prefix, from: null, continuation: null, pageSize: 10, Cancel);
            Assert.True(page.Entries.Count == 0, $"left behind: {string.Join(", ", page.Entries.Select(entry => entry.Name))}");
        }
    }

    private async Task<LocalApp> StartAsync(string name)
    {
        var app = new LocalApp("CertFunctions.KillHost", new Dictionary<string, string>
        {
            ["Schedule__CheckVaults"] = "*/15 * * * * *", ["Schedule__Sweep"] = "*/10 * * * * *", ["Acme__AllowPrivateAddresses"] = "true", ["Http01__InconclusiveAfter"] = "00:00:00",
            ["Dns01__InconclusiveAfter"] = "00:00:00", ["Dns01__SettleTime"] = "00:00:00", ["Dns01__CheckEvery"] = "00:00:00.5", ["Dns01__Nameservers__0"] = bind.Address, ["Dns01__AuthoritativePort"] = $"{bind.Port}",
        });
        await app.StartAsync(Cancel);
        using var system = new VaultReader(app, app.SystemVault);
        await system.Secrets.SetSecretAsync("cert-manager--tsig", bind.Secret, Cancel);
        Assert.NotEmpty(name);
        return app;
    }

    private string Solver() =>
        $"dns01: {{rfc2136: {{nameserver: \"{bind.Address}\", tsigKeyName: {Bind9.KeyName}, tsigAlgorithm: HMACSHA256, tsigSecretSecretRef: {{name: tsig, key: secret}}}}}}";

    /// <summary>As a CA does: asks the app that serves the name, or the name server.</summary>
    private async Task<AcmeFault?> ValidateAsync(Validation validation) => validation.Type == "http-01"
        ? await Validators.HttpAt(_ports[validation.Identifier.Value])(validation)
        : (await bind.TextsAsync(validation.TxtName, Cancel)).Contains(validation.TxtValue) ? null : Boulder.NoTxt(validation.Identifier.Value);
}
