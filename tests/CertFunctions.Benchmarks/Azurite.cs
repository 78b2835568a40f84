using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Benchmarks;

/// <summary>An Azurite blob service in memory, as a child process.</summary>
internal sealed class Azurite : IDisposable
{
    // The emulator's published account: the same on every machine, and no secret.
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly int _port = FreePort.Next();
    private readonly Process _process;

    private Azurite(string program)
    {
        string[] arguments = ["--blobHost", "127.0.0.1", "--blobPort", _port.ToString(CultureInfo.InvariantCulture), "--inMemoryPersistence", "--skipApiVersionCheck", "--silent", "--disableTelemetry"];
        _process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string ConnectionString => $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={Key};BlobEndpoint=http://127.0.0.1:{_port}/devstoreaccount1;";

    /// <summary>Null when it is not installed: in the folder <c>SERVERS_CACHE</c>, <c>tests/.cache</c> unless set.</summary>
    public static async Task<Azurite?> TryStartAsync()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "CertFunctions.sln"))) { root = root.Parent; }

        var cache = Environment.GetEnvironmentVariable("SERVERS_CACHE") is { Length: > 0 } set ? set : Path.Combine(root?.FullName ?? ".", "tests", ".cache");
        var program = Path.GetFullPath(Path.Combine(cache, "azurite", "node_modules", ".bin", "azurite-blob"));
        if (!File.Exists(program)) { return null; }

        var azurite = new Azurite(program);
        await ChildApp.UntilAsync(azurite.AcceptsAsync);
        return azurite;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task<bool> AcceptsAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(System.Net.IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException) { return false; }
    }
}
