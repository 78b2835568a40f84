using System.Diagnostics;
using Azure.Storage.Blobs;
using CertFunctions.App.Adapters.Blobs;
using CertFunctions.App.Adapters.Sqlite;
using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.Benchmarks;

/// <summary>A full store: what a list of everything takes, and how much memory the app then holds.</summary>
internal static class StoreMeasurements
{
    private const int Lists = 5;

    // The stored Certificates name vault objects that do not exist: nothing may look for them meanwhile.
    private static readonly Dictionary<string, string> Quiet = new() { ["Schedule__Sweep"] = "0 0 0 1 1 *", ["Schedule__CheckVaults"] = "0 0 0 1 1 *" };

    /// <summary>A Table of all Certificates; and the app's working set once it is up, and once it has listed them.</summary>
    public static async Task<(double ListSeconds, double Megabytes, double MegabytesListed)> OnSqliteAsync(int count)
    {
        using var app = await ChildApp.StartAsync(settings: Quiet, before: async data =>
        {
            await using var store = new SqliteObjectStore(Path.Combine(data, "store.db"));
            await FillAsync(store, count, writers: 256);
        });
        await app.RestAsync();
        var megabytes = app.Memory / 1e6;
        return (await ListAsync(app, count), megabytes, app.Memory / 1e6);
    }

    /// <summary>The same Table from blobs, in a container of its own.</summary>
    public static async Task<double> OnAzuriteAsync(Azurite azurite, int count)
    {
        const string container = "full";
        await FillAsync(new BlobObjectStore(new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient(container)), count, writers: 16);
        using var app = await ChildApp.StartAsync(settings: new(Quiet) { ["AzureWebJobsStorage"] = azurite.ConnectionString, ["Store__Container"] = container });
        return await ListAsync(app, count);
    }

    /// <summary>Seconds until the last byte, the best of a few lists: what the machine can do when let.</summary>
    private static async Task<double> ListAsync(ChildApp app, int count)
    {
        var times = new List<double>();
        for (var list = 0; list < Lists; list++)
        {
            var clock = Stopwatch.StartNew();
            var table = await app.GetAsync("certificates", ChildApp.AsTable);
            times.Add(clock.Elapsed.TotalSeconds);
            if (ChildApp.Rows(table).Count != count) { throw new InvalidOperationException($"The Table has not {count} rows: {table[..Math.Min(500, table.Length)]}"); }
        }

        return times.Min();
    }

    /// <summary>Certificates as the app leaves them: issued, and due in two months.</summary>
    private static Task FillAsync(IObjectStore objects, int count, int writers)
    {
        var (resources, now) = (new ResourceStore(objects), TimeProvider.System.GetUtcNow());
        return Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = writers }, async (number, stop) =>
        {
            var certificate = Issued(number, now);
            var due = new DueEntry(now.AddDays(60), "certificates", "bench", certificate.Metadata.Name, certificate.Metadata.Uid!, now, "bench").ObjectName;
            await objects.PutIfAbsentAsync(due, default, stop);
            await resources.CreateAsync(CertificateKind.Kind, certificate, due, stop);
        });
    }

    private static Certificate Issued(int number, DateTimeOffset now) => new()
    {
        Metadata = new ObjectMeta { Namespace = "bench", Name = $"web-{number:d5}", Uid = $"{number:x8}-0000-4000-8000-000000000000", Generation = 1, CreationTimestamp = now },
        Spec = new CertificateSpec { SecretName = $"web-{number:d5}-tls", IssuerRef = new IssuerRef { Kind = "ClusterIssuer", Name = "ca" }, DnsNames = [$"web-{number}.example.com", $"www.web-{number}.example.com"] },
        Status = new CertificateStatus
        {
            Conditions = [new Condition { Type = "Ready", Status = "True", Reason = "Ready", Message = "Certificate is up to date and has not expired", LastTransitionTime = now, ObservedGeneration = 1 }],
            NotBefore = now, NotAfter = now.AddDays(90), RenewalTime = now.AddDays(60), Revision = 1,
            Vault = new VaultLocation { Uri = "https://localhost:8443/", Object = $"web-{number:d5}-tls", X5t = $"{number:X40}", Version = $"{number:x32}" },
        },
    };
}
