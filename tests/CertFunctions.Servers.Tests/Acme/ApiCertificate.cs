using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>A CA of its own and a TLS certificate for this machine, as files: the Debian package of Pebble ships none.</summary>
internal sealed class ApiCertificate : IDisposable
{
    private static readonly DateTimeOffset NotBefore = TimeProvider.System.GetUtcNow().AddDays(-1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("certfunctions-acme-");

    public ApiCertificate()
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=API CA", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var ca = caRequest.CreateSelfSigned(NotBefore, NotBefore.AddDays(30));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var leaf = request.Create(ca, NotBefore, NotBefore.AddDays(20), [1, 2, 3, 4]);

        CaPem = ca.ExportCertificatePem() + "\n";
        File.WriteAllText(CaFile, CaPem);
        File.WriteAllText(CertificateFile, leaf.ExportCertificatePem() + "\n");
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>What clients trust.</summary>
    public string CaPem { get; }

    public string CaFile => InFolder("ca.pem");

    public string CertificateFile => InFolder("api.pem");

    public string KeyFile => InFolder("api.key");

    public string InFolder(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
