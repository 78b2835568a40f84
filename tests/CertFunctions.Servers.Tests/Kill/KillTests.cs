using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>kill -9 before and after each effect: nothing is lost, nothing happens twice, no key shows. One subclass a store.</summary>
[Collection(nameof(KillTests))]   // one store after the other: more restarts at once take no less time
public abstract class KillTests
{
    private const int Workers = 3;   // a restart is mostly waiting

    private const int MostTries = 4;

    /// <summary>What watches every vault and every object runs now and then, as in production: the story's own writes wake what they need.</summary>
    private static readonly Dictionary<string, string> Quiet = new() { ["Schedule__CheckVaults"] = "*/15 * * * * *", ["Schedule__Sweep"] = "*/30 * * * * *" };

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Where the points go that were tried: <c>tests/run.sh</c> prints <c>*-points.txt</c>.</summary>
    protected abstract string Report { get; }

    /// <summary>More of them need fewer stories, and each story then takes longer.</summary>
    protected abstract int KillsAStory { get; }

    /// <summary>Whether this store needs a kill at that point.</summary>
    protected virtual bool IsTried(string point) => true;

    /// <summary>Settings that name the store of one app.</summary>
    protected virtual IReadOnlyDictionary<string, string> Store(string name) => new Dictionary<string, string>();

    /// <summary>Brings to the app's data directory what its store holds elsewhere.</summary>
    protected virtual Task FetchAsync(string name, string folder) => Task.CompletedTask;

    /// <summary>Puts a text where the app's store keeps what it holds.</summary>
    protected virtual Task PlantAsync(string name, string folder, string text) => File.WriteAllTextAsync(Path.Combine(folder, "planted.log"), text, Cancel);

    [Fact]
    public async Task Goes_on_after_SIGKILL_before_and_after_every_effect()
    {
        var hits = await CountAsync();
        var missing = KillPoints.Expected.Where(point => !hits.Keys.Any(counted => KillPoints.Of(counted) == point)).ToList();
        Assert.True(missing.Count == 0, $"The story passes no: {string.Join(", ", missing)}. Extend it: a point without a hit is a point untested.");

        var left = new ConcurrentQueue<(IReadOnlyList<string> Points, int Tries)>(Groups([.. hits.Keys.Where(IsTried).Order(StringComparer.Ordinal)]).Select(group => (group, 0)));
        var results = new ConcurrentBag<(string Point, TimeSpan Recovery)>();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async worker =>
        {
            try { await KillAtEachAsync($"kill-{worker}", left, results); }
            catch { left.Clear(); throw; }   // the other workers need not go on
        }));

        await ReportAsync(hits, results.ToLookup(result => result.Point, result => result.Recovery));
        var untried = KillPoints.Expected.SelectMany(point => (string[])[point + "/before", point + "/after"]).Where(IsTried)
            .Where(side => !results.Any(result => $"{KillPoints.Of(result.Point)}{result.Point[result.Point.LastIndexOf('/')..]}" == side)).ToList();
        Assert.True(untried.Count == 0, $"Nobody was killed at {string.Join(", ", untried)}.");
    }

    private Task ReportAsync(Dictionary<string, int> hits, ILookup<string, TimeSpan> recoveries) => File.WriteAllLinesAsync(
        Path.Combine(AppContext.BaseDirectory, Report),
        hits.Keys.Where(IsTried).Order(StringComparer.Ordinal).Select(point => string.Create(
            CultureInfo.InvariantCulture,
            $"  {point,-70} {hits[point],3} hits a story, {(recoveries.Contains(point) ? $"recovered in {recoveries[point].Max().TotalSeconds,4:0.0} s" : "not passed again")}")),
        Cancel);

    /// <summary>How often one undisturbed story passes each point.</summary>
    private async Task<Dictionary<string, int>> CountAsync()
    {
        using var app = App("kill-count");
        await app.StartAsync(Cancel);
        await Story.SetUpAsync(app, Cancel);
        var before = await HitsAsync(app);
        await new Story(app, "count", isRsa: false, Cancel).RunAsync();
        var after = await HitsAsync(app);
        return after.Where(pair => pair.Key.EndsWith("/before", StringComparison.Ordinal) || pair.Key.EndsWith("/after", StringComparison.Ordinal)).Where(pair => pair.Value > before.GetValueOrDefault(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value - before.GetValueOrDefault(pair.Key));
    }

    internal static async Task<Dictionary<string, int>> HitsAsync(LocalApp app)
    {
        await app.TellAsync("hits");
        while (true)
        {
            var line = await app.Signals.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancel);
            if (line.StartsWith("hits ", StringComparison.Ordinal)) { return JsonSerializer.Deserialize<Dictionary<string, int>>(line[5..])!; }
        }
    }

    /// <summary>What one story is killed at, one after the other: points far apart in the list, so mostly in the story, too.</summary>
    private IEnumerable<IReadOnlyList<string>> Groups(IReadOnlyList<string> points)
    {
        var stories = (points.Count + KillsAStory - 1) / KillsAStory;
        return Enumerable.Range(0, stories).Select(story => (IReadOnlyList<string>)[.. points.Where((_, index) => index % stories == story)]);
    }

    private LocalApp App(string name) => new("CertFunctions.KillHost", new Dictionary<string, string>(Quiet.Concat(Store(name))));

    private async Task KillAtEachAsync(string name, ConcurrentQueue<(IReadOnlyList<string> Points, int Tries)> left, ConcurrentBag<(string Point, TimeSpan Recovery)> results)
    {
        using var app = App(name);
        await app.StartAsync(Cancel);
        await Story.SetUpAsync(app, Cancel);

        var keys = new List<byte[]>();
        for (var number = 0; left.TryDequeue(out var next); number++)
        {
            // What several stories missed is tried in one.
            while (next.Tries > 0 && left.TryDequeue(out var more)) { next = ([.. next.Points, .. more.Points], Math.Max(next.Tries, more.Tries)); }

            var story = new Story(app, $"kill{number}", isRsa: number % 4 == 3, Cancel);
            var missed = await Killer.RunAsync(story, app, next.Points, Cancel);
            keys.AddRange(story.Private);
            foreach (var result in story.Recovered) { results.Add(result); }

            // Not passed this time: another path led to the same end (a deletion caught half way, a resource that all stories share). It gets another story.
            if (missed.Count > 0 && next.Tries < MostTries) { left.Enqueue((missed, next.Tries + 1)); }
        }

        await app.KillAsync(Cancel);   // leaves the write-ahead logs behind
        await FetchAsync(name, app.Data);
        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.Empty(SecretSearch.Find(key, app.Data, app.Output + app.Answers)));

        // The same search must see one of these keys when it is there.
        await PlantAsync(name, app.Data, "staged " + Convert.ToBase64String(keys[0]));
        await FetchAsync(name, app.Data);
        Assert.Single(SecretSearch.Find(keys[0], app.Data, app.Output + app.Answers));
    }
}
