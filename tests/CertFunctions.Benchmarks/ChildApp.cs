using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Benchmarks;

/// <summary>The built program as a child process, quiet, with a data directory of its own.</summary>
internal sealed class ChildApp : IDisposable
{
    public const string AsTable = "application/json;as=Table;v=v1;g=meta.k8s.io";

    private readonly string _data;
    private readonly HttpClient _http;
    private readonly Process _process;

    private string? _hits;

    private ChildApp(int port, string program, string data, Dictionary<string, string> settings)
    {
        (_data, Port) = (data, port);
        _http = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}/apis/cert-manager.io/v1/"), Timeout = TimeSpan.FromSeconds(30) };
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, program))
        {
            ArgumentList = { "--data", _data, "--port", $"{port}" }, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _data,
        };
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        foreach (var (name, value) in settings) { start.Environment[name] = value; }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => { if (line.Data?.StartsWith("##hits ", StringComparison.Ordinal) is true) { _hits = line.Data[7..]; } };
        _process.ErrorDataReceived += (_, line) => Console.Error.Write(line.Data is null ? "" : line.Data + "\n");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>User and system time that the app has used so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes that the app holds in memory now (its working set).</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
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
    /// <param name="settings">Environment variables.</param>
    /// <param name="before">What happens to the data directory before the app starts.</param>
    public static async Task<ChildApp> StartAsync(string program = "CertFunctions.App", Dictionary<string, string>? settings = null, Func<string, Task>? before = null)
    {
        var data = Directory.CreateTempSubdirectory("certfunctions-bench-").FullName;
        if (before is not null) { await before(data); }

        var app = new ChildApp(FreePort.Next(), program, data, settings ?? []);
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

    public async Task<string> GetAsync(string path, string accept = "application/json")
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, path);
        ask.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await _http.SendAsync(ask);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? text : throw new InvalidOperationException(text);
    }

    /// <summary>The events of a watch, a JSON line each, on a connection of its own.</summary>
    public async IAsyncEnumerable<string> WatchAsync(string list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(list + "?watch=true", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var lines = new StreamReader(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line) { yield return line; }
    }

    /// <summary>How many rows of a list say Ready=True: one listing, whatever their number.</summary>
    public async Task<int> ReadyAsync(string list) => Rows(await GetAsync(list, AsTable)).Count(row => (string?)row!["cells"]![1] == "True");

    public static JsonArray Rows(string table) => JsonNode.Parse(table)!["rows"]!.AsArray();

    /// <summary>Until the app has next to nothing more to do: a tenth of a core.</summary>
    public Task RestAsync() => UntilAsync(async () =>
    {
        var (cpu, clock) = (Cpu, Stopwatch.StartNew());
        await Task.Delay(250);
        return Cpu - cpu < clock.Elapsed / 10;
    });

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
