using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.Core.Pki;

/// <summary>The secret half of a key pair, RSA or ECDSA: made, stored as PKCS#8, used to sign.</summary>
/// <remarks>Prints as <c>***</c>. Belongs to one thread at a time. Sizes are those Key Vault takes: RSA 2048, 3072, 4096; ECDSA 256, 384, 521.</remarks>
public sealed class PrivateKey : IDisposable
{
    private readonly AsymmetricAlgorithm _key;
    private readonly byte[] _publicKey;

    private PrivateKey(AsymmetricAlgorithm key)
    {
        _key = key;
        _publicKey = key.ExportSubjectPublicKeyInfo();
        KeyHash = Convert.ToHexStringLower(SHA256.HashData(_publicKey));
    }

    /// <summary><c>RSA</c> or <c>ECDSA</c>.</summary>
    public string Algorithm => _key is RSA ? KeyDefaults.Rsa : KeyDefaults.Ecdsa;

    public int SizeInBits => _key.KeySize;

    /// <summary>SHA-256 of SubjectPublicKeyInfo, lower-case hex: the same for a key, its CSRs and its certificates.</summary>
    public string KeyHash { get; }

    internal ReadOnlyMemory<byte> SubjectPublicKeyInfo => _publicKey;

    /// <summary>A new key from the operating system's random source. Throws on an algorithm or size outside the list above.</summary>
    public static PrivateKey Generate(string algorithm, int sizeInBits) => (algorithm, sizeInBits) switch
    {
        (KeyDefaults.Rsa, 2048 or 3072 or 4096) => new PrivateKey(RSA.Create(sizeInBits)),
        (KeyDefaults.Ecdsa, 256) => new PrivateKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)),
        (KeyDefaults.Ecdsa, 384) => new PrivateKey(ECDsa.Create(ECCurve.NamedCurves.nistP384)),
        (KeyDefaults.Ecdsa, 521) => new PrivateKey(ECDsa.Create(ECCurve.NamedCurves.nistP521)),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), $"{algorithm} with {sizeInBits} bits is not offered."),
    };

    /// <summary>Throws <see cref="CryptographicException"/>, without the text, when it is no key of a kind and size offered here.</summary>
    public static PrivateKey FromPkcs8Base64(string base64)
    {
        var octets = new byte[base64.Length];
        try
        {
            return Convert.TryFromBase64String(base64, octets, out var length)
                ? FromPkcs8(octets.AsSpan(0, length))
                : throw new CryptographicException("The stored private key is not base64.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    public string ToPkcs8Base64()
    {
        var octets = _key.ExportPkcs8PrivateKey();
        try
        {
            return Convert.ToBase64String(octets);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    public override string ToString() => "***";

    public void Dispose() => _key.Dispose();

    internal static PrivateKey FromPkcs8(ReadOnlySpan<byte> pkcs8)
    {
        var key = ImportAny(pkcs8);
        var made = new PrivateKey(key);
        if (KeyPolicy.Problem(made._publicKey, out _) is not { } problem) { return made; }

        made.Dispose();
        throw new CryptographicException($"The private key is not usable: {problem}.");
    }

    /// <summary>Signs with the hash that fits the key (cert-manager: RSA below 3072 bits SHA-256, below 4096 SHA-384, else SHA-512; P-256/384/521 likewise).</summary>
    internal X509SignatureGenerator NewGenerator() => _key switch
    {
        RSA rsa => X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1),
        ECDsa ecdsa => X509SignatureGenerator.CreateForECDsa(ecdsa),
        _ => throw new InvalidOperationException("Neither RSA nor ECDSA."),
    };

    internal HashAlgorithmName Hash => (_key, _key.KeySize) switch
    {
        (RSA, < 3072) or (ECDsa, 256) => HashAlgorithmName.SHA256,
        (RSA, < 4096) or (ECDsa, 384) => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };

    internal byte[] ExportPkcs8() => _key.ExportPkcs8PrivateKey();

    internal AsymmetricAlgorithm Key => _key;

    private static AsymmetricAlgorithm ImportAny(ReadOnlySpan<byte> pkcs8)
    {
        AsymmetricAlgorithm key = KeyPolicy.IsRsaPkcs8(pkcs8) ? RSA.Create() : ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(pkcs8, out var read);
            if (read != pkcs8.Length) { throw new CryptographicException("Bytes follow the private key."); }

            return key;
        }
        catch (Exception exception) when (exception is PlatformNotSupportedException or ArgumentException)
        {
            key.Dispose();
            throw new CryptographicException("The private key is of a kind that is not offered here.", exception);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
