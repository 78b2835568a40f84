using System.Text;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Tests.Pki;

public sealed class ChainsTests : IDisposable
{
    private readonly PrivateKey _rootKey = Issued.Key();
    private readonly PrivateKey _caKey = Issued.Key();
    private readonly PrivateKey _leafKey = Issued.Key();
    private readonly byte[] _root;
    private readonly byte[] _ca;
    private readonly byte[] _leaf;
    private readonly CsrFacts _csr;

    public ChainsTests()
    {
        _root = Issued.Root(_rootKey);
        _ca = Issued.Intermediate(new CaSigner(_root, _rootKey, []), _caKey);
        _csr = Issued.Csr(Issued.Spec(null, "web.example"), _leafKey);
        _leaf = new CaSigner(_ca, _caKey, [_root]).Sign(_csr, Issued.Terms());
    }

    [Theory]
    [InlineData("leaf,ca,root", "leaf,ca", "root")]
    [InlineData("root,leaf,ca", "leaf,ca", "root")]
    [InlineData("leaf,leaf,ca,root,ca", "leaf,ca", "root")]
    [InlineData("leaf,ca", "leaf,ca", "ca")]
    [InlineData("leaf", "leaf", null)]
    [InlineData("root", "root", "root")]
    [InlineData("ca,root", "ca", "root")]
    public void Orders_by_the_chain_rule(string given, string chain, string? ca)
    {
        var result = Chains.Build(given.Split(',').Select(Named));

        Assert.Null(result.Problem);
        Assert.Equal(chain.Split(',').Select(Named), result.Chain);
        Assert.Equal(ca is null ? null : Named(ca), result.Ca);
    }

    [Theory]
    [InlineData("leaf,root")]
    [InlineData("leaf,ca,other")]
    [InlineData("leaf,ca,root,renewed")]
    public void Finds_broken_or_ambiguous_chains(string given) =>
        Assert.Equal("The certificate chain is malformed or broken.", Chains.Build(given.Split(',').Select(Named)).Problem);

    [Fact]
    public void Reads_the_certificates_it_wrote_with_text_between()
    {
        var pem = "subject=/CN=x\r\n" + Encoding.ASCII.GetString(Pem.WriteCertificates([_leaf, _ca]).Span).Replace("\n", "\r\n", StringComparison.Ordinal);

        Assert.Equal([_leaf, _ca], Pem.ReadCertificates(Encoding.ASCII.GetBytes(pem)));
    }

    [Theory]
    [InlineData("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMAA=\n-----END X-----")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMAA=")]
    [InlineData("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----")]
    public void Refuses_PEM_that_is_no_certificate(string pem) =>
        Assert.Throws<FormatException>(() => Pem.ReadCertificates(Encoding.ASCII.GetBytes(pem)));

    [Fact]
    public void Refuses_a_large_PEM_unread() =>
        Assert.Throws<FormatException>(() => Pem.ReadCertificates(new byte[Pem.MaxChainBytes + 1]));

    [Fact]
    public void Accepts_what_our_own_CA_returned() =>
        Assert.Null(ReturnedCertificate.Problem([_leaf, _ca], _csr, isCA: false, Issued.Now));

    [Theory]
    [InlineData("another key", "another key")]
    [InlineData("other names", "missing [dns:web.example], added [dns:evil.example]")]
    [InlineData("a CA", "which was not asked for")]
    [InlineData("broken", "is broken")]
    [InlineData("twice", "twice")]
    [InlineData("empty", "returned 0 certificates")]
    [InlineData("expired", "expired")]
    [InlineData("early", "not valid before")]
    public void Refuses_a_returned_certificate(string because, string expected)
    {
        using var ca = new CaSigner(_ca, PrivateKey.FromPkcs8Base64(_caKey.ToPkcs8Base64()), [_root]);
        using var other = Issued.Key();
        byte[][] chain = because switch
        {
            "another key" => [Issued.Leaf(ca, other, "web.example"), _ca],
            "other names" => [Issued.Leaf(ca, _leafKey, "evil.example"), _ca],
            "a CA" => [ca.Sign(Issued.Csr(Issued.Spec("web", "web.example"), _leafKey), Issued.Terms(isCA: true)), _ca],
            "broken" => [_leaf, _root],
            "twice" => [_leaf, _ca, _ca],
            "empty" => [],
            _ => [_leaf, _ca],
        };
        var now = because switch { "expired" => Issued.Now.AddDays(91), "early" => Issued.Now.AddMinutes(-6), _ => Issued.Now };

        Assert.Contains(expected, ReturnedCertificate.Problem(chain, _csr, isCA: false, now), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _rootKey.Dispose();
        _caKey.Dispose();
        _leafKey.Dispose();
    }

    private byte[] Named(string name) => name switch
    {
        "root" => _root,
        "ca" => _ca,
        "leaf" => _leaf,
        "renewed" => Issued.Root(_rootKey),
        _ => Issued.Root(_leafKey, "Other"),
    };
}
