using System.Buffers.Text;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Acme;

public sealed partial class AcmeClient
{
    private const string PemChain = "application/pem-certificate-chain";

    /// <summary>§7.4.2; also for an alternate.</summary>
    public Task<AcmeAnswer<AcmeChain>> DownloadAsync(AcmeIdentity identity, Uri certificate, CancellationToken cancellationToken) => SendAsync(
        _ => new SignedRequest(identity.Key, identity.Account, certificate, ReadOnlyMemory<byte>.Empty, Accept: PemChain),
        "a PEM chain",
        Chain,
        cancellationToken);

    /// <summary>§7.6, by the account. Sent once; <c>alreadyRevoked</c> is a problem.</summary>
    /// <param name="leaf">DER.</param>
    /// <param name="reason">RFC 5280 §5.3.1; null: none given.</param>
    public Task<AcmeAnswer<AcmeDone>> RevokeAsync(AcmeIdentity identity, ReadOnlyMemory<byte> leaf, int? reason, CancellationToken cancellationToken) => SendAsync(
        found => found.RevokeCert is { } url
            ? new SignedRequest(identity.Key, identity.Account, url, Json(new RevokeBody(Base64Url.EncodeToString(leaf.Span), reason), AcmeJson.Default.RevokeBody), IsRepeatable: false)
            : null,
        "revocation",
        static _ => AcmeDone.Value,
        cancellationToken);

    /// <summary>RFC 9773 §4; unauthenticated.</summary>
    /// <param name="id">From <see cref="RenewalId"/>.</param>
    public async Task<AcmeAnswer<AcmeRenewalInfo>> GetRenewalInfoAsync(string id, CancellationToken cancellationToken)
    {
        const string What = "renewal information";
        var (found, problem, retryAfter, _) = await GetDirectoryAsync(cancellationToken);
        if (found is null) { return new AcmeAnswer<AcmeRenewalInfo>(Value: null, problem, retryAfter); }
        if (found.RenewalInfo is not { } url) { return NotOffered<AcmeRenewalInfo>(What); }

        return Read(await _transport.GetAsync(new Uri($"{url.AbsoluteUri.TrimEnd('/')}/{id}"), cancellationToken), What, AcmeReading.RenewalInfo);
    }

    private static AcmeChain? Chain(AcmeReply reply)
    {
        if (reply.MediaType != PemChain) { return null; }

        try
        {
            return Pem.ReadCertificates(reply.Body) is { Count: > 0 } certificates
                ? new AcmeChain(certificates, LinkHeader.Find(reply.Links, "alternate", reply.Url))
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
