using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>What a CSR of a user may hold.</summary>
public sealed class StrangersCsrTests
{
    public static TheoryData<string, string, string, int> Taken => new()
    {
        // because                                       key                            algorithm  bits
        { "the usual one",                               ForeignCsr.Rsa(2048),          "RSA",     2048 },
        { "cert-manager takes every size from 2048",     ForeignCsr.Rsa(3000),          "RSA",     3000 },
        { "to 8192",                                     ForeignCsr.Rsa(8192, 5),       "RSA",     8192 },
        { "the smallest curve",                          ForeignCsr.Ec("P-256"),        "ECDSA",   256 },
        { "the middle one",                              ForeignCsr.Ec("P-384"),        "ECDSA",   384 },
        { "the largest",                                 ForeignCsr.Ec("P-521"),        "ECDSA",   521 },
        { "Key Vault need not hold it",                  "-algorithm ed25519",          "Ed25519", 256 },
    };

    [Theory]
    [MemberData(nameof(Taken))]
    public async Task Takes_a_key(string because, string key, string algorithm, int bits)
    {
        var csr = ForeignCsr.Read(await ForeignCsr.OfAsync(key, "-subj", "/CN=web", "-addext", "subjectAltName=DNS:web.example"));

        Assert.True((algorithm, bits) == (csr.KeyAlgorithm, csr.KeySizeInBits), because);
    }

    public static TheoryData<string, string, string> RefusedKeys => new()
    {
        // because                            key                                                           sentence
        { "it can be factored",               ForeignCsr.Rsa(1024),                                         "RSA keys must have 2048 to 8192 bits, not 1024" },
        { "one below the least",              ForeignCsr.Rsa(2047),                                         "not 2047" },
        { "exponent 3 has a history",         "-algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3", "public exponent 65537" },
        { "Bitcoin's curve",                  ForeignCsr.Ec("secp256k1"),                                   "P-256, P-384 or P-521" },
        { "a curve too short",                ForeignCsr.Ec("P-224"),                                       "P-256, P-384 or P-521" },
        { "parameters can hide a trap door",  ForeignCsr.Ec("P-256") + " -pkeyopt ec_param_enc:explicit",   "the curve must be named" },
        { "nobody verifies it",               "-algorithm ed448",                                           "only RSA, ECDSA and Ed25519" },
    };

    [Theory]
    [MemberData(nameof(RefusedKeys))]
    public async Task Refuses_a_key(string because, string key, string sentence) =>
        Refused(because, await ForeignCsr.OfAsync(key, "-subj", "/CN=web"), sentence);

    public static TheoryData<string, string, string[], string> RefusedContents => new()
    {
        // because                                     subject       extensions                                                       sentence
        { "it would be looked at by nobody",           "/CN=web",    ["subjectAltName=dirName:dir\n[dir]\nCN=x"],                     "a name of the kind DirectoryName" },
        { "nor this",                                  "/CN=web",    ["subjectAltName=RID:1.2.3.4"],                                  "a name of the kind RegisteredId" },
        { "a NUL ends the name for some",              "/CN=web",    ["subjectAltName=DER:30:0a:82:08:61:2e:62:00:63:2e:64:65"],      "the DNS name \"a.b\uFFFDc.de\"" },
        { "a space is no DNS",                         "/CN=web",    ["subjectAltName=DNS:a b"],                                      "the DNS name \"a b\"" },
        { "nothing is no name",                        "/CN=web",    ["subjectAltName=DER:30:02:82:00"],                              "an empty DNS name" },
        { "an extension must say something",           "/CN=web",    ["subjectAltName=DER:30:00"],                                    "without names" },
        { "five octets are no address",                "/CN=web",    ["subjectAltName=DER:30:07:87:05:01:02:03:04:05"],               "neither 4 nor 16 octets" },
        { "a leaf has nothing below it",               "/CN=web",    ["basicConstraints=CA:FALSE,pathlen:1"],                         "a path length without being a CA" },
        { "constraints must constrain",                "/CN=web",    ["nameConstraints=DER:30:00"],                                   "must permit or exclude something" },
    };

    [Theory]
    [MemberData(nameof(RefusedContents))]
    public async Task Refuses_contents(string because, string subject, string[] extensions, string sentence)
    {
        // A section of OpenSSL's configuration file cannot be given by -addext: made from a file.
        var csr = extensions.Any(each => each.Contains('\n', StringComparison.Ordinal)) ? await FromFileAsync(subject, extensions[0]) : await ForeignCsr.WithAsync(subject, extensions);

        Refused(because, csr, sentence);
    }

