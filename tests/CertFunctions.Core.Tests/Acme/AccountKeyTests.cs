using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;
using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Tests.Acme;

/// <summary>Which account keys are taken, and what they say of themselves.</summary>
public sealed class AccountKeyTests
{
    /// <summary>Made anew for each run, and not in the test's name: keys stay out of result files.</summary>
    private static readonly Dictionary<string, Func<string>> Pems = new()
    {
        ["PKCS#8"] = () => Ec(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKeyPem(),
        ["PKCS#8, P-384"] = () => Ec(ECCurve.NamedCurves.nistP384).ExportPkcs8PrivateKeyPem(),
        ["SEC 1, as openssl writes it"] = () => Ec(ECCurve.NamedCurves.nistP256).ExportECPrivateKeyPem(),
        ["its curve in front"] = () => "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + Ec(ECCurve.NamedCurves.nistP256).ExportECPrivateKeyPem(),
        ["PKCS#1, cert-manager's"] = () => Rsa(2048).ExportRSAPrivateKeyPem(),
        ["PKCS#8, RSA"] = () => Rsa(3072).ExportPkcs8PrivateKeyPem(),
        ["words around the block"] = () => "a key\n" + Rsa(2048).ExportPkcs8PrivateKeyPem() + "\r\n\r\n",
        ["no ACME algorithm"] = () => Ec(ECCurve.NamedCurves.nistP521).ExportPkcs8PrivateKeyPem(),
        ["another curve"] = () => Ec(ECCurve.CreateFromFriendlyName("secp256k1")).ExportPkcs8PrivateKeyPem(),
        ["too small"] = () => Rsa(1024).ExportPkcs8PrivateKeyPem(),
        ["encrypted"] = () => Rsa(2048).ExportEncryptedPkcs8PrivateKeyPem("pw", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)),
        ["a public key"] = () => Rsa(2048).ExportSubjectPublicKeyInfoPem(),
        ["two keys"] = () => Rsa(2048).ExportPkcs8PrivateKeyPem() + "\n" + Rsa(2048).ExportPkcs8PrivateKeyPem(),
        ["no PEM"] = () => "c2VjcmV0LXNlY3JldA==",
        ["empty"] = () => "",
        ["cut off"] = () => Rsa(2048).ExportPkcs8PrivateKeyPem()[..800],
        ["its label lies"] = () => Rsa(2048).ExportPkcs8PrivateKeyPem().Replace("PRIVATE", "EC PRIVATE", StringComparison.Ordinal),
        ["garbage inside"] = () => "-----BEGIN PRIVATE KEY-----\nc2VjcmV0LXNlY3JldA==\n-----END PRIVATE KEY-----",
        ["too long to look"] = () => string.Concat(Enumerable.Repeat("-----BEGIN PRIVATE KEY-----\n", 500)),
    };

    [Theory]
    [InlineData("PKCS#8", "ES256")]
    [InlineData("PKCS#8, P-384", "ES384")]
    [InlineData("SEC 1, as openssl writes it", "ES256")]
    [InlineData("its curve in front", "ES256")]
    [InlineData("PKCS#1, cert-manager's", "RS256")]
    [InlineData("PKCS#8, RSA", "RS256")]
    [InlineData("words around the block", "RS256")]
    public void Takes(string because, string algorithm)
    {
        using var key = AccountKey.FromPem(Pems[because]());
        using var again = AccountKey.FromPem(key.ToPem());

        Assert.Equal(algorithm, key.Algorithm);
        Assert.Equal(key.Thumbprint, again.Thumbprint);
        Assert.Equal("***", key.ToString());
    }

    [Theory]
    [InlineData("no ACME algorithm", "P-384")]
    [InlineData("another curve", "curve")]
    [InlineData("too small", "2048")]
    [InlineData("encrypted", "encrypted")]
    [InlineData("a public key", "private key")]
    [InlineData("two keys", "more than one")]
    [InlineData("no PEM", "not PEM")]
    [InlineData("empty", "not PEM")]
    [InlineData("cut off", "well-formed")]
    [InlineData("its label lies", "cannot be read")]
    [InlineData("garbage inside", "cannot be read")]
    [InlineData("too long to look", "13000")]
    public void Refuses_in_words_that_hold_nothing_of_it(string because, string says)
    {
        var pem = Pems[because]();

        var refusal = Assert.Throws<FormatException>(() => AccountKey.FromPem(pem));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Null(refusal.InnerException);
        Assert.DoesNotContain(pem.Split('\n').Where(line => line.Length > 10 && !line.StartsWith('-')), line => refusal.Message.Contains(line[..10], StringComparison.Ordinal));
    }

