using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Pki;

public sealed class SigningRequestsTests
{
    [Theory]
    [InlineData("RSA", 2048, "sha256WithRSAEncryption")]
    [InlineData("RSA", 3072, "sha384WithRSAEncryption")]
    [InlineData("RSA", 4096, "sha512WithRSAEncryption")]
    [InlineData("ECDSA", 256, "ecdsa-with-SHA256")]
    [InlineData("ECDSA", 384, "ecdsa-with-SHA384")]
    [InlineData("ECDSA", 521, "ecdsa-with-SHA512")]
    public async Task Signs_with_the_hash_that_fits_the_key(string algorithm, int sizeInBits, string signature)
    {
        using var openssl = new OpenSsl();
        using var key = PrivateKey.Generate(algorithm, sizeInBits);
        openssl.Write("csr.pem", SigningRequests.Create(Issued.Spec("web"), key).Span);

        var text = await openssl.RunAsync("req", "-verify", "-noout", "-text", "-in", "csr.pem");

        Assert.Contains("self-signature verify OK", text, StringComparison.Ordinal);
        Assert.Contains(signature, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writes_names_and_usages_as_OpenSSL_reads_them()
    {
        using var openssl = new OpenSsl();
        using var key = Issued.Key();
        var spec = Issued.Spec(null, "Example.com", "*.example.com") with { IpAddresses = ["2001:db8::1", "192.0.2.1"], Usages = ["digital signature", "server auth"] };
        openssl.Write("csr.pem", SigningRequests.Create(spec, key).Span);

        var text = await openssl.RunAsync("req", "-noout", "-text", "-in", "csr.pem");

        Assert.Contains("X509v3 Subject Alternative Name: critical", text, StringComparison.Ordinal);
        Assert.Contains("DNS:Example.com, DNS:*.example.com, IP Address:2001:DB8:0:0:0:0:0:1, IP Address:192.0.2.1", text, StringComparison.Ordinal);
        Assert.Contains("X509v3 Key Usage: critical", text, StringComparison.Ordinal);
        Assert.Contains("TLS Web Server Authentication", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Basic Constraints", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("letters and digits are a PrintableString", "Example CA 1", UniversalTagNumber.PrintableString)]
    [InlineData("with an asterisk they are not", "*.example.com", UniversalTagNumber.UTF8String)]
    [InlineData("nor with an umlaut", "Prüfstelle", UniversalTagNumber.UTF8String)]
    public void Encodes_the_common_name(string because, string commonName, UniversalTagNumber type)
    {
        using var key = Issued.Key();
        var subject = Issued.Csr(Issued.Spec(commonName), key).Subject.ToArray();

        // SEQUENCE, SET, SEQUENCE and OID 2.5.4.3 take eleven octets.
        Assert.True(subject[11] == (int)type, because);
        Assert.Equal(commonName, Issued.Csr(Issued.Spec(commonName), key).CommonName);
    }

    [Fact]
    public void Reads_back_what_it_wrote()
    {
        using var key = Issued.Key();
        var facts = Issued.Csr(Issued.Spec("web", "a.example", "b.example") with { IpAddresses = ["::ffff:192.0.2.7"] }, key);

        Assert.Equal((key.KeyHash, "ECDSA", 256, "web"), (facts.KeyHash, facts.KeyAlgorithm, facts.KeySizeInBits, facts.CommonName));
        Assert.Equal<ValueList<string>>(["a.example", "b.example"], facts.DnsNames);
        Assert.Equal<ValueList<string>>(["192.0.2.7"], facts.IpAddresses);
        Assert.Equal(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, facts.KeyUsage);
        Assert.Null(facts.IsCA);
    }

    [Fact]
    public async Task Reads_what_OpenSSL_made()
    {
        using var openssl = new OpenSsl();
        await openssl.RunAsync(
            "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "csr.pem", "-subj", "/O=Us/CN=web",
            "-addext", "subjectAltName=DNS:web.example,email:a@b.example", "-addext", "basicConstraints=critical,CA:TRUE");

        var facts = SigningRequests.TryRead(openssl.Read("csr.pem"), out var problem);

        Assert.Null(problem);
        Assert.Equal(("RSA", 2048, "web", true), (facts!.KeyAlgorithm, facts.KeySizeInBits, facts.CommonName, facts.IsCA));
    }

    [Fact]
    public void Refuses_a_CSR_that_was_changed()
    {
        using var key = Issued.Key();
        var pem = Encoding.ASCII.GetString(SigningRequests.Create(Issued.Spec("web", "good.example"), key).Span);
        var der = Convert.FromBase64String(string.Concat(pem.Split('\n').Where(line => !line.StartsWith('-'))));
        der[der.AsSpan().IndexOf("good"u8)] = (byte)'f';

        var facts = SigningRequests.TryRead(Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE REQUEST", der)), out var problem);

        Assert.Null(facts);
        Assert.Contains("signature does not verify", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n")]
    [InlineData("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")]
    public void Refuses_what_is_no_CSR_with_a_sentence(string text)
    {
        Assert.Null(SigningRequests.TryRead(Encoding.ASCII.GetBytes(text), out var problem));
        Assert.False(string.IsNullOrEmpty(problem));
    }

    [Fact]
    public void Refuses_large_input_before_looking_at_it()
    {
        var hostile = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("-----BEGIN ", 400_000)));

        Assert.Null(SigningRequests.TryRead(hostile, out var problem));
        Assert.Contains("36500", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("small", "small factor")]
    [InlineData("roca", "ROCA")]
    [InlineData("close", "too close")]
    [InlineData("short", "not 1024")]
    public void Refuses_weak_RSA_keys(string weakness, string expected)
    {
        var csr = WeakCsr.Of(weakness);

        Assert.Null(SigningRequests.TryRead(csr, out var problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_SHA_1_signature()
    {
        using var openssl = new OpenSsl();
        await openssl.RunAsync("req", "-new", "-sha1", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "csr.pem", "-subj", "/CN=web");

        Assert.Null(SigningRequests.TryRead(openssl.Read("csr.pem"), out var problem));
        Assert.Contains("SHA-256 or better", problem, StringComparison.Ordinal);
    }
}
