using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.Servers.Tests;

/// <summary>Verifiers that are not ours.</summary>
internal static class Verify
{
    private static readonly string[] Quick = ["-J-XX:TieredStopAtLevel=1", "-J-Xshare:auto"];

    /// <summary>Asserts that OpenSSL and .NET both accept the leaf by the intermediates it was stored with and one trusted CA.</summary>
    public static async Task AcceptsAsync(StoredPair pair, string caPem, CancellationToken cancellationToken)
    {
        using var tool = new Tool();
        Write(tool, "ca.pem", caPem);
        Write(tool, "chain.pem", Pem(pair.Chain));
        Write(tool, "leaf.pem", pair.Leaf.ExportCertificatePem());
        await tool.RunAsync("openssl", "verify", "-x509_strict", "-CAfile", "ca.pem", "-untrusted", "chain.pem", "leaf.pem");
        cancellationToken.ThrowIfCancellationRequested();

        using var dotnet = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        dotnet.ChainPolicy.CustomTrustStore.ImportFromPem(caPem);
        dotnet.ChainPolicy.ExtraStore.AddRange(pair.Chain.ToArray());
        Assert.True(dotnet.Build(pair.Leaf), string.Join("; ", dotnet.ChainStatus.Select(status => status.StatusInformation)));
    }

    /// <summary>Asserts that Java parses every certificate, and that its TLS client, which trusts only this CA, connects to a server of this name that has the pair.</summary>
    /// <remarks>By <c>keytool</c>, which every JRE has: told to print a CRL it opens its address as any Java program would (PKIX, host name, usages).</remarks>
    public static async Task JavaTrustsAsync(StoredPair pair, string caPem, string host, CancellationToken cancellationToken)
    {
        using var tool = new Tool();
        Write(tool, "ca.pem", caPem);
        Write(tool, "hosts", $"127.0.0.1 {host}\n");
        Assert.Equal(pair.Chain.Count, await JavaReadsAsync(Pem(pair.Chain)));
        await tool.RunAsync("keytool", [.. Quick, "-importcert", "-noprompt", "-alias", "ca", "-file", "ca.pem", "-keystore", "trust.p12", "-storepass", "changeit"]);

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = ServeAsync(listener, pair, cancellationToken);
        var (_, output, error) = await tool.TryRunAsync(
            "keytool",
            [.. Quick, "-J-Djavax.net.ssl.trustStore=trust.p12", "-J-Djavax.net.ssl.trustStorePassword=changeit", "-J-Djdk.net.hosts.file=hosts",
                "-printcrl", "-file", $"https://{host}:{((IPEndPoint)listener.LocalEndpoint).Port}/none.crl"]);
        listener.Stop();
        var problem = await served;
        Assert.True(problem is null, $"{host}: {problem}\n{output}{error}");
    }

    /// <summary>How many certificates Java reads in a file; fails the test when it cannot read one.</summary>
    public static async Task<int> JavaReadsAsync(string pem)
    {
        using var tool = new Tool();
        Write(tool, "all.pem", pem);
        return (await tool.RunAsync("keytool", [.. Quick, "-printcert", "-file", "all.pem"])).Split("Serial number: ").Length - 1;
    }

    /// <summary>Null when a client has verified the certificate and asked for something; the answer is that there is nothing.</summary>
    private static async Task<string?> ServeAsync(TcpListener listener, StoredPair pair, CancellationToken cancellationToken)
    {
        try
        {
            using var client = await listener.AcceptTcpClientAsync(cancellationToken);
            await using var tls = new SslStream(client.GetStream());
            var context = SslStreamCertificateContext.Create(pair.Leaf, [.. pair.Chain.Where(each => !each.HasPrivateKey)], offline: true);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context }, cancellationToken);
            using var reader = new StreamReader(tls, leaveOpen: true);
            var asked = await reader.ReadLineAsync(cancellationToken);
            await tls.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellationToken);
            return asked == "GET /none.crl HTTP/1.1" ? null : $"it asked: {asked}";
        }
        catch (Exception refused) when (refused is IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            return refused.Message;
        }
    }

    private static string Pem(IEnumerable<X509Certificate2> chain) => string.Join('\n', chain.Select(each => each.ExportCertificatePem()));

    private static void Write(Tool tool, string name, string text) => tool.Write(name, System.Text.Encoding.ASCII.GetBytes(text));
}
