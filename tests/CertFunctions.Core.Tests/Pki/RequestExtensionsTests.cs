using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>The extensions of a CSR, as OpenSSL writes them.</summary>
public sealed class RequestExtensionsTests
{
    private const string San = "2.5.29.17";
    private const string KeyUsage = "2.5.29.15";
    private const string ExtendedKeyUsage = "2.5.29.37";
    private const string Constraints = "2.5.29.30";

    public static TheoryData<string, CertificateSpec, string> Names => new()
    {
        { "a DNS name", Plain with { DnsNames = ["Example.com", "*.example.com", "_acme.example"] }, "DNS.1=Example.com\nDNS.2=*.example.com\nDNS.3=_acme.example" },
        { "an email address", Plain with { EmailAddresses = ["First.Last+tag@Example.com"] }, "email.1=First.Last+tag@Example.com" },
        { "IPv4 in four octets, IPv6 in sixteen", Plain with { IpAddresses = ["192.0.2.1", "2001:db8::1"] }, "IP.1=192.0.2.1\nIP.2=2001:db8::1" },
        { "a URI", Plain with { Uris = ["spiffe://trust.example/ns/a/sa/b", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"] }, "URI.1=spiffe://trust.example/ns/a/sa/b\nURI.2=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6" },
        { "a user principal name", Plain with { OtherNames = [Upn("user@example.com")] }, "otherName.1=1.3.6.1.4.1.311.20.2.3;UTF8:user@example.com" },
        { "an otherName beyond ASCII", Plain with { OtherNames = [new OtherName { Oid = "1.2.3.4", Utf8Value = "Köln" }] }, "otherName.1=1.2.3.4;FORMAT:UTF8,UTF8:Köln" },
        {
            "all kinds, in cert-manager's order",
            Plain with { OtherNames = [Upn("u")], Uris = ["https://a.example/?b=c"], IpAddresses = ["192.0.2.1"], EmailAddresses = ["a@b.example"], DnsNames = ["a.example"] },
            "DNS.1=a.example\nemail.1=a@b.example\nIP.1=192.0.2.1\nURI.1=https://a.example/?b=c\notherName.1=1.3.6.1.4.1.311.20.2.3;UTF8:u"
        },
    };

    public static TheoryData<string, NameConstraints, string> NameConstraintsRows => new()
    {
        { "a permitted domain", new NameConstraints { Critical = true, Permitted = new NameConstraintItem { DnsDomains = ["example.com"] } }, "critical,permitted;DNS:example.com" },
        { "not critical unless told", new NameConstraints { Excluded = new NameConstraintItem { DnsDomains = [".example.com"] } }, "excluded;DNS:.example.com" },
        {
            "ranges with their mask, bits behind the prefix cleared",
            new NameConstraints { Permitted = new NameConstraintItem { IpRanges = ["192.0.2.77/26", "2001:db8::1/32", "0.0.0.0/0"] } },
            "permitted;IP:192.0.2.64/255.255.255.192,permitted;IP:2001:db8::/ffff:ffff::,permitted;IP:0.0.0.0/0.0.0.0"
        },
        {
            "all kinds, in cert-manager's order, permitted first",
            new NameConstraints
            {
                Excluded = new NameConstraintItem { UriDomains = [".bad.example"], EmailAddresses = ["a@bad.example"] },
                Permitted = new NameConstraintItem { UriDomains = ["x.example"], EmailAddresses = [".y.example"], IpRanges = ["10.0.0.0/8"], DnsDomains = ["z.example"] },
            },
            "permitted;DNS:z.example,permitted;IP:10.0.0.0/255.0.0.0,permitted;email:.y.example,permitted;URI:x.example,excluded;email:a@bad.example,excluded;URI:.bad.example"
        },
    };

    private static CertificateSpec Plain => Issued.Spec();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Names_are_what_OpenSSL_writes(string because, CertificateSpec spec, string openSsl)
    {
        var expected = await OpenSslCsr.MakeAsync("/", $"subjectAltName=critical,@names\n[names]\n{openSsl}");

        Assert.Equal((because, expected.Extension(San)), (because, OpenSslCsr.Ours(spec).Extension(San)));
    }

    [Fact]
    public void Names_are_critical_only_without_a_subject()
    {
        var named = Plain with { DnsNames = ["a.example"] };

        Assert.True(OpenSslCsr.Ours(named).Extension(San)!.Value.IsCritical);
        Assert.False(OpenSslCsr.Ours(named with { Subject = new X509Subject { Countries = ["DE"] } }).Extension(San)!.Value.IsCritical);
        Assert.False(OpenSslCsr.Ours(named with { LiteralSubject = "O=Us" }).Extension(San)!.Value.IsCritical);
        Assert.Null(OpenSslCsr.Ours(Issued.Spec("web")).Extension(San));
    }

    [Fact]
    public async Task Reads_back_names_that_OpenSSL_wrote()
    {
        var csr = await OpenSslCsr.MakePemAsync(
            "/", "subjectAltName=@names\n[names]\nDNS.1=a.example\nemail.1=a@b.example\nIP.1=192.0.2.1\nURI.1=https://a.example/\notherName.1=1.2.3;UTF8:x\notherName.2=1.2.3;IA5:y");

        var names = CsrSummary.Of(SigningRequests.TryRead(csr, out _)!);

        Assert.Equal<ValueList<string>>(["a.example"], names.DnsNames);
        Assert.Equal<ValueList<string>>(["a@b.example"], names.EmailAddresses!);
        Assert.Equal<ValueList<string>>(["192.0.2.1"], names.IpAddresses);
        Assert.Equal<ValueList<string>>(["https://a.example/"], names.Uris!);
        Assert.Equal<ValueList<string>>(["1.2.3:x", "1.2.3:"], names.OtherNames!);
    }

    [Fact]
    public void A_summary_holds_all_of_them()
    {
        using var key = Issued.Key();
        var spec = Plain with
        {
            Uris = ["urn:a:b"], EmailAddresses = ["a@b.example"], OtherNames = [Upn("u")], Subject = new X509Subject { Organizations = ["Us"] },
        };

        var summary = CsrSummary.Of(Issued.Csr(spec, key));

        Assert.Equal<ValueList<string>>(["urn:a:b"], summary.Uris!);
        Assert.Equal<ValueList<string>>(["a@b.example"], summary.EmailAddresses!);
        Assert.Equal<ValueList<string>>(["1.3.6.1.4.1.311.20.2.3:u"], summary.OtherNames!);
        Assert.Equal<ValueList<string>>(["Us"], summary.Subject!.Organizations!);
        Assert.Equal(summary, System.Text.Json.JsonSerializer.Deserialize<CsrSummary>(System.Text.Json.JsonSerializer.Serialize(summary)));
    }

    [Theory]
    [MemberData(nameof(NameConstraintsRows))]
    public async Task Name_constraints_are_what_OpenSSL_writes(string because, NameConstraints constraints, string openSsl)
    {
        var expected = await OpenSslCsr.MakeAsync("/CN=ca", $"nameConstraints={openSsl}");

        var ours = OpenSslCsr.Ours(Issued.Spec("ca") with { IsCA = true, NameConstraints = constraints });

        Assert.Equal((because, expected.Extension(Constraints)), (because, ours.Extension(Constraints)));
    }

    [Theory]
    [InlineData("the default pair", "", false, "digitalSignature,keyEncipherment", null)]
    [InlineData("a CA adds keyCertSign, never cRLSign", "", true, "digitalSignature,keyEncipherment,keyCertSign", null)]
    [InlineData("a list replaces the default whole", "server auth", false, null, "serverAuth")]
    [InlineData("also for a CA, but for keyCertSign", "server auth", true, "keyCertSign", "serverAuth")]
    [InlineData("signing is digitalSignature", "signing", false, "digitalSignature", null)]
    [InlineData("digital signature", "digital signature", false, "digitalSignature", null)]
    [InlineData("content commitment", "content commitment", false, "nonRepudiation", null)]
    [InlineData("key encipherment", "key encipherment", false, "keyEncipherment", null)]
    [InlineData("data encipherment", "data encipherment", false, "dataEncipherment", null)]
    [InlineData("key agreement", "key agreement", false, "keyAgreement", null)]
    [InlineData("cert sign", "cert sign", false, "keyCertSign", null)]
    [InlineData("crl sign", "crl sign", false, "cRLSign", null)]
    [InlineData("encipher only", "encipher only", false, "encipherOnly", null)]
    [InlineData("decipher only, the ninth bit", "decipher only", false, "decipherOnly", null)]
    [InlineData("all bits", "signing,content commitment,key encipherment,data encipherment,key agreement,cert sign,crl sign,encipher only,decipher only", false, "digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyAgreement,keyCertSign,cRLSign,encipherOnly,decipherOnly", null)]
    [InlineData("any", "any", false, null, "anyExtendedKeyUsage")]
    [InlineData("client auth", "client auth", false, null, "clientAuth")]
    [InlineData("code signing", "code signing", false, null, "codeSigning")]
    [InlineData("email protection", "email protection", false, null, "emailProtection")]
    [InlineData("s/mime is the same", "s/mime", false, null, "emailProtection")]
    [InlineData("ipsec end system", "ipsec end system", false, null, "ipsecEndSystem")]
    [InlineData("ipsec tunnel", "ipsec tunnel", false, null, "ipsecTunnel")]
    [InlineData("ipsec user", "ipsec user", false, null, "ipsecUser")]
    [InlineData("timestamping", "timestamping", false, null, "timeStamping")]
    [InlineData("ocsp signing", "ocsp signing", false, null, "OCSPSigning")]
    [InlineData("microsoft sgc", "microsoft sgc", false, null, "msSGC")]
    [InlineData("netscape sgc", "netscape sgc", false, null, "nsSGC")]
    [InlineData("extended usages keep their order, and duplicates", "server auth,any,client auth,server auth", false, null, "serverAuth,anyExtendedKeyUsage,clientAuth,serverAuth")]
    public async Task Usages_are_what_OpenSSL_writes(string because, string usages, bool isCA, string? keyUsage, string? extended)
    {
        var lines = (keyUsage is null ? "" : $"keyUsage=critical,{keyUsage}\n") + (extended is null ? "" : $"extendedKeyUsage={extended}\n");
        var expected = await OpenSslCsr.MakeAsync("/CN=web", lines);

        var ours = OpenSslCsr.Ours(Issued.Spec("web") with { IsCA = isCA, Usages = usages.Length == 0 ? null : usages.Split(',').ToValueList() });

        Assert.Equal((because, expected.Extension(KeyUsage)), (because, ours.Extension(KeyUsage)));
        Assert.Equal((because, expected.Extension(ExtendedKeyUsage)), (because, ours.Extension(ExtendedKeyUsage)));
    }

    [Fact]
    public void Every_usage_name_is_in_the_table_above()
    {
        var rows = typeof(RequestExtensionsTests).GetMethod(nameof(Usages_are_what_OpenSSL_writes))!
            .GetCustomAttributes(typeof(InlineDataAttribute), inherit: false).Cast<InlineDataAttribute>().SelectMany(row => ((string)row.Data[1]!).Split(','));

        Assert.Empty(UsageNames.All.Except(rows));
    }

    [Fact]
    public void Usages_can_be_left_out_of_the_CSR()
    {
        var csr = OpenSslCsr.Ours(Issued.Spec("web", "a.example") with { Usages = ["signing", "server auth"], EncodeUsagesInRequest = false });

        Assert.Equal([San], csr.CertificateExtensions.Select(each => each.Oid!.Value));
    }

    [Theory]
    [InlineData("RSA", 2048, "SHA512WithRSA", "sha512WithRSAEncryption")]
    [InlineData("RSA", 4096, "SHA256WithRSA", "sha256WithRSAEncryption")]
    [InlineData("RSA", 2048, "SHA384WithRSA", "sha384WithRSAEncryption")]
    [InlineData("ECDSA", 256, "ECDSAWithSHA512", "ecdsa-with-SHA512")]
    [InlineData("ECDSA", 521, "ECDSAWithSHA256", "ecdsa-with-SHA256")]
    [InlineData("ECDSA", 384, "ECDSAWithSHA384", "ecdsa-with-SHA384")]
    public async Task Signs_the_CSR_as_told(string algorithm, int sizeInBits, string signatureAlgorithm, string expected)
    {
        using var openssl = new OpenSsl();
        using var key = PrivateKey.Generate(algorithm, sizeInBits);
        openssl.Write("csr.pem", SigningRequests.Create(Issued.Spec("web") with { SignatureAlgorithm = signatureAlgorithm }, key).Span);

        var text = await openssl.RunAsync("req", "-verify", "-noout", "-text", "-in", "csr.pem");

        Assert.Contains("self-signature verify OK", text, StringComparison.Ordinal);
        Assert.Contains($"Signature Algorithm: {expected}", text, StringComparison.Ordinal);
    }

    private static OtherName Upn(string value) => new() { Oid = "1.3.6.1.4.1.311.20.2.3", Utf8Value = value };
}
