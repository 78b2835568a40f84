using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Pki.Trust;

namespace CertFunctions.Core.Tests.Pki.Trust;

public sealed class TrustPemTests
{
    private const int Megabyte = 1 << 20;

    private static readonly string Good = Anchors.Pem(Anchors.NewRoot("Good"));
    private static readonly string Key = KeyPem();

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "a key alone", Key, "It holds a private key (\"PRIVATE KEY\")" },
        { "a key behind certificates", Good + Key, "It holds a private key" },
        { "a key inside of an open block", "-----BEGIN CERTIFICATE-----\n" + Key, "It holds a private key" },
        { "an encrypted key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMA==\n-----END ENCRYPTED PRIVATE KEY-----", "It holds a private key (\"ENCRYPTED PRIVATE KEY\")" },
        { "a key with headers", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMA==\n-----END RSA PRIVATE KEY-----", "It holds a private key (\"RSA PRIVATE KEY\")" },
        { "OpenSSH's own", "-----BEGIN OPENSSH PRIVATE KEY-----\nMA==\n", "It holds a private key" },
        { "PGP's own", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nMA==\n", "It holds a private key" },
        { "a request", "-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----", "It holds a block \"CERTIFICATE REQUEST\"" },
        { "OpenSSL's trusted form", "-----BEGIN TRUSTED CERTIFICATE-----\nMA==\n-----END TRUSTED CERTIFICATE-----", "It holds a block \"TRUSTED CERTIFICATE\"" },
        { "headers", "-----BEGIN CERTIFICATE-----\nX: y\n\nMA==\n-----END CERTIFICATE-----", "\"CERTIFICATE\" is not base64" },
        { "no certificate", Good + "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----", "Its certificate 2 cannot be read" },
        { "no end", Good + "-----BEGIN CERTIFICATE-----\nMA==\n", "does not end with its END line" },
        { "an end of another label", "-----BEGIN CERTIFICATE-----\nMA==\n-----END X509 CRL-----", "does not end with its END line" },
        { "half a begin line", Good + "-----BEGIN CERTIFICATE----\nMA==\n-----END CERTIFICATE-----", "does not end with five dashes" },
        { "an endless label", $"-----BEGIN {new string('A', 100)}-----", "whose label cannot be read" },
        { "a label that would write to a terminal", "-----BEGIN \u001b[2J-----", "whose label cannot be read" },
    };

    public static TheoryData<string, string> Bombs => new()
    {
        { "begin lines", Fill("-----BEGIN CERTIFICATE-----\n") },
        { "begins without end of line", Fill("-----BEGIN ") },
        { "one block of base64", "-----BEGIN CERTIFICATE-----\n" + Fill("MIIB") + "\n-----END CERTIFICATE-----" },
        { "tiny blocks", Fill("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n") },
        { "nested blocks", Fill("-----BEGIN CERTIFICATE-----\nMIIB\n") },
        { "ends of others", "-----BEGIN CERTIFICATE-----\n" + Fill("-----END X-----\n") },
        { "lines of a character", "-----BEGIN CERTIFICATE-----\n" + Fill("A\n") },
        { "blank lines", "-----BEGIN CERTIFICATE-----\n" + Fill("\n \t\r") },
        { "dashes", Good + "-----BEGIN " + Fill("-----") },
        { "one more than the limit", new string('x', Megabyte + 1) },
        { "a private key behind a megabyte of text", Fill("text\n") + Key },
    };

    [Fact]
    public void Reads_every_block_and_drops_what_is_between()
    {
        var (one, two) = (Anchors.NewRoot("One"), Anchors.NewRoot("Two"));
        var text = "\uFEFF" + Anchors.Pem(one) + "# a comment\r\n\r\n" + Anchors.Pem(two).Replace("\n", "\r\n", StringComparison.Ordinal) + Anchors.Pem(one);

        var read = TrustPem.Read(Encoding.UTF8.GetBytes(text));

        Assert.Null(read.Problem);
        Assert.Equal([one, two, one], read.Certificates);
    }

    [Theory, InlineData(""), InlineData("\n"), InlineData("no block in here\n")]
    public void Text_without_a_block_holds_nothing_and_is_no_problem(string text)
    {
        var read = TrustPem.Read(Anchors.Ascii(text));

        Assert.Empty(read.Certificates);
        Assert.Null(read.Problem);
    }

    [Theory, MemberData(nameof(Refusals))]
    public void Refuses_the_whole_text_for(string because, string text, string problem)
    {
        var read = TrustPem.Read(Anchors.Ascii(text));

        Assert.Empty(read.Certificates);
        Assert.True(read.Problem?.Contains(problem, StringComparison.Ordinal), $"{because}: {read.Problem}");
        Assert.True(read.Problem!.Length < 200, because);
        Assert.DoesNotContain(read.Problem, char.IsControl);
    }

    /// <summary>The aim is 100 ms, which the benchmarks check; quadratic reading takes seconds.</summary>
    [Theory, MemberData(nameof(Bombs))]
    public void Refuses_a_megabyte_without_delay(string because, string bomb)
    {
        var bytes = Anchors.Ascii(bomb);
        var watch = Stopwatch.StartNew();

        var read = TrustPem.Read(bytes);

        Assert.True(read.Problem is not null, because);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"{because}: {watch.Elapsed}");
    }

    [Fact]
    public void Takes_no_more_than_3000_certificates()
    {
        var many = Anchors.Ascii(string.Concat(Enumerable.Repeat(Good, TrustPem.MaxCertificates)));
        var more = Anchors.Ascii(string.Concat(Enumerable.Repeat(Good, TrustPem.MaxCertificates + 1)));

        Assert.Equal(TrustPem.MaxCertificates, TrustPem.Read(many, int.MaxValue).Certificates.Count);
        Assert.Equal("The PEM has more than 3000 blocks.", TrustPem.Read(more, int.MaxValue).Problem);
    }

    [Fact]
    public void Damaged_text_is_refused_or_read_and_never_thrown_at_the_caller()
    {
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = Anchors.Ascii(Good);
            for (var i = random.Next(1, 5); i > 0; i--) { bytes[random.Next(bytes.Length)] = (byte)random.Next(256); }

            var read = TrustPem.Read(bytes);

            Assert.True(read.Problem is null || read.Certificates.Count == 0);
            Assert.All(read.Certificates, each => Assert.NotEmpty(each.WhyNotAnchor() ?? each.Name));
        }
    }

    private static string Fill(string piece) => string.Concat(Enumerable.Repeat(piece, (Megabyte - 300) / piece.Length));

    private static string KeyPem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
