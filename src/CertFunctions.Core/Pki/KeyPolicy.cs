using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace CertFunctions.Core.Pki;

/// <summary>A public key that passed the policy.</summary>
internal sealed record PublicKeyFacts(string Algorithm, int SizeInBits);

/// <summary>Which keys are taken at all, whoever brings them (security A2): known kind and size, and none of the known-weak shapes.</summary>
internal static class KeyPolicy
{
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const int FermatRounds = 100;

    private static readonly int[] SmallPrimes = [.. Enumerable.Range(2, 750).Where(n => Enumerable.Range(2, n - 2).TakeWhile(d => d * d <= n).All(d => n % d != 0))];
    private static readonly BigInteger SmallPrimeProduct = SmallPrimes.Aggregate(BigInteger.One, (product, prime) => product * prime);
    private static readonly int[] RocaPrimes = [.. SmallPrimes.Where(prime => prime is > 2 and <= 167)];
    private static readonly HashSet<int>[] RocaResidues = [.. RocaPrimes.Select(PowersOf65537)];

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
        var spki = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence();
        var algorithm = spki.ReadSequence();
        switch (algorithm.ReadObjectIdentifier())
        {
            case RsaEncryption:
                return RsaProblem(spki.ReadBitString(out _), out facts);
            case EcPublicKey when algorithm.PeekTag() == Asn1Tag.ObjectIdentifier:
                return EcProblem(algorithm.ReadObjectIdentifier(), subjectPublicKeyInfo.Span, out facts);
            case EcPublicKey:
                return "the curve must be named, not given by its parameters";
            default:
                return "only RSA and ECDSA keys are supported";
        }
    }

    private static string? RsaProblem(byte[] key, out PublicKeyFacts? facts)
    {
        var reader = new AsnReader(key, AsnEncodingRules.DER).ReadSequence();
        var modulus = reader.ReadInteger();
        var exponent = reader.ReadInteger();
        var size = modulus.Sign > 0 ? (int)modulus.GetBitLength() : 0;
        facts = new PublicKeyFacts(KeyDefaults.Rsa, size);
        if (size is not (2048 or 3072 or 4096)) { return $"RSA keys must have 2048, 3072 or 4096 bits, not {size}"; }
        if (exponent != 65537) { return "RSA keys must have the public exponent 65537"; }
        if (!BigInteger.GreatestCommonDivisor(modulus, SmallPrimeProduct).IsOne) { return "the RSA modulus has a small factor"; }
        if (HasRocaFingerprint(modulus)) { return "the RSA key was made by a generator with the ROCA flaw (CVE-2017-15361)"; }

        return HasCloseFactors(modulus) ? "the factors of the RSA modulus are too close together" : null;
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

    private static bool HasRocaFingerprint(BigInteger modulus)
    {
        for (var i = 0; i < RocaPrimes.Length; i++)
        {
            if (!RocaResidues[i].Contains((int)(modulus % RocaPrimes[i]))) { return false; }
        }

        return true;
    }

    private static HashSet<int> PowersOf65537(int prime)
    {
        var powers = new HashSet<int>();
        for (var power = 1; powers.Add(power); power = (int)(power * 65537L % prime)) { }
        return powers;
    }

    /// <summary>Fermat's factorisation: succeeds within few rounds only when the primes nearly agree (CVE-2022-26320).</summary>
    private static bool HasCloseFactors(BigInteger modulus)
    {
        var a = SquareRoot(modulus);
        if (a * a < modulus) { a++; }

        // a² - n must become a square b²; from one a to the next it grows by 2a + 1.
        var rest = (a * a) - modulus;
        for (var round = 0; round < FermatRounds; round++)
        {
            if (MayBeSquare(rest))
            {
                var b = SquareRoot(rest);
                if (b * b == rest) { return true; }
            }

            rest += (2 * a) + 1;
            a++;
        }

        return false;
    }

    private static bool MayBeSquare(BigInteger value) => ((int)(value & 15)) is 0 or 1 or 4 or 9;

    private static BigInteger SquareRoot(BigInteger value)
    {
        if (value.IsZero) { return value; }

        var guess = BigInteger.One << (int)((value.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (guess + (value / guess)) >> 1;
            if (next >= guess) { return guess; }
            guess = next;
        }
    }
}
