using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Pki;

public sealed class SignersTests
{
    private static readonly DateTimeOffset Later = Issued.Now.AddDays(1);

    [Fact]
    public async Task Root_intermediate_and_leaf_verify_with_OpenSSL_and_DotNet()
    {
        using var openssl = new OpenSsl();
        var rootKey = PrivateKey.Generate("RSA", 2048);
        var caKey = PrivateKey.Generate("ECDSA", 384);
        using var leafKey = Issued.Key();
        var rootDer = Issued.Root(rootKey);
        using var root = new CaSigner(rootDer, rootKey, []);
        var caDer = Issued.Intermediate(root, caKey);
        using var ca = new CaSigner(caDer, caKey, [rootDer]);
        var leaf = Issued.Leaf(ca, leafKey, "web.example");

        await openssl.VerifyAsync(leaf, [caDer], rootDer, Later);
        Issued.VerifiesInDotNet(leaf, [caDer], rootDer, Later);
    }

    [Fact]
    public async Task Extensions_are_those_of_cert_manager()
    {
        using var openssl = new OpenSsl();
        var rootKey = Issued.Key();
        using var leafKey = Issued.Key();
        var rootDer = Issued.Root(rootKey);
        using var root = new CaSigner(rootDer, rootKey, []);
        openssl.Write("root.der", rootDer);
        openssl.Write("leaf.der", Issued.Leaf(root, leafKey, "web.example"));

        var rootText = await openssl.RunAsync("x509", "-inform", "DER", "-in", "root.der", "-noout", "-text");
        var leafText = await openssl.RunAsync("x509", "-inform", "DER", "-in", "leaf.der", "-noout", "-text");

        Assert.Contains("CA:TRUE", rootText, StringComparison.Ordinal);
        Assert.DoesNotContain("pathlen", rootText, StringComparison.Ordinal);
        Assert.Contains("Certificate Sign", rootText, StringComparison.Ordinal);
        Assert.Contains("Subject Key Identifier", rootText, StringComparison.Ordinal);
        Assert.DoesNotContain("Authority Key Identifier", rootText, StringComparison.Ordinal);
        Assert.Contains("CA:FALSE", leafText, StringComparison.Ordinal);
        Assert.Contains("Authority Key Identifier", leafText, StringComparison.Ordinal);
        Assert.DoesNotContain("DirName", leafText, StringComparison.Ordinal);
        Assert.DoesNotContain("Subject Key Identifier", leafText, StringComparison.Ordinal);
        Assert.Contains("Subject Alternative Name: critical", leafText, StringComparison.Ordinal);
        Assert.Contains("Key Usage: critical", leafText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Roots_renewed_with_the_same_key_verify_old_and_new_leaves_both_ways()
    {
        using var openssl = new OpenSsl();
        var rootKey = Issued.Key();
        using var leafKey = Issued.Key();
        var oldDer = Issued.Root(rootKey);
        var ski = Convert.FromHexString(X509Facts.Read(oldDer).SubjectKeyId!);
        var newDer = Issued.Root(rootKey, ski: ski, now: Issued.Now.AddHours(1));
        using var oldRoot = new CaSigner(oldDer, rootKey, []);
        using var newRoot = new CaSigner(newDer, rootKey, []);
        var oldLeaf = Issued.Leaf(oldRoot, leafKey, "old.example");
        var newLeaf = newRoot.Sign(Issued.Csr(Issued.Spec(null, "new.example"), leafKey), Issued.Terms(now: Issued.Now.AddHours(1)));

        foreach (var root in (byte[][])[oldDer, newDer])
        {
            foreach (var leaf in (byte[][])[oldLeaf, newLeaf])
            {
                await openssl.VerifyAsync(leaf, [], root, Later);
                Issued.VerifiesInDotNet(leaf, [], root, Later);
            }
        }
    }

    [Fact]
    public async Task Intermediates_renewed_with_the_same_key_verify_both_ways()
    {
        using var openssl = new OpenSsl();
        var rootKey = Issued.Key();
        var caKey = Issued.Key();
        using var leafKey = Issued.Key();
        var rootDer = Issued.Root(rootKey);
        using var root = new CaSigner(rootDer, rootKey, []);
        byte[] odd = [1, 2, 3, 4, 5]; // copied octets, whatever method made them
        var oldCa = Issued.Intermediate(root, caKey, ski: odd);
        var newCa = Issued.Intermediate(root, caKey, ski: Convert.FromHexString(X509Facts.Read(oldCa).SubjectKeyId!));
        using var signer = new CaSigner(oldCa, caKey, [rootDer]);
        var leaf = Issued.Leaf(signer, leafKey, "web.example");

        Assert.Equal("0102030405", X509Facts.Read(newCa).SubjectKeyId);
        await openssl.VerifyAsync(leaf, [newCa], rootDer, Later);
        Issued.VerifiesInDotNet(leaf, [newCa], rootDer, Later);
    }

    [Fact]
    public void A_leaf_never_outlives_its_CA()
    {
        var rootKey = Issued.Key();
        using var leafKey = Issued.Key();
        using var root = new CaSigner(Issued.Root(rootKey, days: 30), rootKey, []);

        var leaf = X509Facts.Read(Issued.Leaf(root, leafKey, "web.example"));

        Assert.Equal(Issued.Now.AddDays(30), leaf.NotAfter);
        Assert.Equal(leaf.NotAfter, root.NotAfter(Issued.Terms()));
    }

    [Fact]
    public void Dates_are_whole_seconds_and_never_back_dated()
    {
        using var key = Issued.Key();
        var terms = Issued.Terms(days: 1, now: Issued.Now.AddMilliseconds(900));

        var facts = X509Facts.Read(SelfSigner.Sign(Issued.Csr(Issued.Spec("web"), key), key, terms));

        Assert.Equal((Issued.Now, Issued.Now.AddDays(1)), (facts.NotBefore, facts.NotAfter));
        Assert.Equal(Convert.ToHexStringLower(terms.SerialNumber), facts.SerialNumber);
    }

    [Fact]
    public void Dates_beyond_2049_are_kept()
    {
        using var key = Issued.Key();

        Assert.Equal(Issued.Now.AddDays(20_000), X509Facts.Read(Issued.Root(key, days: 20_000)).NotAfter);
    }

    [Fact]
    public void A_repeated_signature_says_the_same()
    {
        using var key = PrivateKey.Generate("RSA", 2048);
        var csr = Issued.Csr(Issued.Spec("web"), key);
        var terms = Issued.Terms();

        Assert.Equal(SelfSigner.Sign(csr, key, terms), SelfSigner.Sign(csr, key, terms));
    }

    [Fact]
    public void A_self_signed_request_needs_its_own_key()
    {
        using var key = Issued.Key();
        using var other = Issued.Key();

        var refusal = Assert.Throws<SigningRefusedException>(() => SelfSigner.Sign(Issued.Csr(Issued.Spec("web"), key), other, Issued.Terms()));

        Assert.Equal("ErrorKeyMatch", refusal.Reason);
    }

    [Fact]
    public void Only_a_CA_with_its_own_key_signs()
    {
        using var key = Issued.Key();
        using var other = Issued.Key();
        var leaf = SelfSigner.Sign(Issued.Csr(Issued.Spec("web"), key), key, Issued.Terms());
        var root = Issued.Root(key);

        Assert.Equal("ErrInvalidKeyPair", Assert.Throws<SigningRefusedException>(() => new CaSigner(leaf, key, [])).Reason);
        Assert.Equal("ErrInvalidKeyPair", Assert.Throws<SigningRefusedException>(() => new CaSigner(root, other, [])).Reason);
        Assert.Equal("ErrInvalidKeyPair", Assert.Throws<SigningRefusedException>(() => new CaSigner([1, 2], key, [])).Reason);
    }

    [Fact]
    public void An_expired_CA_does_not_sign()
    {
        using var key = Issued.Key();
        using var root = new CaSigner(Issued.Root(key, days: 30), key, []);
        var csr = Issued.Csr(Issued.Spec("web"), key);

        Assert.Equal("CAExpired", Reason(() => root.Sign(csr, Issued.Terms(now: Issued.Now.AddDays(30)))));
        Assert.Equal("CANotYetValid", Reason(() => root.Sign(csr, Issued.Terms(now: Issued.Now.AddDays(-1)))));
    }

    [Fact]
    public void A_leaf_with_the_subject_of_its_CA_is_refused()
    {
        using var key = Issued.Key();
        using var leafKey = Issued.Key();
        using var root = new CaSigner(Issued.Root(key, "Same"), key, []);

        Assert.Equal("SigningError", Reason(() => root.Sign(Issued.Csr(Issued.Spec("Same"), leafKey), Issued.Terms())));
    }

    [Fact]
    public async Task A_path_length_of_zero_allows_leaves_only()
    {
        using var openssl = new OpenSsl();
        await openssl.RunAsync("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-outform", "DER", "-out", "key.der");
        await openssl.RunAsync("pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-in", "key.der", "-outform", "DER", "-out", "key.p8");
        await openssl.RunAsync(
            "req", "-x509", "-new", "-key", "key.der", "-keyform", "DER", "-days", "36500", "-subj", "/CN=Short", "-outform", "DER", "-out", "ca.der",
            "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=critical,keyCertSign");
        using var ca = new CaSigner(openssl.Read("ca.der"), PrivateKey.FromPkcs8Base64(Convert.ToBase64String(openssl.Read("key.p8"))), []);
        using var key = Issued.Key();

        Assert.NotEmpty(Issued.Leaf(ca, key, "web.example"));
        Assert.Equal("PathLengthExceeded", Reason(() => Issued.Intermediate(ca, key)));
    }

    private static string Reason(Action sign) => Assert.Throws<SigningRefusedException>(sign).Reason;
}
