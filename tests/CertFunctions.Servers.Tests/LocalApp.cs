using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests;

/// <summary>The built program as a child process, with a data directory of its own that outlives it.</summary>
internal sealed class LocalApp : IDisposable
{
    private readonly int _port = FreePort();
    private readonly StringBuilder _output = new();
    private Process? _process;

    public string Data { get; } = Directory.CreateTempSubdirectory("certfunctions-").FullName;

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(10) };

    public string Output
    {
        get { lock (_output) { return _output.ToString(); } }
    }

    /// <summary>Starts (again) and waits until it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Http.BaseAddress ??= new Uri($"http://localhost:{_port}/");
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "CertFunctions.App"))
        {
            ArgumentList = { "--data", Data, "--port", $"{_port}" },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Data,
        };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["Schedule__StartDue"] = "* * * * * *", ["Schedule__Sweep"] = "*/10 * * * * *", ["Schedule__Pace"] = "00:00:01",
            ["Schedule__Visibility"] = "00:00:02", ["Schedule__WaitFirst"] = "00:00:02", ["Schedule__LeaseWait"] = "00:00:03",
        })
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await EventuallyAsync(async () => (await Http.GetAsync("healthz", cancellationToken)).IsSuccessStatusCode, "the app answers", cancellationToken);
    }

    /// <summary>SIGKILL: no shutdown code runs.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process!.Kill();
        await _process.WaitForExitAsync(cancellationToken);
        Assert.Equal(128 + 9, _process.ExitCode);
    }

    public async Task<HttpResponseMessage> PutAsync(string path, string yaml, CancellationToken cancellationToken)
    {
        var content = new StringContent(yaml);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/yaml");
        return await Http.PutAsync("apis/cert-manager.io/v1/" + path, content, cancellationToken);
    }

    public async Task<JsonNode?> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await Http.GetAsync("apis/cert-manager.io/v1/" + path, cancellationToken);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken)) : null;
    }

    public Task ReadyAsync(string path, CancellationToken cancellationToken) =>
        EventuallyAsync(async () => Condition(await GetAsync(path, cancellationToken), "Ready") == "True", $"{path} is Ready", cancellationToken);

    public static string? Condition(JsonNode? resource, string type) =>
        (string?)resource?["status"]?["conditions"]?.AsArray().FirstOrDefault(each => (string?)each!["type"] == type)?["status"];

    /// <summary>Polls until true; the time limit is generous, for it only bounds a failure.</summary>
    public async Task EventuallyAsync(Func<Task<bool>> isTrue, string what, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(60))
        {
            try { if (await isTrue()) { return; } }
            catch (HttpRequestException) { }
            await Task.Delay(100, cancellationToken);
        }

        Assert.Fail($"Not within a minute: {what}.\n{Output}");
    }

    public void Dispose()
    {
        if (_process is { HasExited: false }) { _process.Kill(); _process.WaitForExit(); }
        _process?.Dispose();
        Http.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    private void Keep(string? line)
    {
        lock (_output) { _output.AppendLine(line); }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
