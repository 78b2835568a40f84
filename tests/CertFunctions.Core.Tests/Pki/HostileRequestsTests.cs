using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertFunctions.Core.Pki;
using Pkcs10 = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>Input made to burn time ends within 100 ms of this thread's processor time, each with its sentence.</summary>
public sealed class HostileRequestsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);

    public static TheoryData<string, string> Hostile => new()
    {
        // what                                  sentence
        { "BEGIN lines without end",             "36500" },
        { "BEGIN lines up to the limit",         "END line" },
        { "base64 without end",                  "36500" },
        { "10,000 names",                        "36500" },
        { "as many names as fit",                "at most 100 fit" },
        { "an RSA key of 16,384 bits",           "not 16384" },
        { "an exponent as large as the modulus", "65537" },
        { "sequences 10,000 deep",               "cannot be read" },
        { "an extension 1,000 times",            "twice" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Is_refused_at_once(string what, string sentence)
    {
        var input = Make(what);

        var spent = Fastest(() => Assert.Null(SigningRequests.TryRead(input, out _)));

        SigningRequests.TryRead(input, out var problem);
        Assert.Contains(sentence, problem, StringComparison.Ordinal);
        Assert.True(spent < Limit, $"{what}: {spent.TotalMilliseconds} ms");
    }

    [Fact]
    public async Task The_largest_key_that_is_taken_is_read_at_once_too()
    {
        var csr = await ForeignCsr.OfAsync(ForeignCsr.Rsa(8192, 5), "-subj", "/CN=web");

        Assert.True(Fastest(() => Assert.NotNull(SigningRequests.TryRead(csr, out _))) < Limit);
    }

    [Fact]
    public void A_bundle_of_certificates_that_might_all_have_signed_each_other_ends_at_once()
    {
        const int count = 200;
        using var signer = Issued.Key();
        using var key = Issued.Key();
        using var ca = new CaSigner(Issued.Root(signer, "Same"), PrivateKey.FromPkcs8Base64(signer.ToPkcs8Base64()), []);
        var csr = Issued.Csr(Issued.Spec("Same"), key);
        byte[][] strangers = [.. Enumerable.Range(0, count).Select(_ => WithoutKeyIds(ca.Sign(csr, Issued.Terms(isCA: true))))];
        byte[][] roots = [.. Enumerable.Range(0, count).Select(_ => Issued.Root(key, "Same"))];

        // Each of the roots takes one signature check; all against all would take two hundred.
        var allowed = 20 * Fastest(() => Chains.Build(roots));
        var spent = Fastest(() => Assert.NotNull(Chains.Build(strangers).Problem));

        Assert.True(spent < allowed, $"{spent.TotalMilliseconds} ms, allowed {allowed.TotalMilliseconds} ms");
    }

    private static byte[] Make(string what) => what switch
    {
        "BEGIN lines without end" => Text("-----BEGIN ", 400_000),
        "BEGIN lines up to the limit" => Text("-----BEGIN CERTIFICATE REQUEST-----\n", 1000),
        "base64 without end" => Encoding.ASCII.GetBytes("-----BEGIN CERTIFICATE REQUEST-----\n" + new string('A', 4_000_000) + "\n-----END CERTIFICATE REQUEST-----\n"),
        "10,000 names" => Named(Enumerable.Range(0, 10_000).Select(i => $"web-{i}.example.com")),
        "as many names as fit" => Named(Enumerable.Repeat("a", 8500)),
        "an RSA key of 16,384 bits" => WithKey((BigInteger.One << 16383) + 1, 65537),
        "an exponent as large as the modulus" => WithKey((BigInteger.One << 8191) + 1, (BigInteger.One << 8190) + 1),
        "sequences 10,000 deep" => ForeignCsr.Pem(Nested(10_000)),
        _ => Repeated(1000),
    };

    private static byte[] Text(string line, int times) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(line, times)));

    private static byte[] Named(IEnumerable<string> names)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var name in names) { writer.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, 2)); }
        }

        return Csr(new X509Extension("2.5.29.17", writer.Encode(), critical: false));
    }

    private static byte[] Repeated(int times) => Csr([.. Enumerable.Repeat(new X509Extension("2.5.29.19", [0x30, 0x00], critical: false), times)]);

    /// <summary>By hand: .NET would not write these.</summary>
    private static byte[] Csr(params X509Extension[] extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            info.WriteInteger(0);
            info.WriteEncodedValue(new X500DistinguishedName("CN=web").RawData);
            info.WriteEncodedValue(key.ExportSubjectPublicKeyInfo());
            using (info.PushSetOf(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (info.PushSequence())
            {
                info.WriteObjectIdentifier("1.2.840.113549.1.9.14");
                using (info.PushSetOf())
                using (info.PushSequence())
                {
                    foreach (var extension in extensions) { Write(info, extension); }
                }
            }
        }

        var signed = info.Encode();
        var csr = new AsnWriter(AsnEncodingRules.DER);
        using (csr.PushSequence())
        {
            csr.WriteEncodedValue(signed);
            using (csr.PushSequence()) { csr.WriteObjectIdentifier("1.2.840.10045.4.3.2"); }
            csr.WriteBitString(key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        return ForeignCsr.Pem(csr.Encode());
    }

    private static void Write(AsnWriter info, X509Extension extension)
    {
        using (info.PushSequence())
        {
            info.WriteObjectIdentifier(extension.Oid!.Value!);
            info.WriteOctetString(extension.RawData);
        }
    }

    private static byte[] WithKey(BigInteger modulus, BigInteger exponent)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rsa = new AsnWriter(AsnEncodingRules.DER);
        using (rsa.PushSequence())
        {
            rsa.WriteInteger(modulus);
            rsa.WriteInteger(exponent);
        }

        var spki = new AsnWriter(AsnEncodingRules.DER);
        using (spki.PushSequence())
        {
            using (spki.PushSequence())
            {
                spki.WriteObjectIdentifier("1.2.840.113549.1.1.1");
                spki.WriteNull();
            }

            spki.WriteBitString(rsa.Encode());
        }

        var request = new Pkcs10(new X500DistinguishedName("CN=web"), PublicKey.CreateFromSubjectPublicKeyInfo(spki.Encode(), out _), HashAlgorithmName.SHA256);
        return ForeignCsr.Pem(request.CreateSigningRequest(X509SignatureGenerator.CreateForECDsa(other)));
    }

    private static byte[] Nested(int depth)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        for (var i = 0; i < depth; i++) { writer.PushSequence(); }
        for (var i = 0; i < depth; i++) { writer.PopSequence(); }

        return writer.Encode();
    }

    /// <summary>The key ids renamed: without them only signatures tell who signed whom.</summary>
    private static byte[] WithoutKeyIds(byte[] der)
    {
        byte[] changed = [.. der];
        foreach (var oid in (byte[][])[[0x55, 0x1d, 0x23], [0x55, 0x1d, 0x0e]])
        {
            if (changed.AsSpan().IndexOf(oid) is >= 0 and var at) { changed[at + 2] += 0x40; }
        }

        return changed;
    }

    /// <summary>The least of three: the first pays for compiling the code, and a neighbour may have emptied the caches.</summary>
    private static TimeSpan Fastest(Action action) => Enumerable.Range(0, 3).Min(_ =>
    {
        var before = ThreadTime();
        action();
        return ThreadTime() - before;
    });

    /// <summary>Time this thread spent on a processor, in whole nanoseconds, whatever else the machine does.</summary>
    private static TimeSpan ThreadTime() =>
        TimeSpan.FromTicks(long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 100);
}
