using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>What a CA may have below it: names, depth, time.</summary>
public sealed class CaLimitsTests
{
    private const string Permitted = "nameConstraints=critical,permitted;DNS:example.com,permitted;email:example.com,permitted;IP:192.0.2.0/255.255.255.0,permitted;URI:.example.com";
    private const string Excluded = "nameConstraints=critical,excluded;DNS:bad.example.com,excluded;IP:2001:db8::/ffff:ffff::,excluded;email:.example.net,excluded;URI:host.example.com";

    public static TheoryData<string, string, string, string, bool> Names => new()
    {
        // because                                          constraints  subject           names                                  permitted
        { "the domain itself",                              Permitted,   "/O=Us",          "DNS:example.com",                     true },
        { "a name below it",                                Permitted,   "/O=Us",          "DNS:a.b.example.com",                 true },
        { "whatever its case",                              Permitted,   "/O=Us",          "DNS:WEB.Example.COM",                 true },
        { "a wildcard below it",                            Permitted,   "/O=Us",          "DNS:*.example.com",                   true },
        { "not a name that only ends alike",                Permitted,   "/O=Us",          "DNS:badexample.com",                  false },
        { "not another domain",                             Permitted,   "/O=Us",          "DNS:example.org",                     false },
        { "one bad name spoils all",                        Permitted,   "/O=Us",          "DNS:web.example.com,DNS:example.org", false },
        { "a common name that reads as a DNS name counts",  Permitted,   "/CN=example.org", "IP:192.0.2.7",                       false },
        { "one that does not, does not",                    Permitted,   "/CN=Our server", "IP:192.0.2.7",                        true },
        { "an address in the range",                        Permitted,   "/O=Us",          "IP:192.0.2.255",                      true },
        { "one outside",                                    Permitted,   "/O=Us",          "IP:192.0.3.1",                        false },
        { "the other family is outside",                    Permitted,   "/O=Us",          "IP:2001:db8::1",                      false },
        { "a mailbox on the host",                          Permitted,   "/O=Us",          "email:me@example.com",                true },
        { "not one below it",                               Permitted,   "/O=Us",          "email:me@mail.example.com",           false },
        { "a mailbox in the subject counts",                Permitted,   "/emailAddress=me@example.org", "DNS:web.example.com",   false },
        { "a URI below the domain",                         Permitted,   "/O=Us",          "URI:https://web.example.com/x",       true },
        { "not the domain itself, after a dot",             Permitted,   "/O=Us",          "URI:https://example.com/x",           false },
        { "a URI without a host cannot be told",            Permitted,   "/O=Us",          "URI:urn:uuid:1",                      false },
        { "what is not excluded is free",                   Excluded,    "/O=Us",          "DNS:good.example.com",                true },
        { "the excluded name",                              Excluded,    "/O=Us",          "DNS:bad.example.com",                 false },
        { "a name below it",                                Excluded,    "/O=Us",          "DNS:very.bad.example.com",            false },
        { "a wildcard that could stand for it",             Excluded,    "/O=Us",          "DNS:*.example.com",                   false },
        { "an excluded address",                            Excluded,    "/O=Us",          "IP:2001:db8::1",                      false },
        { "an address of the other family",                 Excluded,    "/O=Us",          "IP:192.0.2.1",                        true },
        { "a mailbox below the domain",                     Excluded,    "/O=Us",          "email:me@mail.example.net",           false },
        { "the excluded host",                              Excluded,    "/O=Us",          "URI:https://host.example.com",        false },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_CA_keeps_to_its_name_constraints(string because, string constraints, string subject, string names, bool permitted)
    {
        using var ca = await ConstrainedAsync(constraints);
        var csr = await ForeignCsr.ReadAsync(subject, $"subjectAltName={names}");

        if (!permitted)
        {
            Assert.True(Reason(() => ca.Sign(csr, Issued.Terms())) == "NameNotPermitted", because);
            return;
        }

        await Verifiers.AgreeOnAsync([ca.Sign(csr, Issued.Terms())], ca.Certificate, Issued.Now.AddDays(1));
    }

    public static TheoryData<string, string> Unreadable => new()
    {
        { "they say nothing",                 "30:00" },
        { "an address without a mask",        "30:0a:a0:08:30:06:87:04:c0:00:02:01" },
        { "a name outside ASCII",             "30:08:a0:06:30:04:82:02:c3:bc" },
        { "no list at all",                   "02:01:05" },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task A_CA_whose_constraints_cannot_be_read_signs_nothing(string because, string der)
    {
        var refused = await Assert.ThrowsAsync<SigningRefusedException>(async () => (await ConstrainedAsync($"2.5.29.30=DER:{der}")).Dispose());

        Assert.Equal((because, "ErrInvalidKeyPair"), (because, refused.Reason));
    }

    [Fact]
    public async Task Constraints_and_path_length_of_a_CSR_are_in_the_CA_certificate()
    {
        using var openssl = new OpenSsl();
        using var root = Root();
        var csr = await ForeignCsr.ReadAsync("/CN=Sub", "basicConstraints=critical,CA:TRUE,pathlen:0", Permitted);
        openssl.Write("ca.der", root.Sign(csr, Issued.Terms(isCA: true)));

        var text = await openssl.RunAsync("x509", "-inform", "DER", "-in", "ca.der", "-noout", "-text");

        Assert.Contains("X509v3 Name Constraints: critical", text, StringComparison.Ordinal);
        Assert.Contains("DNS:example.com", text, StringComparison.Ordinal);
        Assert.Contains("CA:TRUE, pathlen:0", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_returned_certificate_is_held_to_the_limits_of_its_chain()
    {
        using var openssl = new OpenSsl();
        using var ca = await ConstrainedAsync("nameConstraints=critical,permitted;DNS:example.com", openssl);
        var pem = await ForeignCsr.WithAsync("/CN=web", "subjectAltName=DNS:example.org");
        var csr = ForeignCsr.Read(pem);
        openssl.Write("csr.pem", pem);
        await openssl.RunAsync("x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "key.der", "-CAkeyform", "DER", "-days", "36000", "-copy_extensions", "copyall", "-outform", "DER", "-out", "leaf.der");

        Assert.Contains("does not permit the name \"example.org\"", ReturnedCertificate.Problem([openssl.Read("leaf.der"), ca.Certificate], csr, isCA: false, Issued.Now), StringComparison.Ordinal);
    }

    public static TheoryData<string, int?, int?, string?> Depths => new()
    {
        // because                                     CA allows  CSR asks  refused as
        { "no limits anywhere",                        null,      null,     null },
        { "the CSR limits itself",                     null,      3,        null },
        { "one below, none below that",                1,         0,        null },
        { "one below, which may not be told to allow", 1,         1,        "PathLengthExceeded" },
        { "leaves only",                               0,         null,     "PathLengthExceeded" },
    };

    [Theory]
    [MemberData(nameof(Depths))]
    public async Task A_CA_keeps_to_its_path_length(string because, int? allows, int? asks, string? refusal)
    {
        using var ca = await ConstrainedAsync(allows is null ? "basicConstraints=critical,CA:TRUE" : $"basicConstraints=critical,CA:TRUE,pathlen:{allows}");
        var csr = await ForeignCsr.ReadAsync("/CN=Sub", asks is null ? "basicConstraints=critical,CA:TRUE" : $"basicConstraints=critical,CA:TRUE,pathlen:{asks}");

        if (refusal is null) { Assert.Equal(asks, X509Facts.Read(ca.Sign(csr, Issued.Terms(isCA: true))).PathLength); }
        else { Assert.True(Reason(() => ca.Sign(csr, Issued.Terms(isCA: true))) == refusal, because); }
    }

    public static TheoryData<string, string, string[], bool, string[]?> Nonsense => new()
    {
        // because                               subject  extensions                               CA     usages
        { "it names nobody",                     "/",     [],                                      false, null },
        { "a CA without a subject",              "/",     ["subjectAltName=DNS:ca.example"],       true,  null },
        { "constraints on a leaf",               "/CN=a", [Permitted],                             false, null },
        { "a leaf that may sign certificates",   "/CN=a", [],                                      false, ["cert sign"] },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Nothing_is_signed_that_strict_verifiers_refuse(string because, string subject, string[] extensions, bool isCA, string[]? usages)
    {
        using var root = Root();
        var csr = await ForeignCsr.ReadAsync(subject, extensions);

        Assert.True(Reason(() => root.Sign(csr, Issued.Terms(isCA) with { Usages = usages?.ToValueList() })) == "SigningError", because);
    }

    public static TheoryData<string, double, string[]> Notes => new()
    {
        // because                                  days   conditions
        { "it lives as long as asked",              10,    [] },
        { "it lives exactly as long as its CA",     30,    [] },
        { "it would outlive its CA",                31,    [SigningNotes.NotAfterShortened] },
    };

    [Theory]
    [MemberData(nameof(Notes))]
    public void A_shortened_certificate_says_so(string because, double days, string[] types)
    {
        var key = Issued.Key();
        using var leafKey = Issued.Key();
        var rootDer = Issued.Root(key, days: 30);
        using var root = new CaSigner(rootDer, key, []);
        var csr = Issued.Csr(Issued.Spec("web"), leafKey);
        var terms = Issued.Terms(days: days);

        var notes = SigningNotes.Of([root.Sign(csr, terms)], rootDer, csr, terms);

        Assert.True(types.SequenceEqual(notes.Select(note => note.Type)), because);
        Assert.All(notes, note => Assert.Equal("CAEndsFirst", note.Reason));
    }

    [Fact]
    public async Task What_is_not_copied_is_named()
    {
        using var root = Root();
        var csr = await ForeignCsr.ReadAsync("/CN=web", "tlsfeature=status_request");
        var terms = Issued.Terms();

        var note = Assert.Single(SigningNotes.Of([root.Sign(csr, terms)], root.Certificate, csr, terms));

        Assert.Equal(SigningNotes.ExtensionsIgnored, note.Type);
        Assert.Contains("1.3.6.1.5.5.7.1.24", note.Message, StringComparison.Ordinal);
    }

    private static CaSigner Root()
    {
        var key = Issued.Key();
        return new CaSigner(Issued.Root(key), key, []);
    }

    /// <summary>A self-signed CA of OpenSSL's making with one extension more.</summary>
    private static async Task<CaSigner> ConstrainedAsync(string extension)
    {
        using var openssl = new OpenSsl();
        return await ConstrainedAsync(extension, openssl);
    }

    private static async Task<CaSigner> ConstrainedAsync(string extension, OpenSsl openssl)
    {
        await openssl.RunAsync(["genpkey", .. ForeignCsr.Ec("P-256").Split(' '), "-outform", "DER", "-out", "key.der"]);
        string[] isCA = extension.StartsWith("basic", StringComparison.Ordinal) ? [] : ["-addext", "basicConstraints=critical,CA:TRUE"];
        await openssl.RunAsync([
            "req", "-x509", "-new", "-key", "key.der", "-keyform", "DER", "-days", "36500", "-subj", "/CN=Limited", "-outform", "DER", "-out", "ca.der",
            .. isCA, "-addext", "keyUsage=critical,keyCertSign", "-addext", extension]);
        openssl.Write("ca.pem", Core.Pki.Pem.WriteCertificates([openssl.Read("ca.der")]).Span);
        await openssl.RunAsync("pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-in", "key.der", "-outform", "DER", "-out", "key.p8");
        return new CaSigner(openssl.Read("ca.der"), PrivateKey.FromPkcs8Base64(Convert.ToBase64String(openssl.Read("key.p8"))), []);
    }

    private static string Reason(Action sign) => Assert.Throws<SigningRefusedException>(sign).Reason;
}
