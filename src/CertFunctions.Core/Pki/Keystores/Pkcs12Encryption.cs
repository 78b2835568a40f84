using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Paddings;
using Org.BouncyCastle.Crypto.Parameters;

namespace CertFunctions.Core.Pki.Keystores;

/// <summary>Password-based encryption and sealing (RFC 7292 appendix B, RFC 8018, RFC 9579). BouncyCastle has what .NET lacks: RC2 and the PKCS#12 key derivation.</summary>
/// <param name="octets">Where salts and initialisation vectors come from; null: random.</param>
internal sealed class Pkcs12Encryption(Pkcs12Profile profile, string password, Func<int, byte[]>? octets = null)
{
    private const string Rc2Oid = "1.2.840.113549.1.12.1.6";
    private const string TripleDesOid = "1.2.840.113549.1.12.1.3";
    private const string Pbes2 = "1.2.840.113549.1.5.13";
    private const string Pbkdf2 = "1.2.840.113549.1.5.12";
    private const string Pbmac1 = "1.2.840.113549.1.5.14";
    private const string HmacSha256 = "1.2.840.113549.2.9";
    private const string Aes256Cbc = "2.16.840.1.101.3.4.1.42";
    private const string Sha1 = "1.3.14.3.2.26";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const int Aes256KeyLength = 32;

    private readonly Func<int, byte[]> _octets = octets ?? RandomNumberGenerator.GetBytes;

    /// <summary>Writes the AlgorithmIdentifier and returns the ciphertext that belongs to it.</summary>
    public byte[] Encrypt(AsnWriter algorithm, Pkcs12Cipher cipher, byte[] plain)
    {
        var salt = _octets(profile.SaltLength);
        return cipher switch
        {
            Pkcs12Cipher.Rc2 => Legacy(algorithm, Rc2Oid, "RC2", keyBits: 40, new RC2Engine(), salt, plain),
            Pkcs12Cipher.TripleDes => Legacy(algorithm, TripleDesOid, "DESEDE", keyBits: 192, new DesEdeEngine(), salt, plain),
            _ => Modern(algorithm, salt, plain),
        };
    }

    /// <summary>Writes MacData over the authenticated safe.</summary>
    public void Seal(AsnWriter file, byte[] content)
    {
        var salt = _octets(profile.SaltLength);
        using (file.PushSequence())
        {
            using (file.PushSequence())
            {
                file.WriteOctetString(profile.Mac switch
                {
                    Pkcs12Mac.Pbmac1 => WritePbmac1(file, salt, content),
                    Pkcs12Mac.Sha256 => WriteMac(file, Sha256, new Sha256Digest(), salt, key => HMACSHA256.HashData(key, content)),
#pragma warning disable CA5350 // what the profile is for: readers that know nothing newer
                    _ => WriteMac(file, Sha1, new Sha1Digest(), salt, key => HMACSHA1.HashData(key, content)),
#pragma warning restore CA5350
                });
            }

            // RFC 9579 §5: with PBMAC1 both fields mean nothing.
            file.WriteOctetString(profile.Mac is Pkcs12Mac.Pbmac1 ? "NOT USED"u8 : salt);
            if (profile.Mac is not Pkcs12Mac.Pbmac1 && profile.MacIterations > 1) { file.WriteInteger(profile.MacIterations); }
        }
    }

    private byte[] Legacy(AsnWriter algorithm, string oid, string name, int keyBits, IBlockCipher engine, byte[] salt, byte[] plain)
    {
        using (algorithm.PushSequence())
        {
            algorithm.WriteObjectIdentifier(oid);
            using (algorithm.PushSequence())
            {
                algorithm.WriteOctetString(salt);
                algorithm.WriteInteger(profile.EncryptionIterations);
            }
        }

        var parameters = Derivation(new Sha1Digest(), salt, profile.EncryptionIterations)
            .GenerateDerivedParameters(name, keyBits, ivSize: 8 * engine.GetBlockSize());
        var cipher = new PaddedBufferedBlockCipher(new CbcBlockCipher(engine));
        cipher.Init(forEncryption: true, parameters);
        return cipher.DoFinal(plain);
    }

    private byte[] Modern(AsnWriter algorithm, byte[] salt, byte[] plain)
    {
        using var aes = Aes.Create();
        aes.Key = Derive(salt, profile.EncryptionIterations);
        aes.IV = _octets(aes.BlockSize / 8);
        using (algorithm.PushSequence())
        {
            algorithm.WriteObjectIdentifier(Pbes2);
            using (algorithm.PushSequence())
            {
                WritePbkdf2(algorithm, salt, profile.EncryptionIterations, keyLength: null);
                using (algorithm.PushSequence())
                {
                    algorithm.WriteObjectIdentifier(Aes256Cbc);
                    algorithm.WriteOctetString(aes.IV);
                }
            }
        }

        return aes.EncryptCbc(plain, aes.IV);
    }

    private byte[] WriteMac(AsnWriter file, string oid, IDigest digest, byte[] salt, Func<byte[], byte[]> mac)
    {
        using (file.PushSequence())
        {
            file.WriteObjectIdentifier(oid);
            file.WriteNull();
        }

        var parameters = Derivation(digest, salt, profile.MacIterations).GenerateDerivedMacParameters(8 * digest.GetDigestSize());
        return mac(((KeyParameter)parameters).GetKey());
    }

    private byte[] WritePbmac1(AsnWriter file, byte[] salt, byte[] content)
    {
        using (file.PushSequence())
        {
            file.WriteObjectIdentifier(Pbmac1);
            using (file.PushSequence())
            {
                WritePbkdf2(file, salt, profile.MacIterations, HMACSHA256.HashSizeInBytes);
                WriteHmac(file);
            }
        }

        return HMACSHA256.HashData(Derive(salt, profile.MacIterations), content);
    }

    private static void WritePbkdf2(AsnWriter algorithm, byte[] salt, int iterations, int? keyLength)
    {
        using (algorithm.PushSequence())
        {
            algorithm.WriteObjectIdentifier(Pbkdf2);
            using (algorithm.PushSequence())
            {
                algorithm.WriteOctetString(salt);
                algorithm.WriteInteger(iterations);
                if (keyLength is { } length) { algorithm.WriteInteger(length); }
                WriteHmac(algorithm);
            }
        }
    }

    private static void WriteHmac(AsnWriter algorithm)
    {
        using (algorithm.PushSequence())
        {
            algorithm.WriteObjectIdentifier(HmacSha256);
            algorithm.WriteNull();
        }
    }

    // PBES2 and PBMAC1 take the password in UTF-8, the older scheme as a BMPString with its terminating zero.
    private byte[] Derive(byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, Aes256KeyLength);

    private Pkcs12ParametersGenerator Derivation(IDigest digest, byte[] salt, int iterations)
    {
        var generator = new Pkcs12ParametersGenerator(digest);
        generator.Init(PbeParametersGenerator.Pkcs12PasswordToBytes(password.ToCharArray()), salt, iterations);
        return generator;
    }
}
