using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Certificates;
using Azure.Security.KeyVault.Secrets;
using CertFunctions.LocalVault;

namespace CertFunctions.LocalRuntime.Tests.Vault;

/// <summary>A running local vault in a directory of its own, and Azure's clients for it.</summary>
public sealed class VaultFixture : IAsyncLifetime
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("vault-").FullName;

    public LocalVaultHost Host { get; private set; } = null!;

    public SecretClient Secrets(Uri? vault = null) => new(vault ?? Host.DefaultVault, Host.Credential, Options(new SecretClientOptions { DisableChallengeResourceVerification = true }));

    public CertificateClient Certificates(Uri? vault = null) => new(vault ?? Host.DefaultVault, Host.Credential, Options(new CertificateClientOptions { DisableChallengeResourceVerification = true }));

    public async ValueTask InitializeAsync() =>
        Host = await LocalVaultHost.StartAsync(new LocalVaultOptions { DataDirectory = Directory }, TestContext.Current.CancellationToken);

    public async Task RestartAsync()
    {
        await Host.DisposeAsync();
        await InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private T Options<T>(T options)
        where T : Azure.Core.ClientOptions
    {
        options.Transport = new HttpClientTransport(new HttpClient(Host.CreateHandler()));
        options.Retry.MaxRetries = 0;
        return options;
    }
}

/// <summary>Certificates and PFX files for imports.</summary>
internal static class Pfx
{
    public static ImportCertificateOptions Import(string name, AsymmetricAlgorithm key, bool withPolicy = true, string password = "pw", bool leafFirst = true)
    {
        var (leaf, ca) = Chain(key);
        var order = leafFirst ? new[] { leaf, ca } : [ca, leaf];
        var options = new ImportCertificateOptions(name, Build(key, password, order)) { Password = password, PreserveCertificateOrder = true };
        if (withPolicy)
        {
            options.Policy = new CertificatePolicy("Unknown", "CN=web.test") { ContentType = CertificateContentType.Pkcs12, Exportable = true };
            if (key is ECDsa ec)
            {
                options.Policy.KeyType = CertificateKeyType.Ec;
                options.Policy.KeyCurveName = ec.KeySize switch { 256 => CertificateKeyCurveName.P256, 384 => CertificateKeyCurveName.P384, _ => CertificateKeyCurveName.P521 };
            }
            else
            {
                options.Policy.KeyType = CertificateKeyType.Rsa;
                options.Policy.KeySize = key.KeySize;
            }
        }

        return options;
    }

    public static byte[] Build(AsymmetricAlgorithm key, string password, params byte[][] certificates)
    {
        var contents = new Pkcs12SafeContents();
        foreach (var certificate in certificates)
        {
            using var x509 = X509CertificateLoader.LoadCertificate(certificate);
            contents.AddCertificate(x509);
        }

        var keys = new Pkcs12SafeContents();
        keys.AddShroudedKey(key, password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1));
        var builder = new Pkcs12Builder();
        builder.AddSafeContentsUnencrypted(contents);
        builder.AddSafeContentsUnencrypted(keys);
        builder.SealWithMac(password, HashAlgorithmName.SHA256, 1);
        return builder.Encode();
    }

    public static (byte[] Leaf, byte[] Ca) Chain(AsymmetricAlgorithm key)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=ca.test", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var ca = caRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        var request = key is ECDsa ec
            ? new CertificateRequest("CN=web.test", ec, HashAlgorithmName.SHA256)
            : new CertificateRequest("CN=web.test", (RSA)key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var leaf = request.Create(ca.SubjectName, X509SignatureGenerator.CreateForECDsa(caKey), now.AddDays(-1), now.AddDays(20), RandomNumberGenerator.GetBytes(12));
        return (leaf.RawData, ca.RawData);
    }
}
