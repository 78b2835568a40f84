using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Servers.Tests;

/// <summary>An Azurite blob service as a child process: in memory, or in a folder that outlives it.</summary>
public class Azurite : IAsyncLifetime
{
    // The emulator's published account: the same on every machine, and no secret.
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private Process? _process;

    public int Port { get; } = FreePort.Next();

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public string ConnectionString => Connection(Address);

    protected virtual string[] Storage => ["--inMemoryPersistence"];

    public static string Connection(Uri address) =>
        $"DefaultEndpointsProtocol={address.Scheme};AccountName=devstoreaccount1;AccountKey={Key};BlobEndpoint={new Uri(address, "devstoreaccount1")};";

    public BlobContainerClient Container(string name) => new BlobServiceClient(ConnectionString).GetBlobContainerClient(name);

    /// <summary>Downloads what a container holds: each blob's content into a file, and all names and metadata into one more.</summary>
    /// <returns>How many blobs there are.</returns>
    public async Task<int> FetchAsync(string container, string folder, CancellationToken cancellationToken)
    {
        var listing = new List<string>();
        await foreach (var blob in Container(container).GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata }, cancellationToken))
        {
            await Container(container).GetBlobClient(blob.Name).DownloadToAsync(Path.Combine(folder, $"blob-{listing.Count}"), cancellationToken);
            listing.Add($"{blob.Name} {string.Join(' ', blob.Metadata.Select(pair => $"{pair.Key}={pair.Value}"))}");
        }

        await File.WriteAllLinesAsync(Path.Combine(folder, "blobs.txt"), listing, cancellationToken);
        return listing.Count;
    }

    public async ValueTask InitializeAsync() => await StartAsync(TestContext.Current.CancellationToken);

    /// <summary>Starts (again, on the same port) and waits until it accepts connections.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Program())
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments = ["--blobHost", "127.0.0.1", "--blobPort", $"{Port}", .. Storage, "--skipApiVersionCheck", "--silent", "--disableTelemetry"];
        foreach (var argument in arguments) { start.ArgumentList.Add(argument); }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var clock = Stopwatch.StartNew();
        while (!await AcceptsAsync(cancellationToken))
        {
            Assert.True(!_process.HasExited && clock.Elapsed < TimeSpan.FromSeconds(60), "Azurite does not start.");
            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>SIGTERM: it writes everything down before it ends. (Killed, it may lose acknowledged writes, which no store of Azure does.)</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        _process.Dispose();
        _process = null;
    }

    public virtual ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false }) { _process.Kill(); _process.WaitForExit(); }
        _process?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>The installed program; <c>SERVERS_CACHE</c> names the folder with the servers, <c>tests/.cache</c> unless set.</summary>
    private static string Program()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "CertFunctions.sln"))) { root = root.Parent; }

        var cache = Environment.GetEnvironmentVariable("SERVERS_CACHE") is { Length: > 0 } set ? set : Path.Combine(root!.FullName, "tests", ".cache");
        var program = Path.Combine(cache, "azurite", "node_modules", ".bin", "azurite-blob");
        Assert.True(File.Exists(program), "Azurite is missing. Run in the repository: npm install --no-audit --no-fund --prefix tests/.cache/azurite azurite@3.37.0");
        return program;
    }

    private async Task<bool> AcceptsAsync(CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(System.Net.IPAddress.Loopback, Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>Azurite with its data on disk.</summary>
public sealed class DurableAzurite : Azurite
{
    private readonly string _folder = Directory.CreateTempSubdirectory("azurite-").FullName;

    protected override string[] Storage => ["--location", _folder];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
