using System.ComponentModel;
using System.Diagnostics;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>A server of somebody else's as a child process. A missing program is an error that names the package.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int LastLines = 40;

    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private int _requests;

    private ServerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>Requests that it says it answered, in Pebble's words.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>What it said last, for messages.</summary>
    public string Output
    {
        get { lock (_lines) { return string.Join('\n', _lines); } }
    }

    public static ServerProcess Start(string program, string package, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) { start.ArgumentList.Add(argument); }
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) { start.Environment[name] = value; }

        try
        {
            return new ServerProcess(Process.Start(start)!);
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException($"{program} is missing. Run: apt-get update && apt-get install -y {package}", missing);
        }
    }

    /// <summary>Waits until the server does what it is for; an early end of it is an error with its own words.</summary>
    public async Task UntilAsync(Func<Task<bool>> isUp, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!await isUp())
        {
            if (_process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(30)) { throw new InvalidOperationException($"{_process.StartInfo.FileName} does not start:\n{Output}"); }
            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>Kills it: none of these servers has anything to write down.</summary>
    public void Dispose()
    {
        if (!_process.HasExited) { _process.Kill(); }
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null) { return; }
        if (line.EndsWith("-> calling handler()", StringComparison.Ordinal)) { Interlocked.Increment(ref _requests); }

        lock (_lines)
        {
            if (_lines.Count == LastLines) { _lines.Dequeue(); }
            _lines.Enqueue(line);
        }
    }
}
