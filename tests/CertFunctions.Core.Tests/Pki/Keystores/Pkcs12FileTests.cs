using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Text;
using System.Text.RegularExpressions;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Tests.Pki.Keystores;

/// <summary>PKCS#12 files, read back by OpenSSL and by Java.</summary>
public sealed class Pkcs12FileTests : IDisposable
{
    private readonly Tool _tool = new();
    private readonly Made _made = new();

    public static TheoryData<string, string, string, string> Algorithms => new()
    {
        { "LegacyRC2", "MAC: sha1, Iteration 1\n", "pbeWithSHA1And40BitRC2-CBC, Iteration 2048", "Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048" },
        { "LegacyDES", "MAC: sha1, Iteration 1\n", "PKCS7 Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048", "Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048" },
        { "Modern2023", "MAC: sha256, Iteration 2048\n", "PKCS7 Encrypted data: PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256", "Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256" },
    };

    [Theory, MemberData(nameof(Algorithms))]
    public async Task OpenSSL_sees_the_algorithms_of_the_profile_and_the_same_content(string profile, string mac, string certificates, string key)
    {
        _tool.Write("keystore.p12", _made.Binary("keystore.p12", Made.Style(profile)));

        var (code, output, info) = await _tool.TryRunAsync("openssl", "pkcs12", "-in", "keystore.p12", "-passin", $"pass:{Made.Password}", "-nodes", "-info", "-legacy");

        Assert.True(code == 0, info);
        Assert.Contains(mac, info, StringComparison.Ordinal);
        Assert.Contains(certificates, info, StringComparison.Ordinal);
        Assert.Contains(key, info, StringComparison.Ordinal);
        AssertHoldsAll(output);
    }

    [Theory, InlineData("LegacyRC2"), InlineData("LegacyDES"), InlineData("Modern2023")]
    public async Task Java_reads_key_chain_and_alias(string profile)
    {
        _tool.Write("keystore.p12", _made.Binary("keystore.p12", Made.Style(profile, password: "changeit")));

        var list = await _tool.RunAsync("keytool", "-list", "-v", "-keystore", "keystore.p12", "-storetype", "PKCS12", "-storepass", "changeit");

        Assert.Contains("Entry type: PrivateKeyEntry", list, StringComparison.Ordinal);
        Assert.All([.. _made.Source.Chain, .. _made.Source.Ca], der => Assert.Contains(Made.Fingerprint(der), list, StringComparison.Ordinal));
    }

    [Theory, InlineData("LegacyRC2"), InlineData("LegacyDES"), InlineData("Modern2023")]
    public async Task Java_trusts_every_certificate_of_a_truststore_even_two_of_one_subject(string profile)
    {
        using var otherKey = Issued.Key();
        var other = Issued.Root(otherKey);
        var source = _made.Source with { Ca = [.. _made.Source.Ca, other] };
        var file = Core.Pki.Keystores.OutputContent.Write("truststore.p12", source, Made.Style(profile, password: "changeit"), Issued.Now).Reveal();
        _tool.Write("truststore.p12", Convert.FromBase64String(file));

        var list = await _tool.RunAsync("keytool", "-list", "-v", "-keystore", "truststore.p12", "-storetype", "PKCS12", "-storepass", "changeit");

        Assert.Equal(2, Regex.Count(list, "trustedCertEntry", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.Contains("Alias name: cn=root\n", list, StringComparison.Ordinal);
        Assert.Contains("Alias name: cn=root (2)\n", list, StringComparison.Ordinal);
        Assert.Contains(Made.Fingerprint(other), list, StringComparison.Ordinal);
    }

    /// <summary>OpenSSL 3.0 and Java 17 do not know PBMAC1: the content is read by OpenSSL, the seal is computed here as RFC 9579 says.</summary>
    [Fact]
    public async Task Modern2026_is_sealed_by_PBMAC1()
    {
        var file = _made.Binary("keystore.p12", Made.Style("Modern2026"));
        _tool.Write("keystore.p12", file);

        AssertHoldsAll(await _tool.RunAsync("openssl", "pkcs12", "-in", "keystore.p12", "-passin", $"pass:{Made.Password}", "-nodes", "-nomacver"));

        var pfx = new AsnReader(file, AsnEncodingRules.DER).ReadSequence();
        pfx.ReadInteger();
        var data = pfx.ReadSequence();
        data.ReadObjectIdentifier();
        var safe = data.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadOctetString();
        var mac = pfx.ReadSequence();
        var digest = mac.ReadSequence();
        var algorithm = digest.ReadSequence();
        Assert.Equal("1.2.840.113549.1.5.14", algorithm.ReadObjectIdentifier());
        var derivation = algorithm.ReadSequence().ReadSequence();
        Assert.Equal("1.2.840.113549.1.5.12", derivation.ReadObjectIdentifier());
        var terms = derivation.ReadSequence();
        var salt = terms.ReadOctetString();
        var iterations = (int)terms.ReadInteger();
        var length = (int)terms.ReadInteger();
        Assert.Equal((16, 2048, 32), (salt.Length, iterations, length));
        var key = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(Made.Password), salt, iterations, HashAlgorithmName.SHA256, length);
        Assert.Equal(HMACSHA256.HashData(key, safe), digest.ReadOctetString());
    }

    [Fact]
    public void Nothing_shows_without_the_password()
    {
        var file = _made.Binary("keystore.p12", Made.Style("Modern2023"));

        Assert.True(Pkcs12Info.Decode(file, out _).VerifyMac(Made.Password));
        Assert.False(Pkcs12Info.Decode(file, out _).VerifyMac("other"));
        Assert.Equal(-1, file.AsSpan().IndexOf(_made.Source.Chain[0]));
    }

    [Fact]
    public async Task Keeps_an_RSA_key_as_it_is()
    {
        using var rsa = new Made("RSA", 2048);
        _tool.Write("keystore.p12", rsa.Binary("keystore.p12", Made.Style("Modern2023")));

        var pem = await _tool.RunAsync("openssl", "pkcs12", "-in", "keystore.p12", "-passin", $"pass:{Made.Password}", "-nodes", "-nocerts");

        using var read = RSA.Create();
        read.ImportFromPem(pem);
        Assert.Equal(rsa.Key.KeyHash, Convert.ToHexStringLower(SHA256.HashData(read.ExportSubjectPublicKeyInfo())));
    }

    public void Dispose()
    {
        _made.Dispose();
        _tool.Dispose();
    }

    /// <summary>Leaf first, chain, CA, and the key of the leaf.</summary>
    private void AssertHoldsAll(string pem)
    {
        var certificates = Regex.Matches(pem, "-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----", RegexOptions.None, TimeSpan.FromSeconds(1));
        Assert.Equal([.. _made.Source.Chain, .. _made.Source.Ca], certificates.Select(match => Pem.ReadCertificates(Encoding.ASCII.GetBytes(match.Value))[0]));
        using var key = ECDsa.Create();
        key.ImportFromPem(pem.AsSpan(pem.IndexOf("-----BEGIN PRIVATE KEY", StringComparison.Ordinal)));
        Assert.Equal(_made.Key.KeyHash, Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())));
    }
}
