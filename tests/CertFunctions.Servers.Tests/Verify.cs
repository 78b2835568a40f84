using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.Servers.Tests;

/// <summary>Two verifiers that are not ours.</summary>
internal static class Verify
{
    /// <summary>Asserts that OpenSSL and .NET both accept the leaf by the intermediates it was stored with and one trusted CA.</summary>
    public static async Task AcceptsAsync(StoredPair pair, string caPem, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("certfunctions-verify-").FullName;
        string PathOf(string name, string pem)
        {
            File.WriteAllText(Path.Combine(folder, name), pem);
            return Path.Combine(folder, name);
        }

        var chain = string.Join('\n', pair.Chain.Select(each => each.ExportCertificatePem()));
        using var openssl = Process.Start(new ProcessStartInfo(
            "openssl", ["verify", "-x509_strict", "-CAfile", PathOf("ca.pem", caPem), "-untrusted", PathOf("chain.pem", chain), PathOf("leaf.pem", pair.Leaf.ExportCertificatePem())])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!;
        var said = await openssl.StandardOutput.ReadToEndAsync(cancellationToken) + await openssl.StandardError.ReadToEndAsync(cancellationToken);
        await openssl.WaitForExitAsync(cancellationToken);
        Directory.Delete(folder, recursive: true);
        Assert.True(openssl.ExitCode == 0, said);

        using var dotnet = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        dotnet.ChainPolicy.CustomTrustStore.ImportFromPem(caPem);
        dotnet.ChainPolicy.ExtraStore.AddRange(pair.Chain.ToArray());
        Assert.True(dotnet.Build(pair.Leaf), string.Join("; ", dotnet.ChainStatus.Select(status => status.StatusInformation)));
    }
}
