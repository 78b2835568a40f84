using System.Diagnostics;
using Azure.Core.Pipeline;
using CertFunctions.App.Adapters.Sqlite;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.LocalRuntime.Engine;
using CertFunctions.LocalVault;
using Azure.Security.KeyVault.Secrets;
using Microsoft.DurableTask.Converters;
using Microsoft.Extensions.Logging.Abstractions;

namespace CertFunctions.Benchmarks;

/// <summary>What one issuance asks of each part, counted; and what one such call costs, measured bare in the same run.</summary>
/// <param name="Calls">An issuance.</param>
/// <param name="Milliseconds">CPU of one call, client and server together.</param>
internal sealed record Part(string Name, double Calls, double Milliseconds)
{
    public double Whole => Calls * Milliseconds;
}

/// <summary>Port calls of one issuance, the average of many.</summary>
internal sealed record CallCounts(double VaultReads, double VaultWrites, double ObjectReads, double ObjectWrites, double Activities)
{
    public double Objects => ObjectReads + ObjectWrites;
}

/// <summary>Splits the CPU of an issuance by part: calls counted by the kill host, times the cost of a bare call.</summary>
internal static class Parts
{
    /// <summary>Counted by the kill host. The few lists of who waits for the end are among the object reads.</summary>
    public static async Task<CallCounts> CountAsync(int issuances)
    {
        using var app = await ChildApp.StartAsync("CertFunctions.KillHost");
        await Measurements.SetUpAsync(app);
        await Measurements.DeclareAsync(app, "warm", 20);
        var before = await app.CallsAsync();
        await Measurements.DeclareAsync(app, "count", issuances);
        var after = await app.CallsAsync();

        double Sum(string prefix, string suffix) => after
            .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal) && (suffix.Length > 0 ? pair.Key.EndsWith(suffix, StringComparison.Ordinal) : !pair.Key.Contains('/')))
            .Sum(pair => pair.Value - before.GetValueOrDefault(pair.Key)) / (double)issuances;
        return new(Sum("IVault", ""), Sum("IVault", "/before"), Sum("IObjectStore", ""), Sum("IObjectStore", "/before"), Sum("activity", "/before"));
    }

    /// <summary>Where the CPU of an issuance goes.</summary>
    /// <param name="whole">Milliseconds.</param>
    public static async Task PrintAsync(double whole, CallCounts calls)
    {
        var bare = Measurements.BareCryptography(2000);
        Part[] parts =
        [
            new("cryptography, bare", 1, bare.CpuMilliseconds),
            new("vault calls (HTTPS, both sides)", calls.VaultReads + calls.VaultWrites, await VaultCallAsync(500)),
            new("object store calls", calls.Objects, await ObjectCallAsync(1000)),
            new("activities (history, replay)", calls.Activities, await ActivityAsync(1000)),
        ];

        Report.Beside("  bare cryptography of the same work (1/s)", bare.PerSecond);
        Console.WriteLine($"    an issuance: {calls.VaultWrites:0.0} vault writes, {calls.VaultReads:0.0} vault reads, {calls.ObjectWrites:0.0} object writes, {calls.ObjectReads:0.0} object reads, {calls.Activities:0.0} activities");
        Report.Beside("  CPU an issuance (ms), of which, calls times a bare call:", whole);
        foreach (var part in parts) { Report.Beside($"    {part.Name}", part.Whole, $"= {part.Calls,5:0.0} x {part.Milliseconds:0.000}"); }
        Report.Beside("    everything else (HTTP in, JSON, facts, logs)", whole - parts.Sum(part => part.Whole));
    }

    /// <summary>One read of a secret over HTTPS with the Azure SDK, LocalVault's side included.</summary>
    public static Task<double> VaultCallAsync(int count) => InFolderAsync(async folder =>
    {
        await using var vault = await LocalVaultHost.StartAsync(new LocalVaultOptions { DataDirectory = folder }, CancellationToken.None);
        using var http = new HttpClient(vault.CreateHandler());
        var client = new SecretClient(vault.DefaultVault, vault.Credential, new SecretClientOptions { Transport = new HttpClientTransport(http), DisableChallengeResourceVerification = true });
        await client.SetSecretAsync("bench", new string('x', 2000));
        return await CpuAsync(count, async _ => await client.GetSecretAsync("bench"));
    });

    /// <summary>One conditional write and one read of an object, halved.</summary>
    public static Task<double> ObjectCallAsync(int count) => InFolderAsync(async folder =>
    {
        await using var store = new SqliteObjectStore(Path.Combine(folder, "store.db"));
        var content = new byte[2000];
        return await CpuAsync(count, async number =>
        {
            await store.PutIfAbsentAsync($"bench/{number}", content, ValueMap.Empty, CancellationToken.None);
            await store.FindAsync($"bench/{number}", CancellationToken.None);
        }) / 2;
    });

    /// <summary>CPU of one activity call of an orchestration: schedule, history, replay.</summary>
    public static async Task<double> ActivityAsync(int orchestrations)
    {
        var before = Environment.CpuUsage.TotalTime;
        await Measurements.OrchestrationsAsync(orchestrations);
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / (orchestrations * 3);
    }

    private static async Task<double> InFolderAsync(Func<string, Task<double>> measure)
    {
        var folder = Directory.CreateTempSubdirectory("certfunctions-bench-").FullName;
        try { return await measure(folder); }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private static async Task<double> CpuAsync(int count, Func<int, Task> call)
    {
        for (var warm = 0; warm < count; warm++) { await call(warm); }

        var before = Environment.CpuUsage.TotalTime;
        await Parallel.ForAsync(count, 2 * count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (number, _) => await call(number));
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / count;
    }
}
