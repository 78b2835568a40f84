using System.Text.Json;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>kill -9 before and after each effect: nothing is lost, nothing happens twice, no key shows. One subclass a store.</summary>
[Collection(nameof(KillTests))]   // one store after the other: more restarts at once take no less time
public abstract class KillTests
{
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
        KillQueue.AssertPassed(hits, KillPoints.Expected);

        var queue = new KillQueue(hits, IsTried, KillsAStory);
        await queue.RunAsync(worker => KillAtEachAsync($"kill-{worker}", queue));
        await queue.ReportAsync(Report, KillPoints.Expected, Cancel);
    }

    /// <summary>How often one undisturbed story passes each point.</summary>
    private async Task<Dictionary<string, int>> CountAsync()
    {
        using var app = App("kill-count");
        await app.StartAsync(Cancel);
        await Story.SetUpAsync(app, Cancel);
        var before = await HitsAsync(app);
        await new Story(app, "count", isRsa: false, Cancel).RunAsync();
        var after = await HitsAsync(app);
        return KillQueue.Sides(after.Where(pair => pair.Value > before.GetValueOrDefault(pair.Key)).Select(pair => KeyValuePair.Create(pair.Key, pair.Value - before.GetValueOrDefault(pair.Key))));
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

    private LocalApp App(string name) => new("CertFunctions.KillHost", new Dictionary<string, string>(Quiet.Concat(Store(name))));

    private async Task KillAtEachAsync(string name, KillQueue queue)
    {
        using var app = App(name);
        await app.StartAsync(Cancel);
        await Story.SetUpAsync(app, Cancel);

        var keys = new List<byte[]>();
        for (var number = 0; queue.TryTake(out var round); number++)
        {
            var story = new Story(app, $"kill{number}", isRsa: number % 4 == 3, Cancel);
            var missed = await Killer.RunAsync(story, app, round.Points, Cancel);
            keys.AddRange(story.Private);
            queue.Finish(round, story, missed);
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
