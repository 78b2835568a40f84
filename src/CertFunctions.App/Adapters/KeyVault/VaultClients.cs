using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Certificates;
using Azure.Security.KeyVault.Secrets;

namespace CertFunctions.App.Adapters.KeyVault;

/// <summary>The SDK's clients, one pair a vault, made once: they hold the token and the connections.</summary>
/// <param name="transport">Null uses the SDK's own.</param>
internal sealed class VaultClients(TokenCredential credential, HttpPipelineTransport? transport)
{
    private readonly ConcurrentDictionary<Uri, (SecretClient Secrets, CertificateClient Certificates)> _pairs = new();

    public SecretClient Secrets(Uri vault) => Pair(vault).Secrets;

    public CertificateClient Certificates(Uri vault) => Pair(vault).Certificates;

    /// <summary>A transport that trusts what the CAs of a PEM file signed, and nothing else.</summary>
    public static HttpPipelineTransport Trusting(string pemPath)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(pemPath);
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), SslOptions = { CertificateChainPolicy = policy } };
        return new HttpClientTransport(new HttpClient(handler));
    }

    private (SecretClient Secrets, CertificateClient Certificates) Pair(Uri vault) => _pairs.GetOrAdd(vault, static (uri, self) => self.Create(uri), this);

    private (SecretClient Secrets, CertificateClient Certificates) Create(Uri vault)
    {
        // A vault on loopback has no name that its tokens' resource could end with.
        var secrets = Configure(new SecretClientOptions { DisableChallengeResourceVerification = vault.IsLoopback });
        var certificates = Configure(new CertificateClientOptions { DisableChallengeResourceVerification = vault.IsLoopback });
        return (new SecretClient(vault, credential, secrets), new CertificateClient(vault, credential, certificates));
    }

    private T Configure<T>(T options)
        where T : ClientOptions
    {
        options.RetryPolicy = new VaultRetryPolicy();
        if (transport is not null) { options.Transport = transport; }

        return options;
    }
}
