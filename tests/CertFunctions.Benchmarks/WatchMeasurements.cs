using System.Diagnostics;
using System.Text.Json.Nodes;

namespace CertFunctions.Benchmarks;

/// <summary>Many who watch: how soon each sees a change, and that the store is asked once for all of them.</summary>
internal static class WatchMeasurements
{
    private const string Watched = "namespaces/bench/certificates";
    private const string Mark = "bench/write";

    /// <summary>The time from a write's answer until the last watcher has read it; then the listings a second of a quiet time, while all still watch.</summary>
    public static async Task<(Speed Seen, double ListingsPerSecond)> SeenByAllAsync(int watchers, int writes, TimeSpan quiet)
    {
        using var app = await ChildApp.StartAsync("CertFunctions.KillHost");
        using var over = new CancellationTokenSource();
        await WriteAsync(app, 0);

        var crowd = new Crowd(watchers, writes + 1);
        var watching = Enumerable.Range(0, watchers).Select(_ => crowd.WatchAsync(app, over.Token)).ToArray();
        await crowd.SawAsync(0);

        var (times, whole) = (new List<double>(), Stopwatch.StartNew());
        for (var write = 1; write <= writes; write++)
        {
            // The app looks at its own pace: writes that all fell right behind a look would all wait for a whole one.
            await Task.Delay(write * 370 % 1000);
            await WriteAsync(app, write);
            var clock = Stopwatch.StartNew();
            await crowd.SawAsync(write);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        var seen = Speed.Of(times, whole.Elapsed);
        await app.RestAsync();
        var listings = await ListingsPerSecondAsync(app, quiet);

        await over.CancelAsync();
        await Task.WhenAll(watching);
        return (seen, listings);
    }

    /// <summary>Paused, so that a write is one change and its run another, with nothing after them.</summary>
    private static Task WriteAsync(ChildApp app, int write) => app.PutAsync(
        $"{Watched}/c", $"{{metadata: {{name: c, annotations: {{certfunctions.dev/paused: 'true', {Mark}: '{write}'}}}}, spec: {{secretName: c, dnsNames: [c.test], issuerRef: {{name: none}}}}}}");

    private static async Task<double> ListingsPerSecondAsync(ChildApp app, TimeSpan quiet)
    {
        static int Listings(Dictionary<string, int> calls) => calls.GetValueOrDefault("IObjectStore.ListAsync");

        var (before, clock) = (Listings(await app.CallsAsync()), Stopwatch.StartNew());
        await Task.Delay(quiet);
        return (Listings(await app.CallsAsync()) - before) / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Counts, for each write, how many of the watchers have seen it or a later one.</summary>
    private sealed class Crowd(int size, int writes)
    {
        private readonly int[] _count = new int[writes];
        private readonly TaskCompletionSource[] _all = [.. Enumerable.Range(0, writes).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];

        public Task SawAsync(int write) => _all[write].Task.WaitAsync(TimeSpan.FromMinutes(1));

        public async Task WatchAsync(ChildApp app, CancellationToken cancellationToken)
        {
            var next = 0;
            try
            {
                await foreach (var line in app.WatchAsync(Watched, cancellationToken))
                {
                    var write = int.Parse((string)JsonNode.Parse(line)!["object"]!["metadata"]!["annotations"]![Mark]!, System.Globalization.CultureInfo.InvariantCulture);
                    for (; next <= write; next++)
                    {
                        if (Interlocked.Increment(ref _count[next]) == size) { _all[next].SetResult(); }
                    }
                }
            }
            catch (OperationCanceledException) { }   // the measurement is over
        }
    }
}
