using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>What our issuers sign, seen by those who share no code with us.</summary>
public sealed class SignedCertificatesTests
{
    private static readonly DateTimeOffset Later = Issued.Now.AddDays(1);

    [Fact]
    public async Task Every_CA_key_signs_every_CSR_key_so_that_all_verifiers_agree()
    {
        var csrs = new List<CsrFacts>();
        foreach (var key in (string[])[ForeignCsr.Rsa(2056), ForeignCsr.Ec("P-521"), "-algorithm ed25519"])
        {
            csrs.Add(ForeignCsr.Read(await ForeignCsr.OfAsync(key, "-subj", "/CN=web.example/O=Us/C=DE", "-addext", "subjectAltName=DNS:web.example,IP:192.0.2.1,URI:spiffe://us/web,email:a@b.example")));
        }

        var all = new List<byte[]>();
        foreach (var (algorithm, size) in ((string, int)[])[("RSA", 2048), ("ECDSA", 256), ("ECDSA", 384), ("ECDSA", 521)])
        {
            var key = PrivateKey.Generate(algorithm, size);
            var rootDer = Issued.Root(key, $"Root {size}");
            using var root = new CaSigner(rootDer, key, []);
            all.Add(rootDer);
            foreach (var csr in csrs)
            {
                var leaf = root.Sign(csr, Issued.Terms() with { Links = Links });
                await Verifiers.AgreeOnAsync([leaf], rootDer, Later);
                Assert.Null(ReturnedCertificate.Problem([leaf], csr, isCA: false, Later, UsageNames.Expand(null, isCA: false)));
                all.Add(leaf);
            }
        }

        var java = await Verifiers.JavaReadsAsync(all);
        Assert.Equal(all.Count, java.Split("Serial number:").Length - 1);
        Assert.Contains("Ed25519", java, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_subject_and_names_are_copied_byte_for_byte()
    {
        var csr = ForeignCsr.Read(await ForeignCsr.OfAsync("-algorithm ed25519", "-utf8", "-subj", "/O=Prüfstelle/CN=web/emailAddress=a@b.example", "-addext", "subjectAltName=DNS:WEB.example,otherName:1.2.3.4;BOOL:true"));
        var key = Issued.Key();
        using var root = new CaSigner(Issued.Root(key), key, []);

        using var leaf = X509CertificateLoader.LoadCertificate(root.Sign(csr, Issued.Terms()));

        Assert.True(leaf.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(csr.SubjectPublicKeyInfo.Span));
        Assert.True(leaf.SubjectName.RawData.AsSpan().SequenceEqual(csr.Subject.Span));
        Assert.True(leaf.Extensions["2.5.29.17"]!.RawData.AsSpan().SequenceEqual(csr.AlternativeNames!.Value.Span));
    }

    public static TheoryData<string, IssuerLinks, string[]> LinkRows => new()
    {
        { "one distribution point a URL, as cert-manager writes them", IssuerLinks.None with { CrlDistributionPoints = ["http://one.example/a.crl", "ldap://two.example/cn=b"] },
            ["X509v3 CRL Distribution Points:", "URI:http://one.example/a.crl", "URI:ldap://two.example/cn=b"] },
        { "OCSP responders come first", IssuerLinks.None with { OcspServers = ["http://ocsp.example"], IssuingCertificateUrls = ["http://ca.example/ca.crt"] },
            ["Authority Information Access:", "OCSP - URI:http://ocsp.example", "CA Issuers - URI:http://ca.example/ca.crt"] },
    };

    [Theory]
    [MemberData(nameof(LinkRows))]
    public async Task The_issuers_URLs_are_in_what_it_signs(string because, IssuerLinks links, string[] expected)
    {
        using var openssl = new OpenSsl();
        var key = Issued.Key();
        using var leafKey = Issued.Key();
        using var root = new CaSigner(Issued.Root(key), key, []);
        byte[][] signed = [root.Sign(Issued.Csr(Issued.Spec("web"), leafKey), Issued.Terms() with { Links = links }), SelfSigner.Sign(Issued.Csr(Issued.Spec("web"), leafKey), leafKey, Issued.Terms() with { Links = links })];

        foreach (var der in signed)
        {
            openssl.Write("cert.der", der);
            var text = await openssl.RunAsync("x509", "-inform", "DER", "-in", "cert.der", "-noout", "-text");
            var position = 0;
            foreach (var line in expected)
            {
                position = text.IndexOf(line, position, StringComparison.Ordinal);
                Assert.True(position >= 0, $"{because}: {line} is missing or out of order in\n{text}");
            }
        }
    }

    [Fact]
    public async Task Self_signed_certificates_verify_too()
    {
        using var rsa = PrivateKey.Generate("RSA", 2048);
        using var ec = Issued.Key();
        byte[][] signed =
        [
            Issued.Root(rsa),
            SelfSigner.Sign(Issued.Csr(Issued.Spec("web", "web.example"), ec), ec, Issued.Terms() with { Links = Links }),
        ];

        foreach (var der in signed) { await Verifiers.AgreeOnAsync([der], der, Later); }

        await Verifiers.JavaReadsAsync(signed);
    }

    [Fact]
    public void Serial_numbers_are_positive_short_enough_and_random_enough()
    {
        var ids = new RandomIds();
        var drawn = Enumerable.Range(0, 1000).Select(_ => ids.NewSerialNumber()).ToArray();

        Assert.All(drawn, serial => Assert.True(serial.Length is >= 17 and <= 20 && serial[0] is >= 0x01 and <= 0x7f));   // 16 whole random octets at least
        Assert.Equal(drawn.Length, drawn.Select(Convert.ToHexString).Distinct().Count());
        Assert.All(Enumerable.Range(1, 16), octet => Assert.True(drawn.Select(serial => serial[octet]).Distinct().Count() > 200));
    }

    [Theory]
    [InlineData("negative", "80112233445566778899aabbccddeeff")]
    [InlineData("zero in front", "00112233445566778899aabbccddeeff")]
    [InlineData("easy to guess", "0102030405060708090a0b0c0d0e0f")]
    [InlineData("21 octets", "01112233445566778899aabbccddeeff1122334455")]
    public void No_other_serial_number_is_signed(string because, string serial)
    {
        using var key = Issued.Key();
        var terms = Issued.Terms() with { SerialNumber = Convert.FromHexString(serial) };

        Assert.True(Assert.ThrowsAny<ArgumentException>(() => SelfSigner.Sign(Issued.Csr(Issued.Spec("web"), key), key, terms)).Message.Length > 0, because);
    }

    private static IssuerLinks Links => new(["http://pki.example/ca.crl"], ["http://ocsp.example"], ["http://pki.example/ca.crt"]);
}
