using System.Formats.Asn1;
using System.Security.Cryptography;
using EdwardsCurve = Org.BouncyCastle.Math.EC.Rfc8032.Ed25519;

namespace CertFunctions.Core.Pki;

/// <summary>A public key that passed the policy.</summary>
internal sealed record PublicKeyFacts(string Algorithm, int SizeInBits);

/// <summary>Which keys are taken at all, whoever brings them (security A2): known kind and size, and none of the known-weak shapes.</summary>
internal static class KeyPolicy
{
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string Ed25519 = "1.3.101.112";
    private const int SmallestRsa = 2048;
    private const int LargestRsa = 8192;

    /// <summary>Null and the key's facts when it is acceptable; otherwise what is wrong, fit for a message.</summary>
    public static string? Problem(ReadOnlyMemory<byte> subjectPublicKeyInfo, out PublicKeyFacts? facts)
    {
        try
        {
            return Check(subjectPublicKeyInfo, out facts);
        }
        catch (AsnContentException)
        {
            facts = null;
            return "the public key is malformed";
        }
    }

    public static bool IsRsaPkcs8(ReadOnlySpan<byte> pkcs8)
    {
        try
        {
            AsnDecoder.ReadSequence(pkcs8, AsnEncodingRules.BER, out var offset, out var length, out _);
            var rest = pkcs8.Slice(offset, length);
            AsnDecoder.ReadInteger(rest, AsnEncodingRules.BER, out var read);
            rest = rest[read..];
            AsnDecoder.ReadSequence(rest, AsnEncodingRules.BER, out offset, out length, out _);
            return AsnDecoder.ReadObjectIdentifier(rest.Slice(offset, length), AsnEncodingRules.BER, out _) == RsaEncryption;
        }
        catch (AsnContentException)
        {
#pragma warning disable MA0054 // without the inner exception: nothing of a key's bytes may travel
            throw new CryptographicException("The private key is not PKCS#8.");
#pragma warning restore MA0054
        }
    }

    private static string? Check(ReadOnlyMemory<byte> subjectPublicKeyInfo, out PublicKeyFacts? facts)
    {
        facts = null;
        var outer = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER);
        var spki = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var algorithm = spki.ReadSequence();
        var kind = algorithm.ReadObjectIdentifier();
        var key = spki.ReadBitString(out var unusedBits);
        spki.ThrowIfNotEmpty();
        if (unusedBits != 0) { return "the public key is malformed"; }

        switch (kind)
        {
            case RsaEncryption:
                return RsaProblem(key, algorithm.HasData, out facts);
            case EcPublicKey when algorithm.HasData && algorithm.PeekTag() == Asn1Tag.ObjectIdentifier:
                return EcProblem(algorithm.ReadObjectIdentifier(), subjectPublicKeyInfo.Span, out facts);
            case EcPublicKey:
                return "the curve must be named, not given by its parameters";
            case Ed25519:
                return Ed25519Problem(key, algorithm.HasData, out facts);
            default:
                return "only RSA, ECDSA and Ed25519 keys are supported";
        }
    }

    /// <summary>The size comes first: what follows takes time that grows with it.</summary>
    private static string? RsaProblem(byte[] key, bool hasParameters, out PublicKeyFacts? facts)
    {
        var reader = new AsnReader(key, AsnEncodingRules.DER).ReadSequence();
        var modulus = reader.ReadInteger();
        var exponent = reader.ReadInteger();
        reader.ThrowIfNotEmpty();
        var size = modulus.Sign > 0 ? (int)modulus.GetBitLength() : 0;
        facts = new PublicKeyFacts(KeyDefaults.Rsa, size);
        if (size is < SmallestRsa or > LargestRsa) { return $"RSA keys must have {SmallestRsa} to {LargestRsa} bits, not {size}"; }
        if (exponent != 65537) { return "RSA keys must have the public exponent 65537"; }

        return hasParameters ? WeakRsa.Problem(modulus) : "the RSA key lacks the NULL parameters of RFC 3279 §2.3.1";
    }

    /// <summary>RFC 8410: no parameters, 32 octets. A point of small order would verify signatures that nobody made.</summary>
    private static string? Ed25519Problem(byte[] key, bool hasParameters, out PublicKeyFacts? facts)
    {
        facts = null;
        if (hasParameters || key.Length != EdwardsCurve.PublicKeySize || !EdwardsCurve.ValidatePublicKeyFull(key, 0)) { return "the Ed25519 key is not a point of the curve's main group"; }

        facts = new PublicKeyFacts(KeyDefaults.Ed25519, 256);
        return null;
    }

    private static string? EcProblem(string curve, ReadOnlySpan<byte> spki, out PublicKeyFacts? facts)
    {
        facts = null;
        var size = curve switch { "1.2.840.10045.3.1.7" => 256, "1.3.132.0.34" => 384, "1.3.132.0.35" => 521, _ => 0 };
        if (size == 0) { return "ECDSA keys must be on the curve P-256, P-384 or P-521"; }

        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(spki, out _); // refuses a point off the curve
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException or ArgumentException)
        {
            return "the point is not on the curve";
        }

        facts = new PublicKeyFacts(KeyDefaults.Ecdsa, size);
        return null;
    }
}
