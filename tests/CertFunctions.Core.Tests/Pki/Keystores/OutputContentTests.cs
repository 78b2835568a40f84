using System.Text;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Tests.Pki.Keystores;

/// <summary>The PEM and DER outputs.</summary>
public sealed class OutputContentTests : IDisposable
{
    private readonly Tool _tool = new();

    public static TheoryData<string, string, int, string?, string> Encodings => new()
    {
        { "PKCS#1 is the default", "RSA", 2048, null, "-----BEGIN RSA PRIVATE KEY-----" },
        { "PKCS#1 may be named", "RSA", 2048, "PKCS1", "-----BEGIN RSA PRIVATE KEY-----" },
        { "SEC 1 is what PKCS1 means for EC", "ECDSA", 384, "PKCS1", "-----BEGIN EC PRIVATE KEY-----" },
        { "PKCS#8 of RSA", "RSA", 2048, "PKCS8", "-----BEGIN PRIVATE KEY-----" },
        { "PKCS#8 of EC", "ECDSA", 256, "PKCS8", "-----BEGIN PRIVATE KEY-----" },
    };

    [Theory, MemberData(nameof(Encodings))]
    public async Task Keys_are_written_in_the_wanted_encoding(string because, string algorithm, int size, string? encoding, string begin)
    {
        using var made = new Made(algorithm, size);
        var pem = made.Text("tls.key", Made.Style(encoding: encoding));
        _tool.Write("tls.key", Encoding.ASCII.GetBytes(pem));
        _tool.Write("key.der", made.Binary("key.der", Made.Style(encoding: encoding)));

        Assert.True(pem.StartsWith(begin + "\n", StringComparison.Ordinal), because);
        Assert.EndsWith("-----\n", pem, StringComparison.Ordinal);
        var publicKey = await _tool.RunAsync("openssl", "pkey", "-in", "tls.key", "-pubout");
        Assert.Equal(publicKey, await _tool.RunAsync("openssl", "pkey", "-inform", "DER", "-in", "key.der", "-pubout"));
        _tool.Write("leaf.pem", Pem.WriteCertificates(made.Source.Chain).ToArray());
        Assert.Equal(publicKey, await _tool.RunAsync("openssl", "x509", "-in", "leaf.pem", "-noout", "-pubkey"));
    }

    [Fact]
    public void CombinedPEM_is_the_key_an_empty_line_and_the_chain()
    {
        using var made = new Made();

        Assert.Equal(made.Text("tls.key", Made.Style()) + "\n" + made.Text("tls.crt", Made.Style()), made.Text("tls-combined.pem", Made.Style()));
    }

    [Fact]
    public void The_chain_is_leaf_first_and_the_CA_apart()
    {
        using var made = new Made();

        Assert.Equal(made.Source.Chain, Pem.ReadCertificates(Encoding.ASCII.GetBytes(made.Text("tls.crt", Made.Style()))));
        Assert.Equal(made.Source.Ca, Pem.ReadCertificates(Encoding.ASCII.GetBytes(made.Text("ca.crt", Made.Style()))));
    }

    public void Dispose() => _tool.Dispose();
}
