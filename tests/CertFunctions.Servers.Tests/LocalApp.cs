using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Servers.Tests;

/// <summary>The built program as a child process, with a data directory of its own that outlives it.</summary>
/// <param name="program">Another program than the app itself: the kill host, which runs the app's Program.cs.</param>
/// <param name="settings">Environment variables besides those that make everything happen within seconds.</param>
/// <param name="beside">An app whose data directory this one shares; both start with <c>--shared</c>.</param>
internal sealed class LocalApp(string program = "CertFunctions.App", IReadOnlyDictionary<string, string>? settings = null, LocalApp? beside = null) : IDisposable
{
    private static readonly Dictionary<string, string> Fast = new()
    {
        ["Schedule__StartDue"] = "* * * * * *", ["Schedule__Sweep"] = "*/10 * * * * *", ["Schedule__Pace"] = "00:00:01", ["Schedule__Visibility"] = "00:00:02",
        ["Schedule__WaitFirst"] = "00:00:02", ["Schedule__LeaseWait"] = "00:00:03", ["Schedule__LeaseFresh"] = "00:00:02",
        ["Schedule__WriteLifetime"] = "00:00:05", ["Schedule__CheckVaults"] = "* * * * * *", ["Vaults__CheckEvery"] = "00:00:01",
    };

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly int _port = FreePort.Next();
    private readonly StringBuilder _output = new();
    private readonly RecordingHandler _recorder = new();
    private readonly Channel<string> _signals = Channel.CreateUnbounded<string>();
    private HttpClient? _http;
    private Process? _process;
    private long _launched;

    public int Port => _port;

    public string Data { get; } = beside?.Data ?? Directory.CreateTempSubdirectory("certfunctions-").FullName;

    public HttpClient Http => _http ??= new HttpClient(_recorder) { Timeout = TimeSpan.FromSeconds(10), BaseAddress = new Uri($"http://localhost:{_port}/") };

    /// <summary>Address of the consumers' vault, once started; its port also answers as the identity endpoint.</summary>
    public Uri DefaultVault => Vault(0);

    /// <summary>Address of the vault that no consumer reads.</summary>
    public Uri SystemVault => Vault(1);

    /// <summary>Processor time that the program has taken so far.</summary>
    public TimeSpan Cpu
    {
        get { _process!.Refresh(); return _process.TotalProcessorTime; }
    }

    /// <summary>Lines of standard output that start with <c>##</c>, without it.</summary>
    public ChannelReader<string> Signals => _signals.Reader;

    /// <summary>Every answer of the API so far.</summary>
    public string Answers => _recorder.Text;

    public string Output
    {
        get { lock (_output) { return _output.ToString(); } }
    }