    /// <summary>The key is that of RFC 7517 A.2, of which RFC 7638 shows the public half.</summary>
    [Fact]
    public void Has_the_thumbprint_of_RFC_7638_3_1()
    {
        const string P = "83i-7IvMGXoMXCskv73TKr8637FiO7Z27zv8oj6pbWUQyLPQBQxtPVnwD20R-60eTDmD2ujnMt5PoqMrm8RfmNhVWDtjjMmCMjOpSXicFHj7XOuVIYQyqVWlWEh6dN36GVZYk93N8Bc9vY41xy8B9RzzOGVQzXvNEvn7O0nVbfs";
        const string Q = "3dfOR9cuYq-0S-mkFLzgItgMEfFzB2q3hWehMuG0oCuqnb3vobLyumqjVZQO1dIrdwgTnCdpYzBcOfW5r370AFXjiWft_NGEiovonizhKpo9VVS78TzFgxkIdrecRezsZ-1kYd_s1qDbxtkDEgfAITAG9LUnADun4vIcb6yelxk";
        using var rsa = RSA.Create(FromPrimes(P, Q));
        using var key = AccountKey.FromPem(rsa.ExportRSAPrivateKeyPem());

        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", key.Thumbprint);
    }

    [Fact]
    public void Answers_a_challenge_with_token_and_thumbprint_and_its_hash_for_DNS()
    {
        using var key = AccountKey.Generate();

        Assert.Equal($"token.{key.Thumbprint}", key.KeyAuthorization("token"));
        Assert.Equal(Base64Url.EncodeToString(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes($"token.{key.Thumbprint}"))), key.DnsValue("token"));
    }

    [Fact]
    public async Task Signs_for_many_at_once()
    {
        using var key = AccountKey.Generate();
        var ca = new ScriptedCa { Answer = asked => asked.Method == "POST" ? ScriptedCa.Json(SomeAcme.Order) : null };
        var cancel = TestContext.Current.CancellationToken;

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(
            _ => Task.Run(() => ca.Client.GetOrderAsync(SomeAcme.Identity(key), SomeAcme.OrderUrl, cancel), cancel)));

        Assert.All(answers, answer => Assert.Equal("pending", answer.Value?.Status));
        Assert.Equal(64, ca.Posts.Select(each => each.Nonce).Distinct().Count());
    }

    [Theory]
    [InlineData("as cert-manager wants it", "_-8gAA", 4)]
    [InlineData("padded", "_-8gAA==", 4)]
    [InlineData("plain base64, with a line feed", "/+8gAA==\n", 4)]
    public void Reads_a_MAC_key(string because, string secret, int length)
    {
        Assert.True(Base64Url.DecodeFromChars("_-8gAA").Length == length, because);
        Assert.Equal("***", ExternalAccountKey.Parse("kid", secret).ToString());
    }

    [Theory]
    [InlineData("empty", "")]
    [InlineData("not base64", "s%cret")]
    public void Refuses_a_MAC_key(string because, string secret)
    {
        var refusal = Assert.Throws<FormatException>(() => ExternalAccountKey.Parse("kid", secret));

        Assert.False(secret.Length > 0 && refusal.Message.Contains(secret, StringComparison.Ordinal), because);
    }

    private static ECDsa Ec(ECCurve curve) => ECDsa.Create(curve);

    private static RSA Rsa(int size) => RSA.Create(size);

    private static RSAParameters FromPrimes(string p, string q)
    {
        var (a, b, e) = (Number(p), Number(q), new BigInteger(65537));
        var d = Inverse(e, (a - 1) * (b - 1));
        return new RSAParameters
        {
            Modulus = Octets(a * b, 256), Exponent = [1, 0, 1], D = Octets(d, 256), P = Octets(a, 128), Q = Octets(b, 128),
            DP = Octets(d % (a - 1), 128), DQ = Octets(d % (b - 1), 128), InverseQ = Octets(BigInteger.ModPow(b, a - 2, a), 128),
        };

        static BigInteger Number(string text) => new(Base64Url.DecodeFromChars(text), isUnsigned: true, isBigEndian: true);

        static byte[] Octets(BigInteger number, int length)
        {
            var octets = number.ToByteArray(isUnsigned: true, isBigEndian: true);
            return [.. new byte[length - octets.Length], .. octets];
        }

        static BigInteger Inverse(BigInteger number, BigInteger modulus)
        {
            var (r0, r1, t0, t1) = (modulus, number, BigInteger.Zero, BigInteger.One);
            while (r1 > 0) { var quotient = r0 / r1; (r0, r1, t0, t1) = (r1, r0 - (quotient * r1), t1, t0 - (quotient * t1)); }
            return t0 < 0 ? t0 + modulus : t0;
        }
    }
}
