using System.Buffers.Text;
using System.Globalization;

namespace CertFunctions.Core.Acme;

public sealed partial class AcmeClient
{
    /// <summary>§7.4. Sent once: after a lost answer, or a 5xx, it is for the caller to decide whether to ask again.</summary>
    public Task<AcmeAnswer<AcmeOrder>> NewOrderAsync(AcmeIdentity identity, AcmeNewOrder order, CancellationToken cancellationToken) => SendAsync(
        found => new SignedRequest(identity.Key, identity.Account, found.NewOrder, Json(
            new NewOrderBody(
                [.. order.Identifiers.Select(each => new WireIdentifier(each.Type, each.Value))],
                order.NotAfter?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                order.Profile,
                order.Replaces),
            AcmeJson.Default.NewOrderBody), IsRepeatable: false),
        "an order and where it is",
        reply => AcmeReading.Order(reply, reply.Location),
        cancellationToken);

    public Task<AcmeAnswer<AcmeOrder>> GetOrderAsync(AcmeIdentity identity, Uri order, CancellationToken cancellationToken) =>
        FetchAsync(identity, order, "an order", reply => AcmeReading.Order(reply, order), cancellationToken);

    /// <summary>§7.5.</summary>
    public Task<AcmeAnswer<AcmeAuthorization>> GetAuthorizationAsync(AcmeIdentity identity, Uri authorization, CancellationToken cancellationToken) =>
        FetchAsync(identity, authorization, "an authorization", AcmeReading.Authorization, cancellationToken);

    /// <summary>§7.5.2.</summary>
    public Task<AcmeAnswer<AcmeAuthorization>> DeactivateAuthorizationAsync(AcmeIdentity identity, Uri authorization, CancellationToken cancellationToken) => SendAsync(
        _ => new SignedRequest(identity.Key, identity.Account, authorization, Json(new UpdateBody { Status = "deactivated" }, AcmeJson.Default.UpdateBody)),
        "an authorization",
        AcmeReading.Authorization,
        cancellationToken);

    /// <summary>§7.5.1: tells the CA that the proof is in place.</summary>
    public Task<AcmeAnswer<AcmeChallenge>> AcceptChallengeAsync(AcmeIdentity identity, Uri challenge, CancellationToken cancellationToken) => SendAsync(
        _ => new SignedRequest(identity.Key, identity.Account, challenge, "{}"u8.ToArray()),
        "a challenge",
        AcmeReading.Challenge,
        cancellationToken);

    /// <summary>§7.4, end. Sent once: after a lost answer the order tells whether it arrived.</summary>
    /// <param name="csr">DER.</param>
    /// <returns>The order; its URL is the CA's (<c>Location</c>), or <paramref name="finalize"/> when it names none.</returns>
    public Task<AcmeAnswer<AcmeOrder>> FinalizeAsync(AcmeIdentity identity, Uri finalize, ReadOnlyMemory<byte> csr, CancellationToken cancellationToken) => SendAsync(
        _ => new SignedRequest(identity.Key, identity.Account, finalize, Json(new FinalizeBody(Base64Url.EncodeToString(csr.Span)), AcmeJson.Default.FinalizeBody), IsRepeatable: false),
        "an order",
        reply => AcmeReading.Order(reply, reply.Location ?? finalize),
        cancellationToken);
}
