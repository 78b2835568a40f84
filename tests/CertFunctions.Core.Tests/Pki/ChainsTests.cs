using System.Text;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Tests.Pki;

public sealed class ChainsTests : IDisposable
{
    private readonly PrivateKey _rootKey = Issued.Key();
    private readonly PrivateKey _caKey = Issued.Key();
    private readonly PrivateKey _leafKey = Issued.Key();
    private readonly PrivateKey _subKey = Issued.Key();
    private readonly Dictionary<string, byte[]> _named = [];
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

    public static TheoryData<string, string, string, string?> Bundles => new()
    {
        // because                                           input                    chain          CA
        { "the root is not sent",                            "leaf,ca,root",          "leaf,ca",     "root" },
        { "any order will do",                               "root,leaf,ca",          "leaf,ca",     "root" },
        { "duplicates are dropped",                          "leaf,leaf,ca,root,ca",  "leaf,ca",     "root" },
        { "the top one is the CA, self-signed or not",       "leaf,ca",               "leaf,ca",     "ca" },
        { "nothing is known above a leaf alone",             "leaf",                  "leaf",        null },
        { "a root alone is its own chain and CA",            "root",                  "root",        "root" },
        { "so is a self-signed leaf",                        "self",                  "self",        "self" },
        { "a CA's own chain is built the same way",          "ca,root",               "ca",          "root" },
        { "an intermediate alone is like a leaf alone",      "ca",                    "ca",          null },
        { "signed by the root itself",                       "root,direct",           "direct",      "root" },
        { "two intermediates",                               "sub,deep,root,ca",      "deep,sub,ca", "root" },
        { "two intermediates, top missing",                  "ca,deep,sub",           "deep,sub,ca", "ca" },
        { "cross-signed to another root, which is there",    "leaf,cross,other",      "leaf,cross",  "other" },
    };

    [Theory]
    [MemberData(nameof(Bundles))]
    public void Orders_by_the_chain_rule(string because, string given, string chain, string? ca)
    {
        var result = Chains.Build(given.Split(',').Select(Named));

        Assert.True(result.Problem is null, because);
        Assert.True(chain == string.Join(',', result.Chain.Select(NameOf)), because);
        Assert.True(ca == (result.Ca is { } found ? NameOf(found) : null), because);
    }

    public static TheoryData<string, string> BrokenBundles => new()
    {
        { "the link between is missing",                      "leaf,root" },
        { "a certificate belongs to nobody",                  "leaf,ca,other" },
        { "two leaves",                                       "leaf,direct,ca,root" },
        { "two self-signed certificates",                     "root,other" },
        { "two roots of one key could both be meant",         "leaf,ca,root,renewed" },
        { "two paths lead up",                                "leaf,ca,cross,root,other" },
        { "the issuer has the name but not the key",          "leaf,impostor" },
    };

    [Theory]
    [MemberData(nameof(BrokenBundles))]
    public void Finds_broken_or_ambiguous_chains(string because, string given) =>
        Assert.True(Chains.Build(given.Split(',').Select(Named)).Problem == "The certificate chain is malformed or broken.", because);

    [Fact]
    public void An_empty_or_an_endless_bundle_is_no_chain()
    {
        Assert.Equal("There is no certificate.", Chains.Build([]).Problem);
        Assert.Equal("There are more than 1000 certificates.", Chains.Build(Enumerable.Range(0, 1001).Select(WithSerial)).Problem);
    }

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

    [Theory]
    [InlineData("as asked", "", null)]
    [InlineData("another extended key usage", "client auth", "extended key usages are")]
    [InlineData("key usage missing", "digital signature", "key usage is")]
    public void Checks_the_usages_when_they_are_not_the_issuers_choice(string because, string asked, string? expected)
    {
        var usages = UsageNames.Expand(asked.Length == 0 ? null : [asked, .. asked == "client auth" ? ["digital signature", "key encipherment"] : Array.Empty<string>()], isCA: false);

        var problem = ReturnedCertificate.Problem([_leaf, _ca], _csr, isCA: false, Issued.Now, usages);

        Assert.True(expected is null ? problem is null : problem!.Contains(expected, StringComparison.Ordinal), $"{because}: {problem}");
    }

    public void Dispose()
    {
        _rootKey.Dispose();
        _caKey.Dispose();
        _leafKey.Dispose();
        _subKey.Dispose();
    }

    private string NameOf(byte[] der) => _named.Single(each => each.Value.AsSpan().SequenceEqual(der)).Key;

    private byte[] Named(string name)
    {
        if (!_named.TryGetValue(name, out var der)) { _named.Add(name, der = Make(name)); }
        return der;
    }

    private byte[] Make(string name) => name switch
    {
        "root" => _root,
        "ca" => _ca,
        "leaf" => _leaf,
        "renewed" => Issued.Root(_rootKey),
        "self" => SelfSigner.Sign(_csr, _leafKey, Issued.Terms()),
        "direct" => Signer(_root, _rootKey).Sign(_csr, Issued.Terms()),
        "sub" => Signer(_ca, _caKey, _root).Sign(Issued.Csr(Issued.Spec("Sub"), _subKey), Issued.Terms(isCA: true)),
        "deep" => Signer(Named("sub"), _subKey, _ca, _root).Sign(_csr, Issued.Terms()),
        "cross" => Issued.Intermediate(Signer(Named("other"), _leafKey), _caKey),
        "impostor" => Issued.Intermediate(Signer(_root, _rootKey), _subKey),
        _ => Issued.Root(_leafKey, "Other"),
    };

    /// <summary>1001 different certificates without 1001 signatures: the serial number differs, and nobody gets to verify them.</summary>
    private byte[] WithSerial(int number)
    {
        byte[] der = [.. _root];
        var at = der.AsSpan().IndexOf(Convert.FromHexString(X509Facts.Read(_root).SerialNumber));
        der[at + 4] = (byte)number;
        der[at + 5] = (byte)(number >> 8);
        return der;
    }

    private static CaSigner Signer(byte[] der, PrivateKey key, params byte[][] above) => new(der, PrivateKey.FromPkcs8Base64(key.ToPkcs8Base64()), above);
}
