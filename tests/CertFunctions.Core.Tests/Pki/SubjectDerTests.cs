using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>Subjects in DER, as OpenSSL writes the same name.</summary>
public sealed class SubjectDerTests
{
    public static TheoryData<string, CertificateSpec, string> Subjects => new()
    {
        { "nothing is an empty sequence", Issued.Spec(null, "a.example"), "/" },
        { "a CN alone", Issued.Spec("web"), "/CN=web" },
        { "an empty CN is none", Issued.Spec("", "a.example"), "/" },
        { "every member, in cert-manager's order whatever the manifest's", Full, "/C=DE/O=Us/OU=Web/L=Köln/ST=NRW/street=Am Dom 1/postalCode=50667/CN=web/serialNumber=7" },
        { "the values of a list share an RDN, sorted as a SET is", With(new X509Subject { Organizations = ["Zeta", "Al"] }), "/O=Al+O=Zeta/CN=web" },
        { "a SET is sorted by its encoding, so that a short value comes first", With(new X509Subject { OrganizationalUnits = ["aaa", "b", "*"] }), "/OU=b+OU=aaa+OU=*/CN=web" },
        { "a comma needs no escape here", With(new X509Subject { Organizations = ["Us, Inc."] }), "/O=Us, Inc./CN=web" },
        { "an ampersand makes it UTF-8", With(new X509Subject { Organizations = ["A&B"] }), "/O=A&B/CN=web" },
        { "a serial number may stand alone", Issued.Spec(null, "a.example") with { Subject = new X509Subject { SerialNumber = "12" } }, "/serialNumber=12" },
    };

    public static TheoryData<string, string, string> Literals => new()
    {
        { "written backwards, as LDAP shows names", "CN=web,O=Us,C=DE", "/C=DE/O=Us/CN=web" },
        { "spaces around keys and values mean nothing", " CN = web , O =  Us and them  ", "/O=Us and them/CN=web" },
        { "two RDNs of one type stay two, in order", "OU=a,OU=b", "/OU=b/OU=a" },
        { "a plus keeps one RDN", "CN=web+UID=7,O=Us", "/O=Us/CN=web+UID=7" },
        { "a semicolon parts RDNs too (RFC 2253)", "CN=web;O=Us", "/O=Us/CN=web" },
        { "an escaped comma is a comma", @"CN=web,O=Us\, Inc.", "/O=Us, Inc./CN=web" },
        { "an escaped plus is a plus", @"O=a\+b", @"/O=a\+b" },
        { "an escaped backslash is one", @"O=a\\b", @"/O=a\\b" },
        { "hexadecimal pairs are octets of UTF-8", @"O=K\C3\B6ln", "/O=Köln" },
        { "and may be upper or lower case", @"O=K\c3\b6ln", "/O=Köln" },
        { "a pair may be any character", @"O=a\2Cb", "/O=a,b" },
        { "letters beyond ASCII need no escape", "O=Köln", "/O=Köln" },
        { "an escaped last space stays", @"O=Us\ ", "/O=Us " },
        { "after an escaped backslash it goes", @"O=Us\\ ", @"/O=Us\\" },
        { "an escaped first space stays", @"O=\ Us", "/O= Us" },
        { "an escaped number sign in front", @"O=\#1", "/O=#1" },
        { "an equals sign inside a value", "O=a=b", "/O=a=b" },
        { "street, place and province", "STREET=Am Dom 1,L=Köln,ST=NRW", "/ST=NRW/L=Köln/street=Am Dom 1" },
        { "a serial number", "SERIALNUMBER=7,CN=web", "/CN=web/serialNumber=7" },
        { "a dotted OID", "2.5.4.17=50667,CN=web", "/CN=web/postalCode=50667" },
        { "one that nobody has named", "1.2.3.4.5.6=x", "/odd=x" },
    };

    private static CertificateSpec Full => With(new X509Subject
    {
        SerialNumber = "7", PostalCodes = ["50667"], StreetAddresses = ["Am Dom 1"], Provinces = ["NRW"], Localities = ["Köln"],
        OrganizationalUnits = ["Web"], Organizations = ["Us"], Countries = ["DE"],
    });

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Subject_and_commonName_are_what_OpenSSL_writes(string because, CertificateSpec spec, string openSsl)
    {
        var expected = await OpenSslCsr.MakeAsync(openSsl);

        Assert.Equal((because, Hex(expected.SubjectName.RawData)), (because, Hex(OpenSslCsr.Ours(spec).SubjectName.RawData)));
    }

    [Theory]
    [MemberData(nameof(Literals))]
    public async Task A_literal_subject_is_what_OpenSSL_writes(string because, string literal, string openSsl)
    {
        var expected = await OpenSslCsr.MakeAsync(openSsl);

        var ours = OpenSslCsr.Ours(Issued.Spec(null, "a.example") with { LiteralSubject = literal });

        Assert.Equal((because, Hex(expected.SubjectName.RawData)), (because, Hex(ours.SubjectName.RawData)));
    }

    /// <summary>OpenSSL writes DC as an IA5String (RFC 4519); cert-manager, and so we, as any other attribute.</summary>
    [Fact]
    public async Task A_domain_component_is_a_PrintableString()
    {
        var expected = await OpenSslCsr.EncodeAsync(
            """
            asn1=SEQUENCE:name
            [name]
            1=SET:first
            2=SET:second
            [first]
            a=SEQUENCE:dc1
            [second]
            a=SEQUENCE:dc2
            [dc1]
            type=OID:0.9.2342.19200300.100.1.25
            value=PRINTABLESTRING:com
            [dc2]
            type=OID:0.9.2342.19200300.100.1.25
            value=PRINTABLESTRING:example
            """);

        Assert.Equal(expected, OpenSslCsr.Ours(Literal("DC=example,DC=com")).SubjectName.RawData);
    }

