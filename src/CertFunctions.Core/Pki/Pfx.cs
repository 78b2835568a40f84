using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using CertFunctions.Core.Ports;

namespace CertFunctions.Core.Pki;

/// <summary>PKCS#12, in the form that Key Vault imports and hands out.</summary>
public static class Pfx
{
    private const int MaxBytes = 400_000;

    private static readonly Oid X509Certificate = new("1.2.840.113549.1.9.22.1");

    // TLS and a random password protect it on its short way: more rounds would cost time and add nothing.
    private static readonly PbeParameters OneRound = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterationCount: 1);

    /// <summary>Base64 of a PFX: certificates leaf first as <c>openssl pkcs12</c> shows them, then the key. A root is the caller's to leave out.</summary>
    public static SecretText Build(PrivateKey key, IReadOnlyList<byte[]> chainLeafFirst, SecretText password)
    {
        var keyId = new Pkcs9LocalKeyId([1, 0, 0, 0]);
        var certificates = new Pkcs12SafeContents();
        for (var i = 0; i < chainLeafFirst.Count; i++)
        {
            var bag = new Pkcs12CertBag(X509Certificate, OctetString(chainLeafFirst[i]));
            if (i == 0) { bag.Attributes.Add(keyId); }
            certificates.AddSafeBag(bag);
        }

        var keys = new Pkcs12SafeContents();
        keys.AddShroudedKey(key.Key, password.Reveal(), OneRound).Attributes.Add(keyId);

        var builder = new Pkcs12Builder();
        builder.AddSafeContentsEncrypted(certificates, password.Reveal(), OneRound);
        builder.AddSafeContentsUnencrypted(keys);
        builder.SealWithMac(password.Reveal(), HashAlgorithmName.SHA256, iterationCount: 1);
        return new SecretText(Convert.ToBase64String(builder.Encode()));
    }

    /// <summary>A random password of 43 characters, safe in JSON and on a command line.</summary>
    public static SecretText NewPassword() =>
        new(System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Key and certificates, the key's own first, the others as found. Throws <see cref="CryptographicException"/> without any content.</summary>
    /// <param name="password">Empty for what Key Vault returns. A PFX without MAC or encryption is read too.</param>
    public static (PrivateKey Key, IReadOnlyList<byte[]> Certificates) Read(SecretText pfxBase64, string password)
    {
        var octets = Array.Empty<byte>();
        PrivateKey? key = null;
        try
        {
            octets = Convert.FromBase64String(pfxBase64.Reveal());
            if (octets.Length > MaxBytes) { throw new CryptographicException($"The PFX has more than {MaxBytes} bytes."); }

            var info = Pkcs12Info.Decode(octets, out _, skipCopy: true);
            if (info.IntegrityMode is Pkcs12IntegrityMode.Password && !info.VerifyMac(password))
            {
                throw new CryptographicException("The PFX does not open with this password.");
            }

            var certificates = new List<byte[]>();
            foreach (var bag in info.AuthenticatedSafe.SelectMany(contents => Open(contents, password)))
            {
                if (bag is Pkcs12CertBag { IsX509Certificate: true } certificate)
                {
                    certificates.Add(AsnDecoder.ReadOctetString(certificate.EncodedCertificate.Span, AsnEncodingRules.BER, out _));
                }

                if (ReadKey(bag, password) is { } found) { key = key is null ? found : throw new CryptographicException("The PFX holds more than one key."); }
            }

            if (key is null) { throw new CryptographicException("The PFX holds no private key."); }

            var hash = key.KeyHash;
            return (key, [.. certificates.OrderBy(der => DerCertificate.Read(der).KeyHash == hash ? 0 : 1)]);
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException or AsnContentException
            or PlatformNotSupportedException or ArgumentException or InvalidOperationException or OverflowException)
        {
            key?.Dispose();
            throw exception as CryptographicException ?? new CryptographicException("The PFX cannot be read.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    private static IEnumerable<Pkcs12SafeBag> Open(Pkcs12SafeContents contents, string password)
    {
        if (contents.ConfidentialityMode is Pkcs12ConfidentialityMode.Password) { contents.Decrypt(password); }

        return contents.GetBags();
    }

    private static byte[] OctetString(byte[] content)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(content);
        return writer.Encode();
    }

    private static PrivateKey? ReadKey(Pkcs12SafeBag bag, string password)
    {
        switch (bag)
        {
            case Pkcs12KeyBag plain:
                return PrivateKey.FromPkcs8(plain.Pkcs8PrivateKey.Span);
            case Pkcs12ShroudedKeyBag shrouded:
                var opened = Pkcs8PrivateKeyInfo.DecryptAndDecode(password, shrouded.EncryptedPkcs8PrivateKey, out _).Encode();
                try
                {
                    return PrivateKey.FromPkcs8(opened);
                }
                finally
                {
                    CryptographicOperations.ZeroMemory(opened);
                }

            default:
                return null;
        }
    }
}
