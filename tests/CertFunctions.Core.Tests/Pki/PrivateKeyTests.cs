using System.Security.Cryptography;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Pki;

public sealed class PrivateKeyTests
{
    [Theory]
    [InlineData("RSA", 2048)]
    [InlineData("RSA", 3072)]
    [InlineData("ECDSA", 256)]
    [InlineData("ECDSA", 384)]
    [InlineData("ECDSA", 521)]
    public void Comes_back_from_PKCS8_as_it_was(string algorithm, int sizeInBits)
    {
        using var key = PrivateKey.Generate(algorithm, sizeInBits);

        using var again = PrivateKey.FromPkcs8Base64(key.ToPkcs8Base64());

        Assert.Equal((algorithm, sizeInBits, key.KeyHash), (again.Algorithm, again.SizeInBits, again.KeyHash));
    }

    [Fact]
    public void Prints_as_stars()
    {
        using var key = Issued.Key();

        Assert.Equal("***", $"{key}");
    }

    [Theory]
    [InlineData("RSA", 1024)]
    [InlineData("RSA", 2049)]
    [InlineData("ECDSA", 224)]
    [InlineData("Ed25519", 256)]
    public void Makes_no_key_that_Key_Vault_does_not_take(string algorithm, int sizeInBits) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PrivateKey.Generate(algorithm, sizeInBits));

    [Fact]
    public void Refuses_stored_nonsense_without_repeating_it()
    {
        var failure = Assert.ThrowsAny<CryptographicException>(() => PrivateKey.FromPkcs8Base64("c2VjcmV0"));

        Assert.DoesNotContain("c2VjcmV0", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_stored_RSA_1024_key()
    {
        using var weak = RSA.Create(1024);

        Assert.Throws<CryptographicException>(() => PrivateKey.FromPkcs8Base64(Convert.ToBase64String(weak.ExportPkcs8PrivateKey())));
    }

    [Theory]
    [InlineData("nothing said", null, null, "RSA", 2048)]
    [InlineData("ECDSA without size", "ECDSA", null, "ECDSA", 256)]
    [InlineData("ECDSA with size", "ECDSA", 384, "ECDSA", 384)]
    [InlineData("RSA with size", "RSA", 4096, "RSA", 4096)]
    [InlineData("size alone", null, 3072, "RSA", 3072)]
    public void Reads_the_key_of_a_spec(string because, string? algorithm, int? size, string expectedAlgorithm, int expectedSize)
    {
        var spec = Issued.Spec("web") with { PrivateKey = new PrivateKeySpec { Algorithm = algorithm, Size = size } };

        Assert.True(KeyDefaults.Of(spec) == (expectedAlgorithm, expectedSize), because);
    }

    [Theory]
    [InlineData("leaf by default", false, null, false)]
    [InlineData("leaf told Never", false, "Never", true)]
    [InlineData("CA by default", true, null, true)]
    [InlineData("CA told Always", true, "Always", false)]
    public void Knows_when_the_key_stays(string because, bool isCA, string? policy, bool keeps)
    {
        var spec = Issued.Spec("ca") with { IsCA = isCA, PrivateKey = new PrivateKeySpec { RotationPolicy = policy } };

        Assert.True(KeyDefaults.KeepsKey(spec) == keeps, because);
    }
}