    [Theory]
    [InlineData("a lower-case key", "cn=web", "\"cn\" is no attribute type")]
    [InlineData("an unknown key", "FOO=web", "\"FOO\" is no attribute type")]
    [InlineData("no key", "=web", "\"\" is no attribute type")]
    [InlineData("no equals sign", "web", "key=value")]
    [InlineData("nothing between commas", "CN=web,,O=Us", "key=value")]
    [InlineData("a comma at the end", "CN=web,", "key=value")]
    [InlineData("only spaces", "  ", "key=value")]
    [InlineData("no value", "CN=", "CN must have a value")]
    [InlineData("only spaces as a value", "CN=   ", "CN must have a value")]
    [InlineData("hexadecimal BER", "CN=#0c0161", "not supported")]
    [InlineData("a quote without escape", "CN=\"web\"", "must be written as \\\"")]
    [InlineData("an angle bracket without escape", "CN=a<b", "must be written as \\<")]
    [InlineData("an escape before nothing", @"CN=web\", "after '\\' must come")]
    [InlineData("an escape before a plain letter", @"CN=w\web", "after '\\' must come")]
    [InlineData("half a hexadecimal pair", @"CN=a\4", "after '\\' must come")]
    [InlineData("octets that are no UTF-8", @"CN=a\ff", "must be UTF-8")]
    [InlineData("an overlong form of UTF-8", @"CN=a\c0\80", "must be UTF-8")]
    [InlineData("a NUL by way of an escape", @"CN=a\00b", "no control characters")]
    [InlineData("a line feed", "CN=a\nb", "no control characters")]
    [InlineData("an OID with one arc", "5=web", "no attribute type")]
    [InlineData("an OID that DER cannot hold", "1.40=web", "no attribute type")]
    [InlineData("an OID with a leading zero", "1.02.3=web", "no attribute type")]
    [InlineData("an OID with a huge arc", "1.2.99999999999999999999=web", "no attribute type")]
    public void Says_what_is_wrong_with_a_literal_subject(string because, string literal, string expected)
    {
        var problem = Problem(literal);

        Assert.True(problem?.Contains(expected, StringComparison.Ordinal), $"{because}: {problem}");
    }

    [Fact]
    public void A_literal_subject_is_bounded()
    {
        Assert.Contains("at most 4096 characters", Problem("CN=" + new string('a', 4096)), StringComparison.Ordinal);
        Assert.Contains("at most 64 attributes", Problem(string.Join(',', Enumerable.Repeat("O=a", 65))), StringComparison.Ordinal);
        Assert.All("=\\,+#".ToArray(), letter => Assert.NotNull(Problem(new string(letter, 4096))));
    }

    [Theory]
    [InlineData("a,b")]
    [InlineData("a+b")]
    [InlineData("a;b")]
    [InlineData("a=b")]
    [InlineData("\"a\"")]
    [InlineData("<a>")]
    [InlineData("#a")]
    [InlineData(" a ")]
    [InlineData("a\\b")]
    [InlineData("a\\")]
    [InlineData("Köln, 東京")]
    public async Task What_OpenSSL_shows_of_a_name_can_be_written_as_a_literal(string value)
    {
        using var openssl = new OpenSsl();
        using var key = Issued.Key();
        var spec = Issued.Spec(value) with { Subject = new X509Subject { Organizations = [value, "Us"], Localities = [value] } };
        openssl.Write("csr.pem", Core.Pki.SigningRequests.Create(spec, key).Span);

        var shown = await openssl.RunAsync("req", "-in", "csr.pem", "-noout", "-subject", "-nameopt", "RFC2253");
        var literal = shown["subject=".Length..].TrimEnd('\n');

        Assert.Equal((literal, Hex(OpenSslCsr.Ours(spec).SubjectName.RawData)), (literal, Hex(OpenSslCsr.Ours(Literal(literal)).SubjectName.RawData)));
    }

    [Fact]
    public void Whatever_is_written_is_read_or_refused()
    {
        const string letters = @"CNOU=,+; \#""<>2b.é" + "\0\ud83d";
        var random = new Random(4514);
        for (var round = 0; round < 3_000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(24)).Select(_ => letters[random.Next(letters.Length)])]);
            if (Problem("CN=a," + text) is null) { Assert.NotEmpty(OpenSslCsr.Ours(Literal("CN=a," + text)).SubjectName.RawData); }
        }
    }

    [Fact]
    public void Reads_back_every_member()
    {
        using var key = Issued.Key();
        var summary = CsrSummary.Of(Issued.Csr(Full, key));

        Assert.Equal((Full.Subject, "web"), (summary.Subject, summary.CommonName));
        Assert.Equal(new X509Subject(), CsrSummary.Of(Issued.Csr(Issued.Spec("web"), key)).Subject);
    }

    private static CertificateSpec Literal(string literal) => Issued.Spec(null, "a.example") with { LiteralSubject = literal };

    /// <summary>What validation says of it; null when nothing.</summary>
    private static string? Problem(string literal) =>
        CertificateRules.Check(new Certificate { Metadata = new ObjectMeta { Name = "web", Namespace = "default" }, Spec = Literal(literal) })
            .SingleOrDefault(each => each.Field == "spec.literalSubject")?.Message;

    private static CertificateSpec With(X509Subject subject) => Issued.Spec("web") with { Subject = subject };

    private static string Hex(byte[] octets) => Convert.ToHexStringLower(octets);
}
