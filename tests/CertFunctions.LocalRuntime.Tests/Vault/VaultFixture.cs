using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Certificates;
using Azure.Security.KeyVault.Secrets;
using CertFunctions.LocalVault;

namespace CertFunctions.LocalRuntime.Tests.Vault;

/// <summary>A running local vault in a directory of its own, and Azure's clients for it. Deletions are done at once unless a test wants otherwise.</summary>
public sealed class VaultFixture : IAsyncLifetime
{
    private Func<LocalVaultOptions, LocalVaultOptions> _configure = options => options;

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("vault-").FullName;

    public LocalVaultHost Host { get; private set; } = null!;

    public static async Task<VaultFixture> StartAsync(Func<LocalVaultOptions, LocalVaultOptions> configure)
    {
        var fixture = new VaultFixture { _configure = configure };
        await fixture.InitializeAsync();
        return fixture;
    }

    public SecretClient Secrets(Uri? vault = null, TokenCredential? credential = null, int retries = 0) =>
        new(vault ?? Host.DefaultVault, credential ?? Host.Credential, Options(new SecretClientOptions { DisableChallengeResourceVerification = true }, retries));

    public CertificateClient Certificates(Uri? vault = null, TokenCredential? credential = null) =>
        new(vault ?? Host.DefaultVault, credential ?? Host.Credential, Options(new CertificateClientOptions { DisableChallengeResourceVerification = true }, retries: 0));

    /// <summary>What no SDK sends. The path is under the default vault unless it is a whole address.</summary>
    public async Task<Answer> SendAsync(string method, string path, string? body = null, TokenCredential? credential = null, string contentType = "application/json")
    {
        using var client = new HttpClient(Host.CreateHandler());
        using var request = new HttpRequestMessage(new HttpMethod(method), path.StartsWith("https:", StringComparison.Ordinal) ? new Uri(path) : new Uri(Host.DefaultVault + path));
        var token = await (credential ?? Host.Credential).GetTokenAsync(new TokenRequestContext([]), TestContext.Current.CancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
        if (body is not null) { request.Content = new StringContent(body, Encoding.UTF8) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } }; }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)answer.StatusCode, text.Length > 0 ? JsonNode.Parse(text) : null, headers);
    }

    public async ValueTask InitializeAsync() =>
        Host = await LocalVaultHost.StartAsync(_configure(new LocalVaultOptions { DataDirectory = Directory, DeletionDelay = TimeSpan.Zero }), TestContext.Current.CancellationToken);

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

    private T Options<T>(T options, int retries)
        where T : Azure.Core.ClientOptions
    {
        options.Transport = new HttpClientTransport(new HttpClient(Host.CreateHandler()));
        options.Retry.MaxRetries = retries;
        return options;
    }
}

public sealed record Answer(int Status, JsonNode? Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The code of the error, and the inner one behind it.</summary>
    public string? Error => (string?)Body?["error"]?["innererror"]?["code"] is { } inner ? $"{Body["error"]!["code"]}/{inner}" : (string?)Body?["error"]?["code"];
}

/// <summary>What Azure's clients throw, as one text: status, code, inner code.</summary>
internal static class Refused
{
    public static async Task<string> ByAsync(Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<RequestFailedException>(call);
        var inner = (string?)JsonNode.Parse(refused.GetRawResponse()!.Content.ToString())?["error"]?["innererror"]?["code"];
        return inner is null ? $"{refused.Status} {refused.ErrorCode}" : $"{refused.Status} {refused.ErrorCode}/{inner}";
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
                options.Policy.KeyUsage.Add(CertificateKeyUsage.DigitalSignature);
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

    /// <summary>What a CA makes of a CSR: the leaf and the CA's own certificate.</summary>
    public static byte[][] Sign(byte[] csr)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=ca.test", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var ca = caRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        var request = CertificateRequest.LoadSigningRequest(csr, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions, RSASignaturePadding.Pkcs1);
        using var leaf = request.Create(ca.SubjectName, X509SignatureGenerator.CreateForECDsa(caKey), now.AddDays(-1), now.AddDays(20), RandomNumberGenerator.GetBytes(12));
        return [leaf.RawData, ca.RawData];
    }
}
