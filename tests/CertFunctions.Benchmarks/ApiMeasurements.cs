using System.Diagnostics;

namespace CertFunctions.Benchmarks;

/// <summary>The resource API as its callers see it: over HTTP, several at a time.</summary>
internal static class ApiMeasurements
{
    private const int Callers = 8;
    private const int Warm = 300;

    /// <summary>New Certificates, each by a PUT of its own, then as many GETs. They are paused: each write starts a run, which finds nothing to do.</summary>
    public static async Task<(Speed Writes, Speed Reads)> WritesAndReadsAsync(int count)
    {
        using var app = await ChildApp.StartAsync();
        await TimeAsync(Warm, number => app.PutAsync(Path("warm", number), Paused(number)));
        await TimeAsync(Warm, number => app.GetAsync(Path("warm", number)));
        await app.RestAsync();

        var writes = await TimeAsync(count, number => app.PutAsync(Path("bench", number), Paused(number)));
        await app.RestAsync();   // until the runs that the writes started are done
        var reads = await TimeAsync(count, number => app.GetAsync(Path("bench", number)));
        return (writes, reads);
    }

    private static async Task<Speed> TimeAsync(int count, Func<int, Task> call)
    {
        var times = new double[count];
        var whole = Stopwatch.StartNew();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (number, _) =>
        {
            var one = Stopwatch.GetTimestamp();
            await call(number);
            times[number] = Stopwatch.GetElapsedTime(one).TotalMilliseconds;
        });
        return Speed.Of(times, whole.Elapsed);
    }

    private static string Path(string ns, int number) => $"namespaces/{ns}/certificates/c{number}";

    private static string Paused(int number) =>
        $"{{metadata: {{name: c{number}, annotations: {{certfunctions.dev/paused: 'true'}}}}, spec: {{secretName: c{number}, dnsNames: [c{number}.test], issuerRef: {{name: none}}}}}}";
}
