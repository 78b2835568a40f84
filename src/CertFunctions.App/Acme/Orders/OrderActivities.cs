using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Events;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;

namespace CertFunctions.App.Acme.Orders;

/// <summary>Names the request to place an order for.</summary>
/// <param name="Run">The orchestration that asks; the same when the activity is repeated.</param>
public sealed record PlaceTicket(RequestTicket Ticket, string Run);

/// <summary>How an attempt failed.</summary>
public sealed record OrderEnd(RequestTicket Ticket, string Reason, string Message);

/// <summary>The side effects of an order, every one safe to repeat: the claim is taken first, and what was done is found again at the CA.</summary>
public sealed class OrderActivities(
    ResourceStore store, OrderDesk desk, OrderReader reader, OrderPlacing placing, OrderChallenges challenges, OrderClaims claims, ChallengeSlots slots,
    TimeProvider time, EventRecorder events)
{
    /// <summary>Where the order stands: asked of the CA, if one was placed.</summary>
    [Function(nameof(GatherOrder))]
    public async Task<OrderView> GatherOrder([ActivityTrigger] RequestTicket ticket, CancellationToken cancellationToken)
    {
        var (job, instead) = await desk.OpenAsync(ticket, cancellationToken);
        return job is null ? instead : await reader.ReadAsync(job, cancellationToken);
    }

    /// <summary>Asks the CA for an order (RFC 8555 §7.4). Repeated after a crash it may ask once more: the CA's answer was lost.</summary>
    [Function(nameof(PlaceOrder))]
    public async Task<OrderView> PlaceOrder([ActivityTrigger] PlaceTicket place, CancellationToken cancellationToken)
    {
        var (job, instead) = await desk.OpenAsync(place.Ticket, cancellationToken);
        if (job is null) { return instead; }

        // A repeat: what was recorded before counts, unless the CA says that it is gone.
        var known = await reader.ReadAsync(job, cancellationToken);
        return known.State is OrderView.Absent ? await placing.PlaceAsync(job, place.Run, cancellationToken) : known;
    }

    /// <summary>Fetches the authorizations, and makes a Challenge for each that is pending (§7.5).</summary>
    [Function(nameof(PrepareChallenges))]
    public async Task<OrderWork> PrepareChallenges([ActivityTrigger] RequestTicket ticket, CancellationToken cancellationToken)
    {
        var (job, instead) = await desk.OpenAsync(ticket, cancellationToken);
        return job is null ? new(instead, []) : await challenges.PrepareAsync(job, cancellationToken);
    }

    /// <summary>Sends the CSR (§7.4). A lost answer is no failure: the order tells.</summary>
    [Function(nameof(FinalizeOrder))]
    public async Task<OrderView> FinalizeOrder([ActivityTrigger] RequestTicket ticket, CancellationToken cancellationToken)
    {
        var (job, instead) = await desk.OpenAsync(ticket, cancellationToken);
        if (job is null) { return instead; }
        if (job.Order?.Resource.Status is not { Url: { } url, FinalizeURL: { } finalize } status) { return new(OrderView.Absent); }
        if (!await claims.TakeAsync(url, job.Request, cancellationToken)) { return OrderReader.SomebodyElses(); }

        if (status.Finalized is not true)
        {
            if (await desk.ChangeAsync(job, each => each with { Finalized = true, State = "ready" }, cancellationToken) is not { } marked) { return new(OrderView.Superseded); }

            job = job with { Order = marked };
        }

        var answer = await job.Client.FinalizeAsync(job.Identity, new Uri(finalize), SigningRequests.ToDer(job.Request.Spec.Request), cancellationToken);
        return answer switch
        {
            { Value: { } order } => await reader.ViewAsync(job, order, answer.RetryAfter, cancellationToken),
            { Problem: { Type: "orderNotReady" } or { Status: 403, Type: "unauthorized" } } => await reader.ReadAsync(job, cancellationToken),
            { Problem.IsVerdict: true } => await VerdictAsync(job, answer.Problem, cancellationToken),
            _ => new(OrderView.Processing, "ACMEUnavailable", answer.Problem!.Describe(), answer.Problem.RetryAfter),
        };
    }

    /// <summary>Records that the attempt has failed: in the Order, then in its request, which its Certificate counts.</summary>
    [Function(nameof(FailOrder))]
    public async Task<RequestOutcome> FailOrder([ActivityTrigger] OrderEnd end, CancellationToken cancellationToken)
    {
        var name = new ResourceName(end.Ticket.Namespace, end.Ticket.Name);
        slots.Release(end.Ticket.Uid);
        while (true)
        {
            if (await store.FindAsync(CertificateRequestKind.Kind, name, end.Ticket.Uid, cancellationToken) is not { } read) { return new(RequestPolicy.Failed, "RequestGone", "The CertificateRequest no longer exists.", null); }
            if (RequestStatus.IsFinal(read.Resource)) { return RequestStatus.Outcome(read.Resource); }

            await CloseAsync(read.Resource, end, cancellationToken);
            await events.RecordAsync(RequestOccurrences.Told(end.Ticket, RequestPolicy.Failed, end.Reason, end.Message), cancellationToken);
            var failed = RequestStatus.With(read.Resource, SigningAnswer.Failed(end.Reason, end.Message), time.GetUtcNow());
            if (await store.ReplaceAsync(CertificateRequestKind.Kind, failed, read.Version, read.Due, cancellationToken) is not null) { return RequestStatus.Outcome(failed); }
        }
    }

    /// <summary>A CSR that the CA does not take, or an order that it gave up at that moment (row 15): then the order knows more.</summary>
    private async Task<OrderView> VerdictAsync(OrderJob job, Core.Acme.AcmeProblem problem, CancellationToken cancellationToken)
    {
        var view = await reader.ReadAsync(job, cancellationToken);
        return view.State is OrderView.Processing or OrderView.Valid or OrderView.Refused ? view : await reader.ProblemAsync(job, problem, cancellationToken);
    }

    private async Task CloseAsync(CertificateRequest request, OrderEnd end, CancellationToken cancellationToken)
    {
        while (await store.FindAsync(OrderKind.Kind, OrderKind.NameFor(request), cancellationToken) is { } order && order.Resource.Spec.RequestUid == request.Metadata.Uid)
        {
            if (order.Resource.Status?.Url is { } url) { await claims.DropAsync(url, request, cancellationToken); }

            var status = order.Resource.Status ?? new OrderStatus();
            var closed = order.Resource with
            {
                Status = status with { State = end.Reason == "ChallengeFailed" ? "invalid" : "errored", Reason = end.Message, FailureTime = status.FailureTime ?? time.GetUtcNow() },
            };
            if (closed.Status == order.Resource.Status || await store.ReplaceAsync(OrderKind.Kind, closed, order.Version, order.Due, cancellationToken) is not null) { return; }
        }
    }
}
