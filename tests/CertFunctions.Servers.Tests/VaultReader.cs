using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Certificates;
using Azure.Security.KeyVault.Secrets;

namespace CertFunctions.Servers.Tests;

/// <summary>A key pair as a consumer reads it: the chain leaf first, and the numbers that must be nowhere else.</summary>
/// <param name="Private">The scalar of an EC key, or the exponent and primes of an RSA key.</param>
internal sealed record StoredPair(X509Certificate2 Leaf, IReadOnlyList<X509Certificate2> Chain, byte[] PublicKey, IReadOnlyList<byte[]> Private);

/// <summary>A consumer: reads from the vault with the Azure SDK, as an app with a managed identity does.</summary>
internal sealed class VaultReader : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="vault">From a Certificate's <c>status.vault.uri</c>.</param>
    public VaultReader(LocalApp app, Uri vault)
    {
        _http = new HttpClient(Trusting(Path.Combine(app.Data, "vault", "ca.pem")));
        var header = File.ReadAllText(Path.Combine(app.Data, "vault", "identity-header")).Trim();
        var identity = new Identity(_http, app.DefaultVault, header);
        Secrets = new SecretClient(vault, identity, new SecretClientOptions { Transport = new HttpClientTransport(_http), DisableChallengeResourceVerification = true });
        Certificates = new CertificateClient(vault, identity, new CertificateClientOptions { Transport = new HttpClientTransport(_http), DisableChallengeResourceVerification = true });
    }

    public SecretClient Secrets { get; }

    public CertificateClient Certificates { get; }

    public static async Task<VaultReader> OfAsync(LocalApp app, string certificate, CancellationToken cancellationToken)
    {
        var resource = await app.GetAsync(certificate, cancellationToken);
        var vault = (string?)resource?["status"]?["vault"]?["uri"];
        Assert.True(vault is not null, $"{certificate} names no vault in its status: {resource?.ToJsonString() ?? "there is no such resource"}\n{app.Output}");
        return new VaultReader(app, new Uri(vault));
    }

    public async Task<StoredPair> ReadAsync(string name, CancellationToken cancellationToken, string? version = null)
    {
        var secret = await Secrets.GetSecretAsync(name, version, cancellationToken: cancellationToken);
        var all = X509CertificateLoader.LoadPkcs12Collection(Convert.FromBase64String(secret.Value.Value), password: null, X509KeyStorageFlags.Exportable);
        var leaf = all.Single(each => each.HasPrivateKey);
        return leaf.GetECDsaPrivateKey() is { } ec
            ? new StoredPair(leaf, [.. all], ec.ExportSubjectPublicKeyInfo(), [ec.ExportParameters(includePrivateParameters: true).D!])
            : Rsa(leaf, [.. all], leaf.GetRSAPrivateKey()!);
    }

    /// <summary>Every version's tags, in the order of their revisions.</summary>
    public async Task<IReadOnlyList<CertificateProperties>> VersionsAsync(string name, CancellationToken cancellationToken)
    {
        var versions = new List<CertificateProperties>();
        await foreach (var version in Certificates.GetPropertiesOfCertificateVersionsAsync(name, cancellationToken)) { versions.Add(version); }
        return [.. versions.OrderBy(version => version.Tags.TryGetValue("cert-manager.io/certificate-revision", out var revision) ? revision : "")];
    }

    public void Dispose() => _http.Dispose();

    private static StoredPair Rsa(X509Certificate2 leaf, IReadOnlyList<X509Certificate2> chain, RSA key)
    {
        var numbers = key.ExportParameters(includePrivateParameters: true);
        return new StoredPair(leaf, chain, key.ExportSubjectPublicKeyInfo(), [numbers.D!, numbers.P!, numbers.Q!]);
    }

    private static SocketsHttpHandler Trusting(string caPath) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(caPath) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };

    private sealed class Identity(HttpClient http, Uri vault, string header) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new NotSupportedException("The SDK asks asynchronously.");

        public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            using var ask = new HttpRequestMessage(HttpMethod.Get, new Uri(vault, "/msi/token?api-version=2019-08-01&resource=https://vault.localhost"));
            ask.Headers.Add("X-IDENTITY-HEADER", header);
            using var answer = await http.SendAsync(ask, cancellationToken);
            var token = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!;
            return new AccessToken((string)token["access_token"]!, DateTimeOffset.MaxValue);
        }
    }
}
