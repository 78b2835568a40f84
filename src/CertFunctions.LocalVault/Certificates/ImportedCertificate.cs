using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.LocalVault.Certificates;

/// <summary>What an import brought: chain in the order given, leaf first, and the leaf's key. Holds a private key: dispose.</summary>
internal sealed class ImportedCertificate : IDisposable
{
    public required X509Certificate2 Leaf { get; init; }
    public required IReadOnlyList<ReadOnlyMemory<byte>> Chain { get; init; }
    public required AsymmetricAlgorithm Key { get; init; }
    public required string KeyType { get; init; }
    public int? SizeInBits { get; init; }
    public string? Curve { get; init; }

    /// <summary>One key; the leaf is the first certificate, or, unless the order is to be kept, the one the key belongs to.</summary>
    public static ImportedCertificate From(byte[] pkcs8, List<ReadOnlyMemory<byte>> chain, bool keepOrder)
    {
        var key = ReadKey(pkcs8);
        try
        {
            var spki = key.ExportSubjectPublicKeyInfo();
            var leaf = chain.FindIndex(certificate => Spki(certificate).AsSpan().SequenceEqual(spki));
            if (leaf < 0 || (keepOrder && leaf != 0))
            {
                throw VaultException.BadParameter("The private key does not belong to the first certificate.");
            }

            chain.Insert(0, chain[leaf]);
            chain.RemoveAt(leaf + 1);
            return Describe(key, chain);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The linked secret's PFX: no password, certificates leaf first. One iteration: an empty password is worth no more.</summary>
    public byte[] ToPfx()
    {
        var keyId = new Pkcs9LocalKeyId([1]);
        var certificates = new Pkcs12SafeContents();
        for (var i = 0; i < Chain.Count; i++)
        {
            var bag = new Pkcs12CertBag(X509Type, Asn1OctetString(Chain[i].Span));
            if (i == 0)
            {
                bag.Attributes.Add(keyId);
            }

            certificates.AddSafeBag(bag);
        }

        var keys = new Pkcs12SafeContents();
        keys.AddShroudedKey(Key, string.Empty, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)).Attributes.Add(keyId);
        var builder = new Pkcs12Builder();
        builder.AddSafeContentsUnencrypted(certificates);
        builder.AddSafeContentsUnencrypted(keys);
        builder.SealWithMac(string.Empty, HashAlgorithmName.SHA256, 1);
        return builder.Encode();
    }

    public string ToPem() => string.Join('\n',
        [Key.ExportPkcs8PrivateKeyPem(), .. Chain.Select(certificate => PemEncoding.WriteString("CERTIFICATE", certificate.Span))]) + "\n";

    public void Dispose()
    {
        Leaf.Dispose();
        Key.Dispose();
    }

    private static readonly Oid X509Type = new("1.2.840.113549.1.9.22.1");

    private static byte[] Asn1OctetString(ReadOnlySpan<byte> content)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        writer.WriteOctetString(content);
        return writer.Encode();
    }

    private static AsymmetricAlgorithm ReadKey(byte[] pkcs8)
    {
        var algorithm = Pkcs8PrivateKeyInfo.Decode(pkcs8, out _, skipCopy: true).AlgorithmId.Value;
        AsymmetricAlgorithm key = algorithm switch
        {
            "1.2.840.113549.1.1.1" => RSA.Create(),
            "1.2.840.10045.2.1" => ECDsa.Create(),
            _ => throw VaultException.BadParameter("The key type is not supported: RSA or EC is."),
        };
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return key;
    }

    private static byte[] Spki(ReadOnlyMemory<byte> certificate)
    {
        using var x509 = X509CertificateLoader.LoadCertificate(certificate.Span);
        return x509.PublicKey.ExportSubjectPublicKeyInfo();
    }

    private static ImportedCertificate Describe(AsymmetricAlgorithm key, List<ReadOnlyMemory<byte>> chain)
    {
        string? curve = null;
        if (key is ECDsa ec)
        {
            var named = ec.ExportParameters(includePrivateParameters: false).Curve;
            curve = named.IsNamed ? (named.Oid.Value, named.Oid.FriendlyName) switch
            {
                ("1.2.840.10045.3.1.7", _) or (_, "nistP256" or "ECDSA_P256") => "P-256",
                ("1.3.132.0.34", _) or (_, "nistP384" or "ECDSA_P384") => "P-384",
                ("1.3.132.0.35", _) or (_, "nistP521" or "ECDSA_P521") => "P-521",
                _ => null,
            } : null;
            if (curve is null)
            {
                throw VaultException.BadParameter("The curve is not supported: P-256, P-384 and P-521 are.");
            }
        }
        else if (key.KeySize is not (2048 or 3072 or 4096))
        {
            throw VaultException.BadParameter("The key size is not supported: 2048, 3072 and 4096 are.");
        }

        return new ImportedCertificate
        {
            Leaf = X509CertificateLoader.LoadCertificate(chain[0].Span),
            Chain = chain,
            Key = key,
            KeyType = curve is null ? "RSA" : "EC",
            SizeInBits = curve is null ? key.KeySize : null,
            Curve = curve,
        };
    }
}