    [Fact]
    public async Task Says_everything_that_is_wrong_at_once()
    {
        var csr = await ForeignCsr.OfAsync(ForeignCsr.Rsa(1024), "-sha1", "-subj", "/CN=web", "-addext", "subjectAltName=RID:1.2.3.4,DNS:a b");

        Assert.Null(SigningRequests.TryRead(csr, out var problem));
        Assert.Equal(4, problem!.Split("; ").Length - 1);   // one sentence holds a semicolon of its own
    }

    [Fact]
    public async Task Reads_every_kind_of_name()
    {
        var csr = await ForeignCsr.ReadAsync(
            "/CN=web", "subjectAltName=DNS:web.example,IP:192.0.2.1,IP:2001:db8::1,URI:spiffe://example/web,email:me@example.com,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:me@corp");

        Assert.Equal<ValueList<string>>(["web.example"], csr.DnsNames);
        Assert.Equal<ValueList<string>>(["192.0.2.1", "2001:db8::1"], csr.IpAddresses);
        Assert.Equal<ValueList<string>>(["spiffe://example/web"], csr.Uris);
        Assert.Equal<ValueList<string>>(["me@example.com"], csr.EmailAddresses);
        Assert.Equal<ValueList<OtherName>>([new OtherName { Oid = "1.3.6.1.4.1.311.20.2.3", Utf8Value = "me@corp" }], csr.OtherNames);
    }

    [Fact]
    public async Task A_PrintableString_may_hold_what_its_type_has_not()
    {
        // PrintableString "a*b&c" where OpenSSL wrote a UTF8String: everybody reads it, .NET's reader alone does not.
        var der = ForeignCsr.Der(await ForeignCsr.OfAsync(ForeignCsr.Ec("P-256"), "-subj", "/O=a*b&c/CN=web"));
        der[der.AsSpan().IndexOf("a*b&c"u8) - 2] = 0x13;

        Refused("only the signature is wrong now", ForeignCsr.Pem(der), "its signature does not verify");
    }

    [Fact]
    public async Task Reads_what_a_CA_asks_for_and_names_what_is_left_out()
    {
        var csr = await ForeignCsr.ReadAsync(
            "/CN=CA", "basicConstraints=critical,CA:TRUE,pathlen:1", "nameConstraints=critical,permitted;DNS:example.com", "1.2.3.4=ASN1:NULL", "tlsfeature=status_request");

        Assert.Equal((true, 1, true), (csr.IsCA, csr.PathLength, csr.NameConstraintsAreCritical));
        Assert.NotNull(csr.NameConstraints);
        Assert.Equal<ValueList<string>>(["1.2.3.4", "1.3.6.1.5.5.7.1.24"], csr.Ignored);
    }

    [Theory]
    [InlineData("-algorithm ed25519")]
    [InlineData("-algorithm RSA -pkeyopt rsa_keygen_bits:2048")]
    public async Task Refuses_a_CSR_whose_names_were_changed(string key)
    {
        var der = ForeignCsr.Der(await ForeignCsr.OfAsync(key, "-subj", "/CN=web", "-addext", "subjectAltName=DNS:good.example"));
        der[der.AsSpan().IndexOf("good"u8)] = (byte)'f';

        Refused(key, ForeignCsr.Pem(der), "signature does not verify");
    }

    [Fact]
    public async Task Refuses_an_Ed25519_key_of_small_order()
    {
        var der = ForeignCsr.Der(await ForeignCsr.OfAsync("-algorithm ed25519", "-subj", "/CN=web"));
        var spki = der.AsSpan().IndexOf((byte[])[0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]);
        der.AsSpan(spki + 6, 32).Clear();
        der[spki + 6] = 1;   // the neutral element: it would verify the signature of anybody

        Refused("small order", ForeignCsr.Pem(der), "main group");
    }

    private static void Refused(string because, byte[] csr, string sentence)
    {
        Assert.Null(SigningRequests.TryRead(csr, out var problem));
        Assert.True(problem!.Contains(sentence, StringComparison.Ordinal), $"{because}: {problem}");
    }

    private static async Task<byte[]> FromFileAsync(string subject, string extension)
    {
        using var openssl = new OpenSsl();
        openssl.Write("req.cnf", System.Text.Encoding.ASCII.GetBytes($"[req]\ndistinguished_name=dn\nreq_extensions=ext\n[dn]\n[ext]\n{extension}\n"));
        await openssl.RunAsync("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-config", "req.cnf", "-subj", subject, "-out", "csr.pem");
        return openssl.Read("csr.pem");
    }
}
