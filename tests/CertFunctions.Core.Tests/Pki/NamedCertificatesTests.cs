using System.Diagnostics;
using System.Globalization;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>Certificates with every kind of name, seen by others; and what an issuer may make of names that were asked for.</summary>
public sealed class NamedCertificatesTests : IDisposable
{
    private static readonly CertificateSpec Full = Issued.Spec("web", "a.example", "*.b.example") with
    {
        Subject = new X509Subject
        {
            Organizations = ["Us", "Them"], Countries = ["DE"], OrganizationalUnits = ["Web"], Localities = ["Köln"], Provinces = ["NRW"],
            StreetAddresses = ["Am Dom 1"], PostalCodes = ["50667"], SerialNumber = "7",
        },
        IpAddresses = ["192.0.2.1", "2001:db8::1"],
        Uris = ["spiffe://trust.example/ns/a"],
        EmailAddresses = ["a@b.example"],
        OtherNames = [new OtherName { Oid = "1.3.6.1.4.1.311.20.2.3", Utf8Value = "user@b.example" }],
    };

    private static readonly NameConstraints Constraints = new()
    {
        Critical = true,
        Permitted = new NameConstraintItem { DnsDomains = ["example"], IpRanges = ["192.0.2.0/24", "2001:db8::/32"], UriDomains = [".example"], EmailAddresses = ["b.example"] },
        Excluded = new NameConstraintItem { DnsDomains = ["bad.example"] },
    };

    private readonly PrivateKey _caKey = Issued.Key();
    private readonly PrivateKey _leafKey = Issued.Key();

    public static TheoryData<string, CertificateSpec, string> Renamed => new()
    {
        { "as asked", Full, "" },
        { "in another order", Full with { DnsNames = ["*.b.example", "a.example"] }, "" },
        { "a DNS name in another case", Full with { DnsNames = ["A.example", "*.b.example"] }, "" },
        { "the host of a mailbox in another case", Full with { EmailAddresses = ["a@B.example"] }, "" },
        { "a DNS name less", Full with { DnsNames = ["a.example"] }, "missing [dns:*.b.example], added []" },
        { "another address", Full with { IpAddresses = ["192.0.2.1"] }, "missing [ip:2001:db8::1], added []" },
        { "another URI", Full with { Uris = ["spiffe://trust.example/ns/b"] }, "missing [uri:spiffe://trust.example/ns/a], added [uri:spiffe://trust.example/ns/b]" },
        { "another mailbox", Full with { EmailAddresses = ["A@b.example"] }, "missing [email:a@b.example], added [email:A@b.example]" },
        { "no otherName", Full with { OtherNames = null }, "missing [other:1.3.6.1.4.1.311.20.2.3:user@b.example], added []" },
    };

    [Theory]
    [InlineData("critical", true)]
    [InlineData("not critical", false)]
    public async Task Every_kind_of_name_verifies_below_a_CA_that_permits_it(string because, bool isCritical)
    {
        using var openssl = new OpenSsl();
        var root = Root(Constraints with { Critical = isCritical });
        using var ca = new CaSigner(root, PrivateKey.FromPkcs8Base64(_caKey.ToPkcs8Base64()), []);
        openssl.Write("root.pem", Pem.WriteCertificates([root]).Span);
        openssl.Write("leaf.pem", Pem.WriteCertificates([ca.Sign(Issued.Csr(Full, _leafKey), Issued.Terms())]).Span);

        var at = Issued.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var verified = await openssl.RunAsync("verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-CAfile", "root.pem", "-attime", at, "leaf.pem");
        var subject = await openssl.RunAsync("x509", "-in", "leaf.pem", "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8");

        Assert.Contains("OK", verified, StringComparison.Ordinal);
        Assert.Equal((because, "subject=serialNumber=7,CN=web,postalCode=50667,street=Am Dom 1,ST=NRW,L=Köln,OU=Web,O=Them+O=Us,C=DE"), (because, subject.Trim()));
    }

    [Fact]
    public async Task Java_reads_every_kind_of_name()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, SelfSigner.Sign(Issued.Csr(Full, _leafKey), _leafKey, Issued.Terms()), TestContext.Current.CancellationToken);
        using var process = Process.Start(new ProcessStartInfo("keytool", ["-printcert", "-file", file]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        File.Delete(file);

        Assert.All(
            ["DNSName: a.example", "DNSName: *.b.example", "IPAddress: 192.0.2.1", "RFC822Name: a@b.example", "URIName: spiffe://trust.example/ns/a", "OID.2.5.4.17=50667"],
            name => Assert.Contains(name, text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("an excluded domain", "x.bad.example")]
    [InlineData("a domain beyond what is permitted", "a.test")]
    public void A_CA_signs_no_name_beyond_its_constraints(string because, string name)
    {
        using var ca = new CaSigner(Root(Constraints), PrivateKey.FromPkcs8Base64(_caKey.ToPkcs8Base64()), []);

        var refused = Assert.Throws<SigningRefusedException>(() => ca.Sign(Issued.Csr(Issued.Spec(null, name), _leafKey), Issued.Terms()));

        Assert.Equal((because, "NameNotPermitted"), (because, refused.Reason));
    }

    [Theory]
    [MemberData(nameof(Renamed))]
    public void An_issuer_may_change_no_name(string because, CertificateSpec returned, string problem)
    {
        var leaf = SelfSigner.Sign(Issued.Csr(returned, _leafKey), _leafKey, Issued.Terms());

        var found = ReturnedCertificate.Problem([leaf], Issued.Csr(Full, _leafKey), isCA: false, Issued.Now);

        Assert.True(problem.Length == 0 ? found is null : found!.Contains(problem, StringComparison.Ordinal), $"{because}: {found}");
    }

    [Fact]
    public void An_issuer_may_not_widen_a_CA()
    {
        var csr = Issued.Csr(CaSpec(Constraints), _caKey);

        Assert.Null(ReturnedCertificate.Problem([Root(Constraints)], csr, isCA: true, Issued.Now));
        foreach (var other in (NameConstraints?[])[null, Constraints with { Excluded = null }])
        {
            Assert.Contains("name constraints", ReturnedCertificate.Problem([Root(other)], csr, isCA: true, Issued.Now), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Facts_hold_every_kind_of_name()
    {
        var facts = X509Facts.Read(SelfSigner.Sign(Issued.Csr(Full, _leafKey), _leafKey, Issued.Terms()));

        Assert.Equal((Full.Uris, Full.EmailAddresses), (facts.Uris, facts.EmailAddresses));
        Assert.Equal<ValueList<string>>(["1.3.6.1.4.1.311.20.2.3:user@b.example"], facts.OtherNames!);
        Assert.Equal(Full.Subject! with { Organizations = ["Them", "Us"] }, facts.Subject! with { Organizations = facts.Subject!.Organizations!.Order(StringComparer.Ordinal).ToValueList() });
    }

    public void Dispose()
    {
        _caKey.Dispose();
        _leafKey.Dispose();
    }

    private static CertificateSpec CaSpec(NameConstraints? constraints) => Issued.Spec("Root") with { IsCA = true, NameConstraints = constraints };

    private byte[] Root(NameConstraints? constraints) => SelfSigner.Sign(Issued.Csr(CaSpec(constraints), _caKey), _caKey, Issued.Terms(isCA: true, 3650));
}
