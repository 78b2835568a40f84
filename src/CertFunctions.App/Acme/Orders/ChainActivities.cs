using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Events;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;

namespace CertFunctions.App.Acme.Orders;

/// <summary>Names a chain to fetch.</summary>
public sealed record ChainTicket(RequestTicket Ticket, string Url);

/// <summary>The end of an order: its chain goes into the request, not into history.</summary>
public sealed class ChainActivities(
    ResourceStore store, OrderDesk desk, ChainDownload downloads, OrderTidying tidying, OrderClaims claims, ChallengeSlots slots, TimeProvider time, EventRecorder events)
{
    /// <summary>Fetches, checks and records the chain; then the order is closed, and its challenges go.</summary>
    [Function(nameof(DownloadChain))]
    public async Task<OrderView> DownloadChain([ActivityTrigger] ChainTicket chain, CancellationToken cancellationToken)
    {
        var (job, instead) = await desk.OpenAsync(chain.Ticket, cancellationToken);
        if (job is null) { return instead; }

        var answer = await downloads.FetchAsync(job, new Uri(chain.Url), cancellationToken);
        if (answer.Chain is not { } fetched) { return answer.Instead!; }
        if (await RecordAsync(chain.Ticket, job, fetched, cancellationToken) is not { } issued) { return new(OrderView.Superseded); }

        await CloseAsync(job, cancellationToken);
        return OrderDesk.Ended(issued);
    }

    private async Task<CertificateRequest?> RecordAsync(RequestTicket ticket, OrderJob job, IReadOnlyList<byte[]> chain, CancellationToken cancellationToken)
    {
        var terms = new SigningTerms(IsCA: false, job.Request.Spec.Usages, job.Request.Spec.Duration ?? CertificateDefaults.Duration, time.GetUtcNow(), [1], null);
        var answer = SigningAnswer.Issued(chain, null) with { Notes = job.Issuer.Spec.Acme!.EnableDurationFeature is true ? SigningNotes.Of(chain, null, job.Csr, terms) : [] };
        await events.RecordAsync(RequestOccurrences.Told(ticket, RequestPolicy.Issued, null, null), cancellationToken);
        while (await store.FindAsync(CertificateRequestKind.Kind, new ResourceName(ticket.Namespace, ticket.Name), ticket.Uid, cancellationToken) is { } read)
        {
            if (RequestStatus.IsFinal(read.Resource)) { return read.Resource; }

            var issued = RequestStatus.With(read.Resource, answer, time.GetUtcNow());
            if (job.Origin.Write() is { } origin)
            {
                issued = issued with { Metadata = issued.Metadata with { Annotations = (issued.Metadata.Annotations ?? ValueMap.Empty).With(Annotations.AcmeOrigin, origin) } };
            }

            if (await store.ReplaceAsync(CertificateRequestKind.Kind, issued, read.Version, read.Due, cancellationToken) is not null) { return issued; }
        }

        return null;
    }

    /// <summary>What is left undone here by a crash, the sweep does.</summary>
    private async Task CloseAsync(OrderJob job, CancellationToken cancellationToken)
    {
        slots.Release(job.RequestUid);
        if (job.Order is not { } order) { return; }

        await tidying.RemoveChallengesAsync(order.Resource, cancellationToken);
        await desk.ChangeAsync(job, status => status with { State = "valid", Authorizations = [.. (status.Authorizations ?? []).Select(each => each with { Challenge = null })] }, cancellationToken);
        if (order.Resource.Status?.Url is { } url) { await claims.DropAsync(url, job.Request, cancellationToken); }
    }
}
