using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace CertFunctions.Benchmarks;

/// <summary>The built program as a child process, quiet, with a data directory of its own.</summary>
internal sealed class ChildApp : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("certfunctions-bench-").FullName;
    private readonly HttpClient _http;
    private readonly Process _process;

    private string? _hits;

    private ChildApp(int port, string program)
    {
        _http = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}/apis/cert-manager.io/v1/"), Timeout = TimeSpan.FromSeconds(30) };
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, program))
        {
            ArgumentList = { "--data", _data, "--port", $"{port}" }, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _data,
        };
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => { if (line.Data?.StartsWith("##hits ", StringComparison.Ordinal) is true) { _hits = line.Data[7..]; } };
        _process.ErrorDataReceived += (_, line) => Console.Error.Write(line.Data is null ? "" : line.Data + "\n");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>User and system time that the app has used so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>How often each port was called so far; only the kill host counts. Writes count once, by what happens before them.</summary>
    public async Task<Dictionary<string, int>> CallsAsync()
    {
        _hits = null;
        await _process.StandardInput.WriteLineAsync("hits");
        await UntilAsync(() => Task.FromResult(_hits is not null));
        return System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, int>>(_hits!)!;
    }

    /// <param name="program">The kill host runs the same app and counts calls.</param>
    public static async Task<ChildApp> StartAsync(string program = "CertFunctions.App")
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var app = new ChildApp(port, program);
        await UntilAsync(async () => (await app._http.GetAsync("/healthz")).IsSuccessStatusCode);
        return app;
    }

    public async Task PutAsync(string path, string yaml)
    {
        using var content = new StringContent(yaml);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/yaml");
        using var answer = await _http.PutAsync(path, content);
        if (!answer.IsSuccessStatusCode) { throw new InvalidOperationException(await answer.Content.ReadAsStringAsync()); }
    }

    /// <summary>How many rows of a list say Ready=True: one listing, whatever their number.</summary>
    public async Task<int> ReadyAsync(string list)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, list);
        ask.Headers.TryAddWithoutValidation("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
        using var answer = await _http.SendAsync(ask);
        var rows = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["rows"]!.AsArray();
        return rows.Count(row => (string?)row!["cells"]![1] == "True");
    }

    /// <summary>Polls until true, every <paramref name="pace"/> milliseconds; gives up after two minutes.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isTrue, int pace = 20)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromMinutes(2))
        {
            try { if (await isTrue()) { return; } }
            catch (HttpRequestException) { }
            await Task.Delay(pace);
        }

        throw new TimeoutException("The app did not get there within two minutes.");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _http.Dispose();
        Directory.Delete(_data, recursive: true);
    }
}