    /// <summary>Starts (again) and waits until it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        Launch(arguments);
        await EventuallyAsync(async () => (await Http.GetAsync("healthz", cancellationToken)).IsSuccessStatusCode, "the app answers", cancellationToken);
    }

    /// <summary>What it says when it ends by itself instead of starting.</summary>
    public async Task<string> RefusedAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        Launch(arguments);
        await _process!.WaitForExitAsync(cancellationToken);
        Assert.NotEqual(0, _process.ExitCode);
        return Output;
    }

    /// <summary>How many lines of its output hold this text.</summary>
    public int Told(string text) => Output.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));

    private void Launch(string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, program), ["--data", Data, "--port", $"{_port}", .. arguments])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Data,
        };
        foreach (var (name, value) in Fast.Concat(settings ?? new Dictionary<string, string>())) { start.Environment[name] = value; }

        _process = Process.Start(start)!;
        Volatile.Write(ref _launched, Stopwatch.GetTimestamp());
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>SIGKILL: no shutdown code runs.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process!.Kill();
        await _process.WaitForExitAsync(cancellationToken);
        Assert.Equal(128 + 9, _process.ExitCode);
    }

    /// <summary>A line for the program's standard input.</summary>
    public async Task TellAsync(string command)
    {
        await _process!.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
    }

    public async Task<HttpResponseMessage> PutAsync(string path, string yaml, CancellationToken cancellationToken) =>
        await Http.PutAsync("apis/cert-manager.io/v1/" + path, Yaml(yaml), cancellationToken);

    public async Task<HttpResponseMessage> PostAsync(string path, string yaml, CancellationToken cancellationToken) =>
        await Http.PostAsync("apis/cert-manager.io/v1/" + path, Yaml(yaml), cancellationToken);

    /// <summary>Null when there is none; a busy answer is thrown, so that who polls asks again.</summary>
    public async Task<JsonNode?> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await Http.GetAsync("apis/cert-manager.io/v1/" + path, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.StatusCode is not System.Net.HttpStatusCode.InternalServerError, $"{path}: {body}\n{Output}");
        if (answer.StatusCode is System.Net.HttpStatusCode.NotFound) { return null; }

        answer.EnsureSuccessStatusCode();
        return JsonNode.Parse(body);
    }

    public Task ReadyAsync(string path, CancellationToken cancellationToken) =>
        EventuallyAsync(async () => Condition(await GetAsync(path, cancellationToken), "Ready") == "True", $"{path} is Ready", cancellationToken);

    /// <summary>Ready, and for the wish as it stands now: its revision is the one given.</summary>
    public Task RevisionAsync(string path, int revision, CancellationToken cancellationToken) => EventuallyAsync(
        async () => await GetAsync(path, cancellationToken) is { } found && Condition(found, "Ready") == "True" && (int?)found["status"]!["revision"] == revision,
        $"{path} is Ready with revision {revision}", cancellationToken);

    public static string? Condition(JsonNode? resource, string type) => (string?)ConditionOf(resource, type)?["status"];

    public static JsonNode? ConditionOf(JsonNode? resource, string type) =>
        resource?["status"]?["conditions"]?.AsArray().FirstOrDefault(each => (string?)each!["type"] == type);

    /// <summary>Polls until true, also while the app, and the vault that it runs, is away; the time limit is generous, for it only bounds a failure. It counts from the last launch.</summary>
    public async Task EventuallyAsync(Func<Task<bool>> isTrue, string what, CancellationToken cancellationToken)
    {
        var asked = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(Math.Max(asked, Volatile.Read(ref _launched))) < Limit)
        {
            try { if (await isTrue().WaitAsync(Limit, cancellationToken)) { return; } }
            catch (TimeoutException) { break; }
            catch (Exception away) when (IsAway(away, cancellationToken)) { }
            await Task.Delay(100, cancellationToken);
        }

        Assert.Fail($"Not within a minute: {what}.\n{Output}");
    }

    /// <summary>What a caller gets while the app is killed: also a bare <see cref="SocketException"/>, which .NET's connection pool lets out when the peer is gone between connecting and asking for its address.</summary>
    public static bool IsAway(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException or IOException or SocketException or Azure.RequestFailedException { Status: 0 } or AggregateException
        || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    public void Dispose()
    {
        if (_process is { HasExited: false }) { _process.Kill(); _process.WaitForExit(); }
        _process?.Dispose();
        _http?.Dispose();
        _recorder.Dispose();
        if (beside is null) { Directory.Delete(Data, recursive: true); }
    }

    private Uri Vault(int at) => new($"https://localhost:{JsonNode.Parse(File.ReadAllText(Path.Combine(Data, "vault", "ports.json")))![at]}/");

    private static StringContent Yaml(string yaml) => new(yaml) { Headers = { ContentType = new MediaTypeHeaderValue("application/yaml") } };

    private void Keep(string? line)
    {
        if (line is null) { return; }
        if (line.StartsWith("##", StringComparison.Ordinal)) { _signals.Writer.TryWrite(line[2..]); }
        lock (_output) { _output.AppendLine(line); }
    }

    private sealed class RecordingHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        private readonly StringBuilder _text = new();

        public string Text
        {
            get { lock (_text) { return _text.ToString(); } }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            var body = await answer.Content.ReadAsStringAsync(cancellationToken);
            lock (_text) { _text.Append(answer.Headers).AppendLine(body); }
            return answer;
        }
    }
}
