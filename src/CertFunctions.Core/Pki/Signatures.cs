using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdwardsCurve = Org.BouncyCastle.Math.EC.Rfc8032.Ed25519;

namespace CertFunctions.Core.Pki;

/// <summary>Checks signatures over CSRs and certificates.</summary>
internal static class Signatures
{
    private enum Family
    {
        Rsa,
        Ecdsa,
        Ed25519,
    }

    private const string Ed25519 = "1.3.101.112";

    /// <summary>False for every algorithm below SHA-256 (security A3, B23).</summary>
    public static bool IsAcceptable(string algorithmOid) => Find(algorithmOid) is { } found && found.Hash != HashAlgorithmName.SHA1;

    /// <summary>True when the signature is good. An unknown algorithm or unreadable key is false. SHA-1 verifies too: old roots are recognised, not trusted, by it.</summary>
    public static bool Verify(ReadOnlyMemory<byte> subjectPublicKeyInfo, string algorithmOid, ReadOnlySpan<byte> data, byte[] signature)
    {
        if (Find(algorithmOid) is not { } found) { return false; }

        try
        {
            if (found.Family is Family.Ed25519) { return VerifyEd25519(subjectPublicKeyInfo, data, signature); }
            if (found.Family is Family.Rsa)
            {
                using var rsa = RSA.Create();
                rsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo.Span, out _);
                return rsa.VerifyData(data, signature, found.Hash, RSASignaturePadding.Pkcs1);
            }

            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo.Span, out _);
            return ecdsa.VerifyData(data, signature, found.Hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException or ArgumentException or AsnContentException)
        {
            return false; // a curve or parameter that this platform does not know verifies nothing
        }
    }

    // .NET 10 knows no Ed25519 (dotnet/runtime#63174).
    private static bool VerifyEd25519(ReadOnlyMemory<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> data, byte[] signature)
    {
        var spki = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence();
        var isEd25519 = spki.ReadSequence().ReadObjectIdentifier() == Ed25519;
        var key = spki.ReadBitString(out _);
        return isEd25519 && key.Length == EdwardsCurve.PublicKeySize && signature.Length == EdwardsCurve.SignatureSize
            && EdwardsCurve.Verify(signature, 0, key, 0, data.ToArray(), 0, data.Length);
    }

    private static (Family Family, HashAlgorithmName Hash)? Find(string oid) => oid switch
    {
        "1.2.840.113549.1.1.5" => (Family.Rsa, HashAlgorithmName.SHA1),
        "1.2.840.113549.1.1.11" => (Family.Rsa, HashAlgorithmName.SHA256),
        "1.2.840.113549.1.1.12" => (Family.Rsa, HashAlgorithmName.SHA384),
        "1.2.840.113549.1.1.13" => (Family.Rsa, HashAlgorithmName.SHA512),
        "1.2.840.10045.4.1" => (Family.Ecdsa, HashAlgorithmName.SHA1),
        "1.2.840.10045.4.3.2" => (Family.Ecdsa, HashAlgorithmName.SHA256),
        "1.2.840.10045.4.3.3" => (Family.Ecdsa, HashAlgorithmName.SHA384),
        "1.2.840.10045.4.3.4" => (Family.Ecdsa, HashAlgorithmName.SHA512),
        Ed25519 => (Family.Ed25519, HashAlgorithmName.SHA512),
        _ => null,
    };
}

/// <summary>The values of the key usage and extended key usage extensions.</summary>
internal static class KeyUsages
{
    public static X509KeyUsageFlags Read(ReadOnlyMemory<byte> value) =>
        new X509KeyUsageExtension(new AsnEncodedData("2.5.29.15", value.Span), critical: true).KeyUsages;

    public static IEnumerable<string> ReadExtended(ReadOnlyMemory<byte> value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER).ReadSequence();
        var oids = new List<string>();
        while (reader.HasData) { oids.Add(reader.ReadObjectIdentifier()); }
        return oids;
    }
}
