using CertFunctions.App.Acme.Accounts;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Orders;

/// <summary>What an activity of an order works with, read in one go.</summary>
/// <param name="Order">Null: none was placed yet.</param>
public sealed record OrderJob(
    CertificateRequest Request, Certificate? Owner, CsrFacts Csr, IssuerView Issuer, AcmeClient Client, AcmeIdentity Identity, Stored<Order>? Order)
{
    /// <summary>Where the account's waits are filed.</summary>
    public string Account => AcmeAccounts.Place(Client.Directory, Identity.Key);

    /// <summary>What is kept with a certificate of this order.</summary>
    public AcmeOrigin Origin => new(Client.Directory.OriginalString, Identity.Account.OriginalString);

    public string RequestUid => Request.Metadata.Uid!;
}

/// <summary>Reads orders and what they rest on, and writes their status. Every activity begins here: what is no longer wanted goes no further.</summary>
public sealed class OrderDesk(ResourceStore store, IssuerStore issuers, AcmeAccounts accounts)
{
    /// <returns>Either a job, or how the order stands without one.</returns>
    public async Task<(OrderJob? Job, OrderView View)> OpenAsync(RequestTicket ticket, CancellationToken cancellationToken)
    {
        var name = new ResourceName(ticket.Namespace, ticket.Name);
        if (await store.FindAsync(CertificateRequestKind.Kind, name, ticket.Uid, cancellationToken) is not { Resource: { Metadata.DeletionTimestamp: null } request }) { return (null, new(OrderView.Superseded)); }
        if (RequestStatus.IsFinal(request)) { return (null, Ended(request)); }

        var owner = await store.FindOwnerAsync(request, cancellationToken);
        if (RequestOwner.Of(request) is not null && !IsWanted(request, owner)) { return (null, new(OrderView.Superseded)); }
        if (SigningRequests.TryRead(request.Spec.Request, out var problem) is not { } csr) { return (null, new(OrderView.Refused, "RequestParsingError", $"spec.request {problem}.")); }

        if (await issuers.FindAsync(request.Spec.IssuerRef, request.Metadata.Namespace, cancellationToken) is not { IsReady: true, Spec.Acme: not null } issuer)
        {
            return (null, new(OrderView.Blocked, "IssuerNotReady", $"Issuer {request.Spec.IssuerRef.Describe()} is not ready."));
        }

        var session = await accounts.OpenAsync(issuer, cancellationToken);
        if (session.Identity is not { } identity) { return (null, new(OrderView.Blocked, session.View.Reason, session.View.Message, session.View.RetryAfter)); }

        var order = await store.FindAsync(OrderKind.Kind, OrderKind.NameFor(request), cancellationToken);
        var isOurs = order?.Resource.Spec.RequestUid == ticket.Uid;
        return (new OrderJob(request, owner, csr, issuer, session.Client, identity, isOurs ? order : null), new(OrderView.Absent));
    }

    public static OrderView Ended(CertificateRequest request)
    {
        var outcome = RequestStatus.Outcome(request);
        return new(OrderView.Ended, outcome.Reason, outcome.Message) { RequestState = outcome.State };
    }

    /// <summary>Changes the status of an order over whatever is stored; repeated when somebody wrote in between.</summary>
    /// <returns>The order as stored now; null when it is gone.</returns>
    public async Task<Stored<Order>?> ChangeAsync(OrderJob job, Func<OrderStatus, OrderStatus> change, CancellationToken cancellationToken)
    {
        var read = job.Order;
        while (read is not null)
        {
            var status = change(read.Resource.Status ?? new OrderStatus());
            if (status == read.Resource.Status) { return read; }

            var changed = read.Resource with { Status = status };
            if (await store.ReplaceAsync(OrderKind.Kind, changed, read.Version, read.Due, cancellationToken) is { } version) { return new(changed, version, read.Due); }

            read = await store.FindAsync(OrderKind.Kind, ResourceStore.NameOf(read.Resource), read.Resource.Metadata.Uid!, cancellationToken);
        }

        return null;
    }

    /// <summary>Whether the request still is what its Certificate asks for.</summary>
    private static bool IsWanted(CertificateRequest request, Certificate? owner) =>
        owner is { Metadata.DeletionTimestamp: null } && CertificatePlan.Fits(AttemptReader.Read(request), owner);
}
