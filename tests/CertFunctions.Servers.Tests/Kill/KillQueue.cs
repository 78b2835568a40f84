using System.Collections.Concurrent;
using System.Globalization;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>What one story is killed at.</summary>
internal sealed record KillRound(IReadOnlyList<string> Points, int Tries);

/// <summary>The kill points that are left to try, shared by several workers: points far apart in the list, so mostly in the story, too, make a round.</summary>
/// <param name="hits">How often an undisturbed story passes each counted point.</param>
internal sealed class KillQueue(IReadOnlyDictionary<string, int> hits, Func<string, bool> isTried, int killsAStory)
{
    private const int Workers = 3;   // a restart is mostly waiting
    private const int MostTries = 4;

    private readonly string[] _points = [.. hits.Keys.Where(isTried).Order(StringComparer.Ordinal)];
    private readonly ConcurrentQueue<KillRound> _left = new();
    private readonly ConcurrentBag<(string Point, TimeSpan Recovery)> _results = [];

    /// <summary>Fails when an undisturbed story passes none of an expected point.</summary>
    public static void AssertPassed(IReadOnlyDictionary<string, int> hits, IEnumerable<string> expected)
    {
        var missing = expected.Where(point => !hits.Keys.Any(counted => KillPoints.Of(counted) == point)).ToList();
        Assert.True(missing.Count == 0, $"The story passes no: {string.Join(", ", missing)}. Extend it: a point without a hit is a point untested.");
    }

    /// <summary>Points only, of what the kill host counted.</summary>
    public static Dictionary<string, int> Sides(IEnumerable<KeyValuePair<string, int>> hits) =>
        hits.Where(pair => pair.Key.EndsWith("/before", StringComparison.Ordinal) || pair.Key.EndsWith("/after", StringComparison.Ordinal)).ToDictionary();

    /// <summary>Runs the workers until nothing is left; the first failure ends all.</summary>
    public async Task RunAsync(Func<int, Task> worker)
    {
        var stories = (_points.Length + killsAStory - 1) / killsAStory;
        for (var story = 0; story < stories; story++) { _left.Enqueue(new([.. _points.Where((_, index) => index % stories == story)], 0)); }

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async number =>
        {
            try { await worker(number); }
            catch { _left.Clear(); throw; }   // the other workers need not go on
        }));
    }

    /// <summary>The next round; what several stories missed is tried in one.</summary>
    public bool TryTake(out KillRound round)
    {
        if (!_left.TryDequeue(out round!)) { return false; }

        while (round.Tries > 0 && _left.TryDequeue(out var more)) { round = new([.. round.Points, .. more.Points], Math.Max(round.Tries, more.Tries)); }

        return true;
    }

    /// <param name="missed">Not passed this time: another path led to the same end (a deletion caught half way, a resource that all stories share). It gets another story.</param>
    public void Finish(KillRound round, KillStory story, IReadOnlyList<string> missed)
    {
        foreach (var result in story.Recovered) { _results.Add(result); }
        if (missed.Count > 0 && round.Tries < MostTries) { _left.Enqueue(new(missed, round.Tries + 1)); }
    }

    /// <summary>Leaves the list of points for <c>tests/run.sh</c> to print (<c>*-points.txt</c>), and fails when nobody was killed at a side of an expected point.</summary>
    public async Task ReportAsync(string file, IEnumerable<string> expected, CancellationToken cancel)
    {
        var recovered = _results.ToLookup(result => result.Point, result => result.Recovery);
        await File.WriteAllLinesAsync(Path.Combine(AppContext.BaseDirectory, file), _points.Select(point => string.Create(
            CultureInfo.InvariantCulture, $"  {point,-70} {hits[point],3} hits a story, {(recovered.Contains(point) ? $"recovered in {recovered[point].Max().TotalSeconds,4:0.0} s" : "not passed again")}")), cancel);

        var untried = expected.SelectMany(point => (string[])[point + "/before", point + "/after"]).Where(isTried)
            .Where(side => !_results.Any(result => $"{KillPoints.Of(result.Point)}{result.Point[result.Point.LastIndexOf('/')..]}" == side)).ToList();
        Assert.True(untried.Count == 0, $"Nobody was killed at {string.Join(", ", untried)}.");
    }
}
