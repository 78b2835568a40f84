using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>Asks OpenSSL, which shares no code with ours, in a directory of its own.</summary>
internal sealed class OpenSsl : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("certfunctions-openssl-");

    public string Write(string name, ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public byte[] Read(string name) => File.ReadAllBytes(Path.Combine(_directory.FullName, name));

    /// <summary>Its output, both streams; fails the test when it exits with an error.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output) = await TryRunAsync(arguments);
        Assert.True(code == 0, $"openssl {string.Join(' ', arguments)}\n{output}");
        return output;
    }

    public async Task<(int Code, string Output)> TryRunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("openssl", arguments)
        {
            UseShellExecute = false, WorkingDirectory = _directory.FullName, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = new StringBuilder(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        output.Append(await error);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.ToString());
    }

    /// <summary>Verifies a leaf through intermediates to a root at a fixed time, as strictly as OpenSSL can.</summary>
    public async Task VerifyAsync(byte[] leaf, IEnumerable<byte[]> intermediates, byte[] root, DateTimeOffset at)
    {
        Write("leaf.pem", Core.Pki.Pem.WriteCertificates([leaf]).Span);
        Write("root.pem", Core.Pki.Pem.WriteCertificates([root]).Span);
        Write("between.pem", Core.Pki.Pem.WriteCertificates(intermediates).Span);
        string[] untrusted = intermediates.Any() ? ["-untrusted", "between.pem"] : [];
        await RunAsync([
            "verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-CAfile", "root.pem", .. untrusted,
            "-attime", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), "leaf.pem"]);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
