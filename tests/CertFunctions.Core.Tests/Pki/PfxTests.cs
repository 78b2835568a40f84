using System.Security.Cryptography;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Ports;

namespace CertFunctions.Core.Tests.Pki;

public sealed class PfxTests : IDisposable
{
    private readonly OpenSsl _openssl = new();
    private readonly PrivateKey _key = Issued.Key();
    private readonly PrivateKey _caKey = Issued.Key();
    private readonly byte[] _ca;
    private readonly byte[] _leaf;

    public PfxTests()
    {
        _ca = Issued.Root(_caKey, "The CA");
        _leaf = new CaSigner(_ca, _caKey, []).Sign(Issued.Csr(Issued.Spec("The leaf"), _key), Issued.Terms());
    }

    [Fact]
    public async Task OpenSSL_shows_the_leaf_first_and_one_round()
    {
        var password = Pfx.NewPassword();
        _openssl.Write("x.pfx", Convert.FromBase64String(Pfx.Build(_key, [_leaf, _ca], password).Reveal()));

        var text = await _openssl.RunAsync("pkcs12", "-in", "x.pfx", "-info", "-nodes", "-passin", $"pass:{password.Reveal()}");

        Assert.InRange(text.IndexOf("CN = The leaf", StringComparison.Ordinal), 0, text.IndexOf("subject=CN = The CA", StringComparison.Ordinal));
        Assert.Contains("MAC: sha256, Iteration 1", text, StringComparison.Ordinal);
        Assert.Contains("BEGIN PRIVATE KEY", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_what_it_built()
    {
        var (key, certificates) = Pfx.Read(Pfx.Build(_key, [_leaf, _ca], new SecretText("")), "");

        using (key)
        {
            Assert.Equal(_key.KeyHash, key.KeyHash);
            Assert.Equal([_leaf, _ca], certificates);
        }
    }

    [Theory]
    [InlineData("plain, no MAC", "-nomac -keypbe NONE -certpbe NONE")]
    [InlineData("plain with MAC", "-keypbe NONE -certpbe NONE")]
    [InlineData("today's default", "")]
    public async Task Reads_what_OpenSSL_exports_with_an_empty_password(string because, string options)
    {
        _openssl.Write("key.der", Convert.FromBase64String(_key.ToPkcs8Base64()));
        await _openssl.RunAsync("pkcs8", "-inform", "DER", "-in", "key.der", "-nocrypt", "-out", "key.pem");
        _openssl.Write("leaf.pem", Pem.WriteCertificates([_leaf]).Span);
        _openssl.Write("ca.pem", Pem.WriteCertificates([_ca]).Span);
        string[] extra = options.Length == 0 ? [] : options.Split(' ');
        await _openssl.RunAsync([
            "pkcs12", "-export", "-inkey", "key.pem", "-in", "leaf.pem", "-certfile", "ca.pem", "-passout", "pass:", "-out", "x.pfx", .. extra]);

        var (key, certificates) = Pfx.Read(new SecretText(Convert.ToBase64String(_openssl.Read("x.pfx"))), "");

        using (key)
        {
            Assert.True(_key.KeyHash == key.KeyHash, because);
            Assert.Equal([_leaf, _ca], certificates);
        }
    }

    [Fact]
    public void A_wrong_password_is_one_sentence()
    {
        var pfx = Pfx.Build(_key, [_leaf], new SecretText("right"));

        var failure = Assert.ThrowsAny<CryptographicException>(() => Pfx.Read(pfx, "wrong"));

        Assert.Equal("The PFX does not open with this password.", failure.Message);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("AAAA")]
    [InlineData("MAA=")]
    public void Nonsense_is_a_cryptographic_exception(string base64) =>
        Assert.ThrowsAny<CryptographicException>(() => Pfx.Read(new SecretText(base64), ""));

    [Fact]
    public void Passwords_differ_and_print_as_stars()
    {
        var password = Pfx.NewPassword();

        Assert.NotEqual(password.Reveal(), Pfx.NewPassword().Reveal());
        Assert.Equal(43, password.Reveal().Length);
        Assert.Equal("***", password.ToString());
    }

    public void Dispose()
    {
        _openssl.Dispose();
        _key.Dispose();
        _caKey.Dispose();
    }
}
