using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Acme;

/// <summary>How an ACME server is reached.</summary>
/// <param name="TrustedCas">PEM; null: the machine's trust.</param>
public sealed record AcmeConnection(Uri Directory, string? TrustedCas, bool SkipsVerification, bool AllowsPrivateAddresses);

/// <summary>What a guarded client may do besides https to public addresses. The default: nothing.</summary>
public sealed record OutboundRules
{
    public bool AllowsPrivateAddresses { get; init; }

    /// <summary>For HTTP-01 self-checks only.</summary>
    public bool AllowsPlainHttp { get; init; }

    /// <summary>Redirects followed; each hop is checked like the first. 0: none.</summary>
    public int MaxRedirects { get; init; }

    /// <summary>PEM of CAs that are trusted instead of the machine's; null: the machine's trust.</summary>
    public string? TrustedCas { get; init; }

    /// <summary>TLS without looking at the certificate.</summary>
    public bool SkipsVerification { get; init; }

    /// <summary>For one request, body included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where a host and port really are; null: DNS, and the port as it is. What it returns is checked all the same.</summary>
    public Func<DnsEndPoint, CancellationToken, Task<IReadOnlyList<IPEndPoint>>>? Resolve { get; init; }
}

/// <summary>HTTP for ACME servers, webhooks and self-checks: bounded, no proxy, no cookies, and never to an address that <see cref="AddressRules"/> refuses.</summary>
public static class GuardedHttp
{
    /// <summary>For <see cref="AcmeClient"/>. Throws <see cref="FormatException"/> when the trusted CAs are no PEM certificates.</summary>
    public static HttpClient Create(AcmeConnection connection) => Create(new OutboundRules
    {
        AllowsPrivateAddresses = connection.AllowsPrivateAddresses,
        TrustedCas = connection.TrustedCas,
        SkipsVerification = connection.SkipsVerification,
        Timeout = Timeout.InfiniteTimeSpan,   // the client has its own
    });

    /// <inheritdoc cref="Create(AcmeConnection)"/>
    public static HttpClient Create(OutboundRules rules)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = new GuardedConnect(rules).ConnectAsync,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = rules.MaxRedirects > 0,
            AutomaticDecompression = DecompressionMethods.None,   // what is small on the wire stays small
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),   // names move
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            MaxConnectionsPerServer = 16,
            EnableMultipleHttp2Connections = true,
            MaxResponseHeadersLength = 32,
            MaxResponseDrainSize = 64 * 1024,
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),   // our trace ids are nobody's business
            SslOptions = Tls(rules),
        };
        if (rules.MaxRedirects > 0) { handler.MaxAutomaticRedirections = rules.MaxRedirects; }

        return new HttpClient(handler)
        {
            Timeout = rules.Timeout,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
    }

    private static SslClientAuthenticationOptions Tls(OutboundRules rules)
    {
        var tls = new SslClientAuthenticationOptions();
        if (rules.SkipsVerification)
        {
#pragma warning disable CA5359 // asked for by name: skipTLSVerify
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (rules.TrustedCas is { } pem)
        {
            var cas = Pem.ReadCertificates(Encoding.UTF8.GetBytes(pem), Pem.MaxBundleBytes);
            if (cas.Count == 0) { throw new FormatException("The trusted CAs hold no certificate."); }

            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            foreach (var ca in cas) { policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(ca)); }
            tls.CertificateChainPolicy = policy;
            tls.RemoteCertificateValidationCallback = (_, _, chain, errors) => errors is SslPolicyErrors.None || (errors is SslPolicyErrors.RemoteCertificateChainErrors && EndsAt(chain, cas));
        }

        return tls;
    }

    /// <summary>As in Go, and so in cert-manager, an intermediate that is trusted by name needs no root: nothing is wrong but that the chain ends there.</summary>
    private static bool EndsAt(X509Chain? chain, IReadOnlyList<byte[]> cas) =>
        chain is { ChainElements: { Count: > 1 } elements }
        && chain.ChainStatus.All(each => each.Status is X509ChainStatusFlags.PartialChain)
        && cas.Any(ca => ca.AsSpan().SequenceEqual(elements[^1].Certificate.RawDataMemory.Span));
}
