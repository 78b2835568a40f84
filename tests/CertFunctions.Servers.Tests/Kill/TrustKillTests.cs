using System.Collections.Concurrent;
using System.Globalization;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>kill -9 before and after each effect of bundles and of a CA rotation: it goes on, and old and new leaves verify by what is published.</summary>
[Collection(nameof(KillTests))]
public sealed class TrustKillTests
{
    private const int Workers = 3;
    private const int KillsAStory = 9;
    private const int MostTries = 4;

    /// <summary>Of the store's writes, those that are about trust.</summary>
    private static readonly string[] Families = ["resources/bundles", "bundles", "roots", "resources/clusterissuers"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Goes_on_after_SIGKILL_before_and_after_every_effect_of_a_rotation()
    {
        var hits = await CountAsync();
        var missing = KillPoints.ExpectedOfTrust.Where(point => !hits.Keys.Any(counted => KillPoints.Of(counted) == point)).ToList();
        Assert.True(missing.Count == 0, $"The story of trust passes no: {string.Join(", ", missing)}. Extend it.");

        string[] points = [.. hits.Keys.Where(IsTried).Order(StringComparer.Ordinal)];
        var stories = (points.Length + KillsAStory - 1) / KillsAStory;
        var left = new ConcurrentQueue<(IReadOnlyList<string> Points, int Tries)>(Enumerable.Range(0, stories).Select(story => ((IReadOnlyList<string>)[.. points.Where((_, index) => index % stories == story)], 0)));
        var results = new ConcurrentBag<(string Point, TimeSpan Recovery)>();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async worker =>
        {
            try { await KillAtEachAsync(worker, left, results); }
            catch { left.Clear(); throw; }
        }));

        var recovered = results.ToLookup(result => result.Point, result => result.Recovery);
        await File.WriteAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "kill-trust-points.txt"), points.Select(point => string.Create(
            CultureInfo.InvariantCulture, $"  {point,-70} {hits[point],3} hits a story, {(recovered.Contains(point) ? $"recovered in {recovered[point].Max().TotalSeconds,4:0.0} s" : "not passed again")}")), Cancel);
        var untried = KillPoints.ExpectedOfTrust.SelectMany(point => (string[])[point + "/before", point + "/after"])
            .Where(side => !results.Any(result => $"{KillPoints.Of(result.Point)}{result.Point[result.Point.LastIndexOf('/')..]}" == side)).ToList();
        Assert.True(untried.Count == 0, $"Nobody was killed at {string.Join(", ", untried)}.");
    }

    private static bool IsTried(string point) =>
        KillPoints.ExpectedOfTrust.Contains(KillPoints.Of(point)) || (point.StartsWith("IObjectStore.", StringComparison.Ordinal) && Families.Any(family => point.Contains($" {family}/", StringComparison.Ordinal)));

    private static async Task<Dictionary<string, int>> CountAsync()
    {
        using var app = await StartAsync();
        await new TrustStory(app, "count", Cancel).RunAsync();
        return (await KillTests.HitsAsync(app)).Where(pair => pair.Key.EndsWith("/before", StringComparison.Ordinal) || pair.Key.EndsWith("/after", StringComparison.Ordinal)).ToDictionary();
    }

    private static async Task KillAtEachAsync(int worker, ConcurrentQueue<(IReadOnlyList<string> Points, int Tries)> left, ConcurrentBag<(string Point, TimeSpan Recovery)> results)
    {
        using var app = await StartAsync();
        for (var number = 0; left.TryDequeue(out var next); number++)
        {
            while (next.Tries > 0 && left.TryDequeue(out var more)) { next = ([.. next.Points, .. more.Points], Math.Max(next.Tries, more.Tries)); }

            var story = new TrustStory(app, $"w{worker}-{number}", Cancel);
            var missed = await Killer.RunAsync(story, app, next.Points, Cancel);
            foreach (var result in story.Recovered) { results.Add(result); }
            if (missed.Count > 0 && next.Tries < MostTries) { left.Enqueue((missed, next.Tries + 1)); }
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
