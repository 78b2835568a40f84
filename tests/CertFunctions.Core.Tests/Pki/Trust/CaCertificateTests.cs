using System.Security.Cryptography;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Pki.Trust;

namespace CertFunctions.Core.Tests.Pki.Trust;

public sealed class CaCertificateTests : IDisposable
{
    private readonly Anchors _anchors = new();
    private readonly OpenSsl _openssl = new();

    [Fact]
    public void Tells_what_bundles_are_decided_by()
    {
        var root = _anchors.Root;
        var facts = X509Facts.Read(root.Der);

        Assert.Equal((facts.Thumbprint, facts.KeyHash, facts.SubjectHash, "CN=Root"), (root.Thumbprint, root.KeyHash, root.SubjectHash, root.Subject));
        Assert.Equal((facts.NotBefore, facts.NotAfter, true, true), (root.NotBefore, root.NotAfter, root.IsCA, root.IsSelfSigned));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(root.Der)), root.Thumbprint);
        Assert.Equal($"{root.Thumbprint[..8]}|cn=root", root.Alias);
        Assert.Equal(CaCertificate.Read([.. root.Der]), root);
    }

    [Fact]
    public void Takes_a_root_for_an_anchor() => Assert.Null(_anchors.Root.WhyNotAnchor(Issued.Now));

    [Fact]
    public void Refuses_a_leaf_and_an_intermediate_by_name()
    {
        Assert.Contains("is not a CA certificate", _anchors.Leaf.WhyNotAnchor(), StringComparison.Ordinal);
        Assert.Contains(_anchors.Leaf.Thumbprint[..8], _anchors.Leaf.WhyNotAnchor(), StringComparison.Ordinal);
        Assert.StartsWith("\"CN=Intermediate\" (SHA-256 ", _anchors.Intermediate.WhyNotAnchor(), StringComparison.Ordinal);
        Assert.Contains("not self-signed", _anchors.Intermediate.WhyNotAnchor(), StringComparison.Ordinal);
    }

    [Fact]
    public void Counts_dates_only_when_asked_and_lets_one_be_published_before_it_is_valid()
    {
        var root = Anchors.NewRoot("Short", days: 1);

        Assert.Null(root.WhyNotAnchor());
        Assert.Null(root.WhyNotAnchor(root.NotAfter));
        Assert.EndsWith("expired on 2030-01-02.", root.WhyNotAnchor(root.NotAfter.AddSeconds(1)), StringComparison.Ordinal);
        Assert.Null(root.WhyNotAnchor(root.NotBefore.AddDays(-1)));
    }

    [Fact]
    public async Task Takes_a_self_signed_certificate_of_version_1()
    {
        await _openssl.RunAsync("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out", "csr.pem", "-subj", "/CN=Old/O=Müller & Söhne/C=DE", "-utf8");
        await _openssl.RunAsync("x509", "-req", "-in", "csr.pem", "-signkey", "key.pem", "-out", "old.der", "-outform", "DER");
        Assert.Contains("Version: 1", await _openssl.RunAsync("x509", "-in", "old.der", "-inform", "DER", "-noout", "-text"), StringComparison.Ordinal);

        var old = CaCertificate.Read(_openssl.Read("old.der"));

        Assert.Null(old.WhyNotAnchor());
        Assert.Equal("C=DE, O=Müller & Söhne, CN=Old", old.Subject);
    }

    [Theory]
    [InlineData("no basic constraints", "subjectKeyIdentifier=hash", "is not a CA certificate")]
    [InlineData("a key usage without cert sign", "basicConstraints=critical,CA:TRUE\nkeyUsage=digitalSignature", "its key usage lacks")]
    public async Task Refuses_a_self_signed_certificate_with(string because, string extensions, string problem)
    {
        _openssl.Write("own.cnf", Anchors.Ascii($"[req]\ndistinguished_name=dn\nx509_extensions=own\n[dn]\n[own]\n{extensions}\n"));
        await _openssl.RunAsync(
            "req", "-x509", "-config", "own.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-subj", "/CN=Own", "-outform", "DER", "-out", "own.der");

        var refusal = CaCertificate.Read(_openssl.Read("own.der")).WhyNotAnchor();

        Assert.True(refusal?.Contains(problem, StringComparison.Ordinal), $"{because}: {refusal}");
    }

    [Fact]
    public async Task Shows_any_subject_short_and_without_control_characters()
    {
        var name = string.Concat(Enumerable.Repeat("😀\u0007", 10));
        await _openssl.RunAsync(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-utf8", "-outform", "DER", "-out", "long.der",
            "-subj", $"/O={name}{new string('x', 30)}/OU={new string('y', 60)}/OU={new string('z', 60)}/OU={new string('w', 60)}");

        var root = CaCertificate.Read(_openssl.Read("long.der"));

        Assert.Equal(200, root.Subject.Length);
        Assert.DoesNotContain(root.Subject, c => char.IsControl(c) || char.IsSurrogate(c));
        Assert.NotEmpty(TrustFiles.Jks([root], "changeit"));
        Assert.NotEmpty(TrustFiles.Pkcs12([root], "", Core.Pki.Keystores.Pkcs12Profile.LegacyDES));
    }

    public void Dispose()
    {
        _anchors.Dispose();
        _openssl.Dispose();
    }
}
