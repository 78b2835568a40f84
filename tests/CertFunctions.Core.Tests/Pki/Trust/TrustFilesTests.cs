using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using CertFunctions.Core.Pki.Keystores;
using CertFunctions.Core.Pki.Trust;
using CertFunctions.Core.Tests.Pki.Keystores;

namespace CertFunctions.Core.Tests.Pki.Trust;

/// <summary>The files of a bundle, read back by OpenSSL, .NET and Java.</summary>
public sealed class TrustFilesTests : IDisposable
{
    private static readonly CaCertificate[] Roots = [.. ((string[])["One", "Two", "Two", "Three"]).Select(name => Anchors.NewRoot(name))];

    private readonly Tool _tool = new();

    public static TheoryData<string, Func<IEnumerable<CaCertificate>, byte[]>> Formats => new()
    {
        { "PEM", certificates => TrustFiles.Pem(certificates).ToArray() },
        { "JKS", certificates => TrustFiles.Jks(certificates, "changeit") },
        { "PKCS#12", certificates => TrustFiles.Pkcs12(certificates, "", Pkcs12Profile.LegacyDES) },
        { "PKCS#12 with a password", certificates => TrustFiles.Pkcs12(certificates, "changeit", Pkcs12Profile.LegacyDES) },
        { "PKCS#12 of today", certificates => TrustFiles.Pkcs12(certificates, "changeit", Pkcs12Profile.Modern2023) },
    };

    [Theory, MemberData(nameof(Formats))]
    public void Bytes_depend_on_nothing_but_which_certificates_there_are(string because, Func<IEnumerable<CaCertificate>, byte[]> write)
    {
        var bytes = write(Roots);

        Assert.True(bytes.SequenceEqual(write([.. Roots.Reverse(), .. Roots])), because);
        Assert.False(bytes.SequenceEqual(write(Roots[1..])), because);
    }

    [Fact]
    public async Task PEM_is_sorted_by_thumbprint_and_OpenSSL_reads_all_of_it()
    {
        var pem = TrustFiles.Pem(Roots);
        _tool.Write("ca-bundle.pem", pem.ToArray());

        var read = TrustPem.Read(pem).Certificates;
        var list = await _tool.RunAsync("openssl", "storeutl", "-noout", "-certs", "ca-bundle.pem");

        Assert.Equal(Roots.OrderBy(each => each.Thumbprint, StringComparer.Ordinal), read);
        Assert.Contains("Total found: 4", list, StringComparison.Ordinal);
        Assert.EndsWith("-----END CERTIFICATE-----\n", Encoding.ASCII.GetString(pem.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Java_trusts_every_certificate_of_the_JKS_since_its_notBefore()
    {
        _tool.Write("ca-bundle.jks", TrustFiles.Jks(Roots, "changeit"));

        ListsAll(await _tool.RunAsync("keytool", "-list", "-v", "-keystore", "ca-bundle.jks", "-storetype", "JKS", "-storepass", "changeit"));
    }

    [Theory, InlineData("LegacyRC2"), InlineData("LegacyDES"), InlineData("Modern2023")]
    public async Task Java_OpenSSL_and_NET_read_the_PKCS12_with_its_password(string profile)
    {
        var file = TrustFiles.Pkcs12(Roots, "changeit", Pkcs12Profile.Of(profile));
        _tool.Write("ca-bundle.p12", file);

        ListsAll(await _tool.RunAsync("keytool", "-list", "-v", "-keystore", "ca-bundle.p12", "-storetype", "PKCS12", "-storepass", "changeit"));
        HoldsAll(await _tool.RunAsync("openssl", "pkcs12", "-in", "ca-bundle.p12", "-passin", "pass:changeit", "-nokeys", "-legacy"));
        HoldsAll(X509CertificateLoader.LoadPkcs12Collection(file, "changeit"));
    }

    [Fact]
    public async Task Java_OpenSSL_and_NET_read_the_PKCS12_without_a_password()
    {
        var file = TrustFiles.Pkcs12(Roots, "", Pkcs12Profile.Modern2023);
        _tool.Write("ca-bundle.p12", file);

        // keytool asks for a password and takes the end of its input for none.
        ListsAll(await _tool.RunAsync("keytool", "-list", "-v", "-keystore", "ca-bundle.p12", "-storetype", "PKCS12"));
        HoldsAll(await _tool.RunAsync("openssl", "pkcs12", "-in", "ca-bundle.p12", "-passin", "pass:", "-nokeys", "-nomacver"));
        HoldsAll(X509CertificateLoader.LoadPkcs12Collection(file, ""));
        Assert.NotEqual(-1, file.AsSpan().IndexOf(Roots[0].Der));
    }

    public void Dispose() => _tool.Dispose();

    private static void ListsAll(string list)
    {
        Assert.Equal(Roots.Length, Regex.Count(list, "Entry type: trustedCertEntry", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.All(Roots, each => Assert.Contains($"Alias name: {each.Alias}\n", list, StringComparison.Ordinal));
        Assert.All(Roots, each => Assert.Contains(Made.Fingerprint(each.Der), list, StringComparison.Ordinal));
        if (list.Contains("Keystore type: JKS", StringComparison.Ordinal)) { Assert.Contains($"Creation date: {Roots[0].NotBefore:MMM d, yyyy}", list, StringComparison.Ordinal); }
    }

    private static void HoldsAll(string pem) => Assert.Equal(TrustFiles.Sorted(Roots), TrustFiles.Sorted(TrustPem.Read(Encoding.UTF8.GetBytes(pem)).Certificates));

    private static void HoldsAll(X509Certificate2Collection found) =>
        Assert.Equal(TrustFiles.Sorted(Roots), TrustFiles.Sorted(found.Select(each => CaCertificate.Read(each.RawData))));
}
