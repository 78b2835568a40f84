using System.Numerics;

namespace CertFunctions.Core.Pki;

/// <summary>RSA moduli that can be factored without effort: small factors, the ROCA generator, primes that nearly agree.</summary>
internal static class WeakRsa
{
    private const int FermatRounds = 100;

    private static readonly int[] SmallPrimes = [.. Enumerable.Range(2, 750).Where(n => Enumerable.Range(2, n - 2).TakeWhile(d => d * d <= n).All(d => n % d != 0))];
    private static readonly BigInteger SmallPrimeProduct = SmallPrimes.Aggregate(BigInteger.One, (product, prime) => product * prime);
    private static readonly int[] RocaPrimes = [.. SmallPrimes.Where(prime => prime is > 2 and <= 167)];
    private static readonly HashSet<int>[] RocaResidues = [.. RocaPrimes.Select(PowersOf65537)];

    /// <summary>Null for a modulus without a known weakness. Takes milliseconds up to 8192 bits; check the size first.</summary>
    public static string? Problem(BigInteger modulus)
    {
        if (!BigInteger.GreatestCommonDivisor(modulus, SmallPrimeProduct).IsOne) { return "the RSA modulus has a small factor"; }
        if (HasRocaFingerprint(modulus)) { return "the RSA key was made by a generator with the ROCA flaw (CVE-2017-15361)"; }

        return HasCloseFactors(modulus) ? "the factors of the RSA modulus are too close together" : null;
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

    /// <summary>Squares leave few remainders; five in six other numbers end here, before a root is drawn.</summary>
    private static bool MayBeSquare(BigInteger value) => ((int)(value & 63)) is 0 or 1 or 4 or 9 or 16 or 17 or 25 or 33 or 36 or 41 or 49 or 57;

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
