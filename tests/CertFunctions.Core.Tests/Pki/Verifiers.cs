using System.Diagnostics;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>Everyone who must agree that a chain is good: OpenSSL at its strictest, .NET, and Java's parser.</summary>
internal static class Verifiers
{
    public static async Task AgreeOnAsync(IReadOnlyList<byte[]> chain, byte[] root, DateTimeOffset at)
    {
        using var openssl = new OpenSsl();
        await openssl.VerifyAsync(chain[0], chain.Skip(1), root, at);
        Issued.VerifiesInDotNet(chain[0], chain.Skip(1), root, at);
    }

    /// <summary>What <c>keytool -printcert</c> says; fails the test when it cannot read one of them.</summary>
    public static async Task<string> JavaReadsAsync(IEnumerable<byte[]> ders)
    {
        var directory = Directory.CreateTempSubdirectory("certfunctions-keytool-");
        try
        {
            var file = Path.Combine(directory.FullName, "all.pem");
            await File.WriteAllBytesAsync(file, Core.Pki.Pem.WriteCertificates(ders).ToArray(), TestContext.Current.CancellationToken);
            var start = new ProcessStartInfo("keytool", ["-J-Xint", "-J-XX:TieredStopAtLevel=1", "-printcert", "-file", file]) { UseShellExecute = false, RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, output);
            return output;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
