using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Hosting;

/// <summary>The CA made at first start and the server certificate it signed; both are kept. Clients judge them by the machine's clock, so they follow it too.</summary>
internal sealed class LocalCa : IDisposable
{
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private LocalCa(string path, X509Certificate2 root, X509Certificate2 server)
    {
        Path = path;
        Root = root;
        Server = server;
    }

    public string Path { get; }
    public X509Certificate2 Root { get; }
    public X509Certificate2 Server { get; }

    public static LocalCa Open(string folder)
    {
        var now = TimeProvider.System.GetUtcNow();
        var path = System.IO.Path.Combine(folder, "ca.pem");
        var root = Load(path, System.IO.Path.Combine(folder, "ca.key"), now, () => MakeRoot(now), out _);
        var server = Load(System.IO.Path.Combine(folder, "server.pem"), System.IO.Path.Combine(folder, "server.key"), now, () => MakeServer(root, now), out var issuer);
        if (issuer != root.Subject)
        {
            server.Dispose();
            server = MakeServer(root, now);
            Save(server, System.IO.Path.Combine(folder, "server.pem"), System.IO.Path.Combine(folder, "server.key"));
        }

        return new LocalCa(path, root, server);
    }

    public void Dispose()
    {
        Root.Dispose();
        Server.Dispose();
    }

    private static X509Certificate2 Load(string certificatePath, string keyPath, DateTimeOffset now, Func<X509Certificate2> make, out string issuer)
    {
        if (File.Exists(certificatePath) && File.Exists(keyPath))
        {
            var kept = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
            if (kept.NotAfter.ToUniversalTime() - RenewBefore > now.UtcDateTime)
            {
                issuer = kept.Issuer;
                return kept;
            }

            kept.Dispose();
        }

        var made = make();
        Save(made, certificatePath, keyPath);
        issuer = made.Issuer;
        return made;
    }

    private static void Save(X509Certificate2 certificate, string certificatePath, string keyPath)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        PrivateFile.Write(keyPath, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem() + "\n");
    }

    private static X509Certificate2 MakeRoot(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = $"CN=CertFunctions local vault CA {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
    }

    private static X509Certificate2 MakeServer(X509Certificate2 root, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("*.vault.localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var certificate = request.Create(root, now.AddDays(-1), now.AddDays(800), RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }
}
