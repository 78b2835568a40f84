using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CertFunctions.Servers.Tests;

/// <summary>The kubectl on the path against one running app, with a home of its own: it keeps discovery there by host and port.</summary>
internal sealed partial class Kubectl(LocalApp app) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _home = Directory.CreateTempSubdirectory("certfunctions-kubectl-").FullName;

    /// <summary>Standard output of a command that must succeed.</summary>
    public async Task<string> RunAsync(string arguments, string? input = null, string? editor = null)
    {
        var (code, output, error) = await TryAsync(arguments, input, editor);
        Assert.True(code == 0, $"kubectl {arguments}: {code}\n{output}\n{error}");
        return output;
    }

    /// <param name="arguments">Separated by spaces; no quoting.</param>
    public async Task<(int Code, string Output, string Error)> TryAsync(string arguments, string? input = null, string? editor = null)
    {
        using var process = Start(arguments, editor);
        await process.StandardInput.WriteAsync(input?.StartsWith('{') is true ? "---\n" + input : input);   // old clients take a leading brace for JSON
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try { await process.WaitForExitAsync(patience.Token); }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"kubectl {arguments} did not end.\n{await output}\n{await error}");
        }

        return (process.ExitCode, await output, await error);
    }

    /// <summary>A command that goes on by itself, such as <c>get -w</c>; the caller ends it by disposing.</summary>
    public Watching Watch(string arguments) => new(Start(arguments, editor: null));

    /// <summary>The client that runs: kubectl may be a dispatcher, which picks one that fits the server.</summary>
    public async Task<int> MinorVersionAsync()
    {
        var text = await RunAsync("version");
        TestContext.Current.TestOutputHelper!.WriteLine(text);
        return int.Parse(ClientVersion.Match(text).Groups["minor"].Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private Process Start(string arguments, string? editor)
    {
        var start = new ProcessStartInfo("kubectl", [$"--server={app.Http.BaseAddress!.ToString().TrimEnd('/')}", .. arguments.Split(' ')])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        (start.Environment["HOME"], start.Environment["KUBECONFIG"], start.Environment["KUBE_EDITOR"]) = (_home, "/dev/null", editor ?? "false");
        try { return Process.Start(start)!; }
        catch (Win32Exception)
        {
            Assert.Fail("kubectl is not on the path: apt-get install kubernetes-client");
            throw;
        }
    }

    [GeneratedRegex(@"Client Version:.*?(v1\.|Minor:"")(?<minor>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ClientVersion { get; }

    internal sealed class Watching(Process process) : IDisposable
    {
        /// <summary>Reads on until a line holds all of <paramref name="words"/>.</summary>
        public async Task<string> UntilAsync(params string[] words)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(Patience);
            while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                if (words.All(word => line.Contains(word, StringComparison.Ordinal))) { return line; }
            }

            throw new InvalidOperationException($"kubectl ended before it printed {string.Join(' ', words)}: {await process.StandardError.ReadToEndAsync(patience.Token)}");
        }

        public void Dispose()
        {
            if (!process.HasExited) { process.Kill(entireProcessTree: true); }
            process.Dispose();
        }
    }
}

/// <summary>One app and one kubectl for a class of tests, and an issuer that signs.</summary>
public sealed class KubectlFixture : IAsyncLifetime
{
    internal LocalApp App { get; } = new();

    internal Kubectl Kubectl => field ??= new Kubectl(App);

    public async ValueTask InitializeAsync()
    {
        await App.StartAsync(TestContext.Current.CancellationToken);
        await Kubectl.RunAsync("create -f -", "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: selfsigned}, spec: {selfSigned: {}}}");
    }

    public ValueTask DisposeAsync()
    {
        Kubectl.Dispose();
        App.Dispose();
        return ValueTask.CompletedTask;
    }
}
