using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>Key pairs and certificates for tests, valid from a fixed date on.</summary>
internal static class Issued
{
    public static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static PrivateKey Key() => PrivateKey.Generate("ECDSA", 256);

    public static CertificateSpec Spec(string? commonName = null, params string[] dnsNames) => new()
    {
        SecretName = "web-tls",
        IssuerRef = new IssuerRef { Name = "ca" },
        CommonName = commonName,
        DnsNames = dnsNames.Length == 0 ? null : dnsNames.ToValueList(),
    };

    public static CsrFacts Csr(CertificateSpec spec, PrivateKey key)
    {
        var facts = SigningRequests.TryRead(SigningRequests.Create(spec, key), out var problem);
        Assert.Null(problem);
        return facts!;
    }

    public static SigningTerms Terms(bool isCA = false, double days = 90, byte[]? ski = null, DateTimeOffset? now = null) =>
        new(isCA, null, TimeSpan.FromDays(days), now ?? Now, new RandomIds().NewSerialNumber(), ski);

    public static byte[] Root(PrivateKey key, string name = "Root", byte[]? ski = null, DateTimeOffset? now = null, double days = 3650) =>
        SelfSigner.Sign(Csr(Spec(name), key), key, Terms(isCA: true, days, ski, now));

    public static byte[] Intermediate(CaSigner root, PrivateKey key, string name = "Intermediate", byte[]? ski = null) =>
        root.Sign(Csr(Spec(name), key), Terms(isCA: true, 365, ski));

    public static byte[] Leaf(CaSigner ca, PrivateKey key, params string[] dnsNames) => ca.Sign(Csr(Spec(null, dnsNames), key), Terms());

    public static void VerifiesInDotNet(byte[] leaf, IEnumerable<byte[]> intermediates, byte[] root, DateTimeOffset at)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        chain.ChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(root));
        foreach (var der in intermediates) { chain.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(der)); }

        using var x509 = X509CertificateLoader.LoadCertificate(leaf);
        Assert.True(chain.Build(x509), string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation)));
    }
}
