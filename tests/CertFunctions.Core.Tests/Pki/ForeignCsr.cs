using System.Text;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>CSRs as strangers bring them: made by OpenSSL, never by our own code.</summary>
internal static class ForeignCsr
{
    /// <param name="key">What follows <c>openssl genpkey</c>, e.g. <c>-algorithm ed25519</c>.</param>
    /// <param name="arguments">What follows <c>openssl req -new</c>.</param>
    public static async Task<byte[]> OfAsync(string key, params string[] arguments)
    {
        using var openssl = new OpenSsl();
        await openssl.RunAsync(["genpkey", .. key.Split(' '), "-out", "key.pem"]);
        await openssl.RunAsync(["req", "-new", "-key", "key.pem", "-out", "csr.pem", .. arguments]);
        return openssl.Read("csr.pem");
    }

    public static Task<byte[]> WithAsync(string subject, params string[] extensions) =>
        OfAsync(Ec("P-256"), ["-subj", subject, .. extensions.SelectMany(each => (string[])["-addext", each])]);

    /// <summary>A CSR that must be taken.</summary>
    public static async Task<CsrFacts> ReadAsync(string subject, params string[] extensions) => Read(await WithAsync(subject, extensions));

    public static CsrFacts Read(byte[] pem)
    {
        var facts = SigningRequests.TryRead(pem, out var problem);
        Assert.Null(problem);
        return facts!;
    }

    public static string Ec(string curve) => $"-algorithm EC -pkeyopt ec_paramgen_curve:{curve}";

    /// <summary>More primes are found faster; 5 is the most that OpenSSL allows, for keys of 8192 bits.</summary>
    public static string Rsa(int bits, int primes = 2) => $"-algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -pkeyopt rsa_keygen_primes:{primes}";

    public static byte[] Pem(byte[] der) => Encoding.ASCII.GetBytes(System.Security.Cryptography.PemEncoding.WriteString("CERTIFICATE REQUEST", der));

    public static byte[] Der(byte[] pem) => Convert.FromBase64String(string.Concat(Encoding.ASCII.GetString(pem).Split('\n').Where(line => !line.StartsWith('-'))));
}
