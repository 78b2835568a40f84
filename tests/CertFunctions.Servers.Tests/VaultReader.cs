using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;

namespace CertFunctions.Servers.Tests;

/// <summary>A consumer: reads key and leaf from the vault with the Azure SDK, as an app with a managed identity does.</summary>
internal static class VaultReader
{
    public static async Task<(X509Certificate2 Leaf, ECDsa Key)> ReadAsync(LocalApp app, string name, CancellationToken cancellationToken)
    {
        var certificate = await app.GetAsync("namespaces/default/certificates/web", cancellationToken);
        var vault = new Uri((string)certificate!["status"]!["vault"]!["uri"]!);
        using var http = new HttpClient(Trusting(Path.Combine(app.Data, "vault", "ca.pem")));
        var options = new SecretClientOptions { Transport = new HttpClientTransport(http), DisableChallengeResourceVerification = true };
        var header = await File.ReadAllTextAsync(Path.Combine(app.Data, "vault", "identity-header"), cancellationToken);

        var secret = await new SecretClient(vault, new Identity(http, vault, header.Trim()), options).GetSecretAsync(name, version: null, cancellationToken);
        var pair = X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(secret.Value.Value), password: null, X509KeyStorageFlags.Exportable);
        return (pair, pair.GetECDsaPrivateKey()!);
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
