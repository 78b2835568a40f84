using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace CertFunctions.Core.Tests.Pki.Keystores;

/// <summary>JKS files, read back by <c>keytool</c>, which also takes the key out of them.</summary>
public sealed class JavaKeystoreTests : IDisposable
{
    private readonly Tool _tool = new();

    [Theory, InlineData("ECDSA", 256), InlineData("ECDSA", 521), InlineData("RSA", 2048)]
    public async Task Keytool_takes_out_the_same_key_and_chain(string algorithm, int size)
    {
        using var made = new Made(algorithm, size);
        _tool.Write("keystore.jks", made.Binary("keystore.jks", Made.Style(alias: "Web", password: "changeit")));

        await _tool.RunAsync(
            "keytool", "-importkeystore", "-noprompt", "-srckeystore", "keystore.jks", "-srcstoretype", "JKS", "-srcstorepass", "changeit",
            "-srcalias", "web", "-destkeystore", "copy.p12", "-deststoretype", "PKCS12", "-deststorepass", "changeit", "-destkeypass", "changeit");
        var pem = await _tool.RunAsync("openssl", "pkcs12", "-in", "copy.p12", "-passin", "pass:changeit", "-nodes");

        using var key = algorithm == "RSA" ? (AsymmetricAlgorithm)RSA.Create() : ECDsa.Create();
        key.ImportFromPem(Regex.Match(pem, "-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----", RegexOptions.None, TimeSpan.FromSeconds(1)).Value);
        Assert.Equal(made.Key.KeyHash, Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())));
        Assert.Equal(2, Regex.Count(pem, "BEGIN CERTIFICATE", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Keytool_lists_the_key_under_its_alias_in_lower_case_and_the_CA_beside_it()
    {
        using var made = new Made();
        _tool.Write("keystore.jks", made.Binary("keystore.jks", Made.Style(alias: "Web Server", password: "changeit")));

        var list = await _tool.RunAsync("keytool", "-list", "-v", "-keystore", "keystore.jks", "-storetype", "JKS", "-storepass", "changeit");

        Assert.Contains("Your keystore contains 2 entries", list, StringComparison.Ordinal);
        Assert.Contains("Alias name: web server\n", list, StringComparison.Ordinal);
        Assert.Contains("Entry type: PrivateKeyEntry", list, StringComparison.Ordinal);
        Assert.Contains("Certificate chain length: 2", list, StringComparison.Ordinal);
        Assert.Contains("Alias name: ca\n", list, StringComparison.Ordinal);
        Assert.All([.. made.Source.Chain, .. made.Source.Ca], der => Assert.Contains(Made.Fingerprint(der), list, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keytool_reads_a_truststore_of_several_CAs()
    {
        using var made = new Made();
        using var otherKey = Issued.Key();
        var source = made.Source with { Ca = [.. made.Source.Ca, Issued.Root(otherKey, "Other")] };
        var file = Core.Pki.Keystores.OutputContent.Write("truststore.jks", source, Made.Style(password: "changeit"), Issued.Now).Reveal();
        _tool.Write("truststore.jks", Convert.FromBase64String(file));

        var list = await _tool.RunAsync("keytool", "-list", "-keystore", "truststore.jks", "-storetype", "JKS", "-storepass", "changeit");

        Assert.Contains("ca, Jan 1, 2030, trustedCertEntry", list, StringComparison.Ordinal);
        Assert.Contains("ca-1, Jan 1, 2030, trustedCertEntry", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keytool_refuses_a_wrong_password()
    {
        using var made = new Made();
        _tool.Write("keystore.jks", made.Binary("keystore.jks", Made.Style(password: "changeit")));

        var (code, output, _) = await _tool.TryRunAsync("keytool", "-list", "-keystore", "keystore.jks", "-storetype", "JKS", "-storepass", "changeIt");

        Assert.NotEqual(0, code);
        Assert.Contains("password was incorrect", output, StringComparison.Ordinal);
    }

    public void Dispose() => _tool.Dispose();
}
