using System.Diagnostics;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.LocalRuntime.Engine;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using Microsoft.Extensions.Logging.Abstractions;

namespace CertFunctions.Benchmarks;

/// <summary>What is measured: each part by itself, on this machine, in this run.</summary>
internal static class Measurements
{
    private const string Root = "{metadata: {name: root}, spec: {secretName: root, isCA: true, commonName: Root, privateKey: {algorithm: ECDSA, size: 256}, issuerRef: {kind: ClusterIssuer, name: selfsigned}}}";

    /// <summary>From process start to the first self-signed Certificate being Ready.</summary>
    public static async Task<TimeSpan> FirstReadyAsync()
    {
        var clock = Stopwatch.StartNew();
        using var app = await ChildApp.StartAsync();
        await app.PutAsync("clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}");
        await app.PutAsync("namespaces/cert-manager/certificates/root", Root);
        await ChildApp.UntilAsync(async () => await app.ReadyAsync("certificates") == 1);
        return clock.Elapsed;
    }

    /// <summary>Issuances through the whole pipeline: HTTP, due index, orchestration, keys, signing, vault. The app's CPU, not its store's.</summary>
    /// <param name="warm">How many come before: until the hot paths are compiled.</param>
    /// <param name="azurite">Keeps the resources; null: SQLite.</param>
    public static async Task<(double PerSecond, double CpuMilliseconds)> IssuancesAsync(int count, int warm = 300, Azurite? azurite = null)
    {
        using var app = await ChildApp.StartAsync(settings: azurite is null ? null : new() { ["AzureWebJobsStorage"] = azurite.ConnectionString });
        await SetUpAsync(app);
        await DeclareAsync(app, "warm", warm);

        var (cpu, clock) = (app.Cpu, Stopwatch.StartNew());
        await DeclareAsync(app, "bench", count);
        return (count / clock.Elapsed.TotalSeconds, (app.Cpu - cpu).TotalMilliseconds / count);
    }

    /// <summary>The same cryptography, bare: P-256 key, CSR, CA signature, one-iteration PFX; on all cores.</summary>
    public static (double PerSecond, double CpuMilliseconds) BareCryptography(int count)
    {
        var spec = new CertificateSpec { SecretName = "x", IssuerRef = new IssuerRef { Name = "ca" }, DnsNames = ["x.test"], PrivateKey = new PrivateKeySpec { Algorithm = "ECDSA", Size = 256 } };
        using var ca = NewCa(spec);
        var ids = new RandomIds();
        Parallel.For(0, 200, _ => Issue(spec, ca, ids));

        var (cpu, clock) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        Parallel.For(0, count, _ => Issue(spec, ca, ids));
        return (count / clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / count);
    }

    /// <summary>Orchestrations of three no-op activities each, on a file that survives kill -9.</summary>
    public static async Task<double> OrchestrationsAsync(int count)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("certfunctions-bench-").FullName, "engine.db");
        var tasks = new EngineTasks();
        tasks.AddActivity("Noop", typeof(string), _ => Task.FromResult<object?>("done"));
        tasks.AddOrchestrator("Three", async context =>
        {
            for (var call = 0; call < 3; call++) { await context.CallActivityAsync<string>("Noop", "x"); }
            return "done";
        });

        double perSecond;
        await using (var engine = new DurableEngine(new DurableEngineOptions { DatabasePath = file }, tasks, JsonDataConverter.Default, TimeProvider.System, NullLoggerFactory.Instance))
        {
            await engine.StartAsync(CancellationToken.None);
            await RunAsync(engine.Client, "warm", 200);
            var clock = Stopwatch.StartNew();
            await RunAsync(engine.Client, "bench", count);
            perSecond = count / clock.Elapsed.TotalSeconds;
        }

        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        return perSecond;
    }

    /// <summary>A root and the ClusterIssuer <c>ca</c> that signs with it.</summary>
    public static async Task SetUpAsync(ChildApp app)
    {
        await app.PutAsync("clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}");
        await app.PutAsync("clusterissuers/ca", "{metadata: {name: ca}, spec: {ca: {secretName: root}}}");
        await app.PutAsync("namespaces/cert-manager/certificates/root", Root);
    }

    /// <summary>Declares Certificates and waits until all are Ready.</summary>
    public static async Task DeclareAsync(ChildApp app, string ns, int count)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 16 };
        await Parallel.ForAsync(0, count, parallel, async (number, _) => await app.PutAsync(
            $"namespaces/{ns}/certificates/c{number}",
            $"{{metadata: {{name: c{number}}}, spec: {{secretName: c{number}, dnsNames: [c{number}.test], privateKey: {{algorithm: ECDSA, size: 256}}, issuerRef: {{kind: ClusterIssuer, name: ca}}}}}}"));
        await ChildApp.UntilAsync(async () => await app.ReadyAsync($"namespaces/{ns}/certificates") == count, pace: 250);
    }

    private static Task RunAsync(DurableTaskClient client, string prefix, int count) =>
        Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (number, stop) =>
        {
            var id = $"{prefix}-{number}";
            await client.ScheduleNewOrchestrationInstanceAsync("Three", "x", new StartOrchestrationOptions(InstanceId: id), stop);
            await client.WaitForInstanceCompletionAsync(id, stop);
        });

    private static CaSigner NewCa(CertificateSpec spec)
    {
        var key = PrivateKey.Generate("ECDSA", 256);
        var asCa = spec with { IsCA = true, CommonName = "Root" };
        var csr = SigningRequests.TryRead(SigningRequests.Create(asCa, key), out _)!;
        var terms = new SigningTerms(IsCA: true, Usages: null, TimeSpan.FromDays(365), TimeProvider.System.GetUtcNow(), new RandomIds().NewSerialNumber(), SubjectKeyIdToCopy: null);
        return new CaSigner(SelfSigner.Sign(csr, key, terms), key, []);
    }

    private static void Issue(CertificateSpec spec, CaSigner ca, IIds ids)
    {
        using var key = PrivateKey.Generate("ECDSA", 256);
        var csr = SigningRequests.TryRead(SigningRequests.Create(spec, key), out _)!;
        var terms = new SigningTerms(IsCA: false, Usages: null, TimeSpan.FromDays(90), TimeProvider.System.GetUtcNow(), ids.NewSerialNumber(), SubjectKeyIdToCopy: null);
        Pfx.Build(key, [ca.Sign(csr, terms)], Pfx.NewPassword());
    }
}
