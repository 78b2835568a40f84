using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Pkcs10 = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace CertFunctions;

/// <summary>CSRs of RSA keys that nobody should have. Their private keys are not known here, so another key signs: a reader that gets as far as that has missed the weakness.</summary>
internal static class WeakCsr
{
    /// <param name="weakness"><c>short</c>, <c>small</c> (factor), <c>roca</c> or <c>close</c> (primes).</param>
    public static byte[] Of(string weakness)
    {
        var key = new AsnWriter(AsnEncodingRules.DER);
        using (key.PushSequence())
        {
            key.WriteInteger(Modulus(weakness));
            key.WriteInteger(65537);
        }

        var spki = new AsnWriter(AsnEncodingRules.DER);
        using (spki.PushSequence())
        {
            using (spki.PushSequence())
            {
                spki.WriteObjectIdentifier("1.2.840.113549.1.1.1");
                spki.WriteNull();
            }

            spki.WriteBitString(key.Encode());
        }

        using var other = RSA.Create(2048);
        var request = new Pkcs10(new X500DistinguishedName("CN=web"), PublicKey.CreateFromSubjectPublicKeyInfo(spki.Encode(), out _), HashAlgorithmName.SHA256);
        var der = request.CreateSigningRequest(X509SignatureGenerator.CreateForRSA(other, RSASignaturePadding.Pkcs1));
        return Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE REQUEST", der));
    }

    private static BigInteger Modulus(string weakness)
    {
        int[] primes = [.. Enumerable.Range(3, 750).Where(n => Enumerable.Range(2, n - 2).TakeWhile(d => d * d <= n).All(d => n % d != 0))];
        bool HasSmallFactor(BigInteger n) => n.IsEven || primes.Any(prime => n % prime == 0);
        var high = (BigInteger.One << 2047) + (BigInteger.One << 2046);
        switch (weakness)
        {
            case "short":
                return (BigInteger.One << 1023) + 1;
            case "small":
                return high + 3 - (high % 3);
            case "roca":
                var product = primes.Where(prime => prime <= 167).Aggregate(BigInteger.One, (all, prime) => all * prime);
                var roca = high - (high % product) + BigInteger.ModPow(65537, 5, product);
                while (HasSmallFactor(roca)) { roca += product; }
                return roca;
            default:
                var a = (BigInteger.One << 1023) + (BigInteger.One << 1022) + 1;
                while (HasSmallFactor((a * a) - 4)) { a++; }
                return (a * a) - 4;
        }
    }
}
