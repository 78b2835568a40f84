using System.Security.Cryptography;
using System.Text;
using CertFunctions.Core.Pki.Keystores;
using CertFunctions.Core.Pki.Trust;

namespace CertFunctions.Servers.Tests;

/// <summary>The public roots as the distribution's <c>ca-certificates</c> installs them, published as one bundle.</summary>
public sealed class PublicRootsTests
{
    private const string File = "/etc/ssl/certs/ca-certificates.crt";

    private static readonly byte[] Installed = System.IO.File.ReadAllBytes(File);

    [Fact]
    public void All_are_in_sorted_and_each_once()
    {
        var read = TrustPem.Read(Installed);
        Assert.Null(read.Problem);
        Assert.Equal(Count(Installed), read.Certificates.Count);
        Assert.InRange(read.Certificates.Count, 100, 300);
        Assert.All(read.Certificates, each => Assert.Null(each.WhyNotAnchor()));

        var published = TrustPem.Read(TrustFiles.Pem(read.Certificates)).Certificates;

        Assert.Equal(published.Select(each => each.Thumbprint).Distinct().Order(StringComparer.Ordinal), published.Select(each => each.Thumbprint));
        Assert.Equal(read.Certificates.ToHashSet(), published.ToHashSet());
    }

    [Fact]
    public void Thirty_copies_give_the_same_bytes()
    {
        var once = TrustPem.Read(Installed).Certificates;
        var often = Enumerable.Range(0, 30).SelectMany(_ => TrustPem.Read(Installed).Certificates).ToList();

        Assert.Equal(TrustFiles.Pem(once).ToArray(), TrustFiles.Pem(often).ToArray());
        Assert.Equal(TrustFiles.Jks(once, "changeit"), TrustFiles.Jks(often, "changeit"));
        Assert.Equal(TrustFiles.Pkcs12(once, "changeit", Pkcs12Profile.Modern2023), TrustFiles.Pkcs12(often, "changeit", Pkcs12Profile.Modern2023));
    }

    [Fact]
    public async Task OpenSSL_and_Java_read_as_many_as_there_are()
    {
        var roots = TrustPem.Read(Installed).Certificates;
        using var tool = new Tool();
        tool.Write("ca-bundle.pem", TrustFiles.Pem(roots).ToArray());
        tool.Write("ca-bundle.jks", TrustFiles.Jks(roots, "changeit"));
        tool.Write("ca-bundle.p12", TrustFiles.Pkcs12(roots, "", Pkcs12Profile.LegacyDES));

        Assert.Contains($"Total found: {roots.Count}", await tool.RunAsync("openssl", "storeutl", "-noout", "-certs", "ca-bundle.pem"), StringComparison.Ordinal);
        Assert.Contains($"contains {roots.Count} entries", await tool.RunAsync("keytool", "-list", "-keystore", "ca-bundle.jks", "-storetype", "JKS", "-storepass", "changeit"), StringComparison.Ordinal);
        Assert.Contains($"contains {roots.Count} entries", await tool.RunAsync("keytool", "-list", "-keystore", "ca-bundle.p12", "-storetype", "PKCS12"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_private_key_among_them_is_refused_by_name()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var read = TrustPem.Read((byte[])[.. Installed, .. Encoding.ASCII.GetBytes(key.ExportECPrivateKeyPem())]);

        Assert.Empty(read.Certificates);
        Assert.Equal("It holds a private key (\"EC PRIVATE KEY\"), which belongs in no bundle.", read.Problem);
    }

    private static int Count(byte[] pem) => Encoding.ASCII.GetString(pem).Split("-----BEGIN CERTIFICATE-----").Length - 1;
}
