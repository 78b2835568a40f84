using System.Diagnostics;
using System.Text;

namespace CertFunctions;

/// <summary>Asks a program that shares no code with ours: <c>keytool</c>, <c>openssl</c>.</summary>
internal sealed class Tool : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("certfunctions-keystores-");

    public string Write(string name, byte[] content)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public byte[] Read(string name) => File.ReadAllBytes(Path.Combine(_directory.FullName, name));

    /// <summary>Standard output; fails the test when the program exits with an error.</summary>
    public async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, output, error) = await TryRunAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}\n{output}{error}");
        return output;
    }

    public async Task<(int Code, string Output, string Error)> TryRunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = _directory.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
            Environment = { ["LC_ALL"] = "C.UTF-8" },
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
