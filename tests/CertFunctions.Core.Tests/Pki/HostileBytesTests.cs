using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Ports;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>Bytes from strangers end in the documented failure, never in another exception.</summary>
public sealed class HostileBytesTests
{
    private const int Rounds = 1500;

    [Fact]
    public void Damaged_certificates_are_format_exceptions()
    {
        using var key = Issued.Key();
        var good = Issued.Root(key);

        foreach (var bad in Damaged(good, seed: 1))
        {
            try
            {
                X509Facts.Read(bad);
            }
            catch (FormatException)
            {
                // as documented
            }

            Assert.NotNull(Chains.Build([bad, good]));
        }
    }

    [Fact]
    public void Damaged_requests_are_refused_with_a_sentence()
    {
        using var key = Issued.Key();
        var pem = Encoding.ASCII.GetString(SigningRequests.Create(Issued.Spec("web", "web.example"), key).Span);
        var good = Convert.FromBase64String(string.Concat(pem.Split('\n').Where(line => !line.StartsWith('-'))));

        foreach (var bad in Damaged(good, seed: 2))
        {
            Assert.Null(SigningRequests.TryRead(Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE REQUEST", bad)), out var problem));
            Assert.False(string.IsNullOrEmpty(problem));
        }
    }

    [Fact]
    public void Damaged_PFX_are_cryptographic_exceptions()
    {
        using var key = Issued.Key();
        var good = Convert.FromBase64String(Pfx.Build(key, [Issued.Root(key)], new SecretText("")).Reveal());

        foreach (var bad in Damaged(good, seed: 3))
        {
            Assert.ThrowsAny<CryptographicException>(() => Pfx.Read(new SecretText(Convert.ToBase64String(bad)), "").Key.Dispose());
        }
    }

    [Fact]
    public void An_RSA_key_comes_back_from_a_PFX()
    {
        using var key = PrivateKey.Generate("RSA", 2048);

        using var again = Pfx.Read(Pfx.Build(key, [Issued.Root(key)], new SecretText("")), "").Key;

        Assert.Equal(key.KeyHash, again.KeyHash);
    }

    [Fact]
    public void Facts_travel_as_JSON()
    {
        using var key = Issued.Key();
        var facts = X509Facts.Read(SelfSigner.Sign(Issued.Csr(Issued.Spec("web", "web.example"), key), key, Issued.Terms()));

        Assert.Equal(facts, JsonSerializer.Deserialize<CertFacts>(JsonSerializer.Serialize(facts)));
    }

    private static IEnumerable<byte[]> Damaged(byte[] good, int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var bad = round % 10 == 0 ? good[..random.Next(good.Length)] : [.. good];
            for (var i = random.Next(1, 4); i > 0 && bad.Length > 0; i--) { bad[random.Next(bad.Length)] ^= (byte)random.Next(1, 256); }
            if (!bad.AsSpan().SequenceEqual(good)) { yield return bad; }
        }
    }
}
