namespace CertFunctions.Servers.Tests.Kill;

/// <summary>kill -9 before and after each effect of bundles and of a CA rotation: it goes on, and old and new leaves verify by what is published.</summary>
[Collection(nameof(KillTests))]
public sealed class TrustKillTests
{
    private const int KillsAStory = 9;

    /// <summary>Of the store's writes, those that are about trust.</summary>
    private static readonly string[] Families = ["resources/bundles", "bundles", "roots", "resources/clusterissuers"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Goes_on_after_SIGKILL_before_and_after_every_effect_of_a_rotation()
    {
        var hits = await CountAsync();
        KillQueue.AssertPassed(hits, KillPoints.ExpectedOfTrust);

        var queue = new KillQueue(hits, IsTried, KillsAStory);
        await queue.RunAsync(worker => KillAtEachAsync(worker, queue));
        await queue.ReportAsync("kill-trust-points.txt", KillPoints.ExpectedOfTrust, Cancel);
    }

    private static bool IsTried(string point) =>
        KillPoints.ExpectedOfTrust.Contains(KillPoints.Of(point)) || (point.StartsWith("IObjectStore.", StringComparison.Ordinal) && Families.Any(family => point.Contains($" {family}/", StringComparison.Ordinal)));

    private static async Task<Dictionary<string, int>> CountAsync()
    {
        using var app = await StartAsync();
        await new TrustStory(app, "count", Cancel).RunAsync();
        return KillQueue.Sides(await KillTests.HitsAsync(app));
    }

    private static async Task KillAtEachAsync(int worker, KillQueue queue)
    {
        using var app = await StartAsync();
        for (var number = 0; queue.TryTake(out var round); number++)
        {
            var story = new TrustStory(app, $"w{worker}-{number}", Cancel);
            queue.Finish(round, story, await Killer.RunAsync(story, app, round.Points, Cancel));
        }
    }

    private static async Task<LocalApp> StartAsync()
    {
        var app = new LocalApp("CertFunctions.KillHost", new Dictionary<string, string>
        {
            ["Schedule__CheckVaults"] = "*/15 * * * * *", ["Rotation__Propagation"] = "00:00:02", ["Rotation__ConsumerLag"] = "00:00:01", ["Rotation__Overlap"] = "00:00:01", ["Rotation__Spread"] = "00:00:00",
        });
        await app.StartAsync(Cancel);
        await app.PutAsync("clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}", Cancel);
        return app;
    }
}
