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
internal sealed record Part(string Name, double Calls, double Milliseconds);

/// <summary>Splits the CPU of an issuance by part: calls counted by the kill host, times the cost of a bare call.</summary>
internal static class Parts
{
    /// <summary>Port calls of one issuance, the average of many: vault reads and writes, object reads and writes, activities.</summary>
    public static async Task<(double VaultReads, double VaultWrites, double ObjectReads, double ObjectWrites, double Activities)> CountAsync(int issuances)
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
        return (Sum("IVault", ""), Sum("IVault", "/before"), Sum("IObjectStore", ""), Sum("IObjectStore", "/before"), Sum("activity", "/before"));
    }

    /// <summary>One read of a secret over HTTPS with the Azure SDK, LocalVault's side included.</summary>
    public static async Task<double> VaultCallAsync(int count)
    {
        var folder = Directory.CreateTempSubdirectory("certfunctions-bench-").FullName;
        await using (var vault = await LocalVaultHost.StartAsync(new LocalVaultOptions { DataDirectory = folder }, CancellationToken.None))
        {
            using var http = new HttpClient(vault.CreateHandler());
            var client = new SecretClient(vault.DefaultVault, vault.Credential, new SecretClientOptions { Transport = new HttpClientTransport(http), DisableChallengeResourceVerification = true });
            await client.SetSecretAsync("bench", new string('x', 2000));
            return await CpuAsync(count, async _ => await client.GetSecretAsync("bench"));
        }
    }

    /// <summary>One conditional write and one read of an object, halved.</summary>
    public static async Task<double> ObjectCallAsync(int count)
    {
        await using var store = new SqliteObjectStore(Path.Combine(Directory.CreateTempSubdirectory("certfunctions-bench-").FullName, "store.db"));
        var content = new byte[2000];
        return await CpuAsync(count, async number =>
        {
            await store.PutIfAbsentAsync($"bench/{number}", content, ValueMap.Empty, CancellationToken.None);
            await store.FindAsync($"bench/{number}", CancellationToken.None);
        }) / 2;
    }

    /// <summary>CPU of one activity call of an orchestration: schedule, history, replay.</summary>
    public static async Task<double> ActivityAsync(int orchestrations)
    {
        var before = Environment.CpuUsage.TotalTime;
        await Measurements.OrchestrationsAsync(orchestrations);
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / (orchestrations * 3);
    }

    private static async Task<double> CpuAsync(int count, Func<int, Task> call)
    {
        for (var warm = 0; warm < count; warm++) { await call(warm); }

        var before = Environment.CpuUsage.TotalTime;
        await Parallel.ForAsync(count, 2 * count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (number, _) => await call(number));
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / count;
    }
}
