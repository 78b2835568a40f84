using CertFunctions.App.Acme.Orders;
using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Events;
using CertFunctions.App.Issuers;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.CertificateRequests;

/// <summary>The side effects of a request's run, every one safe to repeat.</summary>
public sealed class RequestActivities(
    ResourceStore store,
    IssuerStore issuers,
    IssuerIndex index,
    RequestSigning signing,
    DueIndex due,
    IIds ids,
    TimeProvider time,
    IOptions<ScheduleOptions> options,
    IOptions<ApprovalOptions> approvals,
    OrderTidying orders,
    EventRecorder events)
{
    private static readonly TimeSpan Final = TimeSpan.FromHours(24);

    /// <returns>Null when the request is absent, going away, or another one of the same name.</returns>
    [Function(nameof(GatherRequestFacts))]
    public async Task<RequestFacts?> GatherRequestFacts([ActivityTrigger] RequestTicket ticket, CancellationToken cancellationToken)
    {
        if (await FindAsync(ticket, cancellationToken) is not { Resource: var request } || request.Metadata.DeletionTimestamp is not null) { return null; }

        var reference = request.Spec.IssuerRef;
        var issuer = reference.GroupOrDefault() == "cert-manager.io" ? await issuers.FindAsync(reference, ticket.Namespace, cancellationToken) : null;
        return new RequestFacts(
            reference.Describe(),
            reference.GroupOrDefault(),
            request.Status?.Conditions ?? [],
            approvals.Value.Mode is ApprovalMode.Manual ? options.Value.WaitMost : null,
            request.Status?.Certificate is not null,
            issuer is { Metadata.DeletionTimestamp: null },
            issuer?.Type,
            issuer?.IsReady ?? false,
            issuer?.Status?.Conditions.Find("Ready")?.Message);
    }

    /// <summary>Records the automatic approval, and the serial number that a CA will use: drawn once, kept by every later attempt.</summary>
    [Function(nameof(ApproveRequest))]
    public async Task ApproveRequest([ActivityTrigger] RequestTicket ticket, CancellationToken cancellationToken)
    {
        var approval = RequestPolicy.Approval();
        await events.RecordAsync(RequestOccurrences.Approved(ticket, approval), cancellationToken);
        await WriteAsync(ticket, request =>
        {
            var verdict = ApprovalPolicy.Decide(request.Status?.Conditions, approval.Type, approval.Reason!, approval.Message!);
            return verdict.Set is null ? request : RequestStatus.Decided(request, verdict.Set, ids, time.GetUtcNow());
        }, cancellationToken);
    }

    /// <summary>Writes the Ready condition; a final state is never overwritten.</summary>
    [Function(nameof(RecordRequestState))]
    public async Task RecordRequestState([ActivityTrigger] RequestRecord record, CancellationToken cancellationToken)
    {
        await events.RecordAsync(RequestOccurrences.Told(record.Ticket, record.State, record.Code, record.Message), cancellationToken);
        await WriteAsync(record.Ticket, request => RequestStatus.With(request, record.State, record.Message, time.GetUtcNow()), cancellationToken);
    }

    /// <summary>Signs, and puts the answer into the request.</summary>
    [Function(nameof(SignRequest))]
    public async Task<RequestOutcome> SignRequest([ActivityTrigger] RequestTicket ticket, CancellationToken cancellationToken)
    {
        if (await FindAsync(ticket, cancellationToken) is not { Resource: var request } read) { return new(RequestPolicy.Failed, "RequestGone", "The CertificateRequest no longer exists.", null); }
        if (RequestStatus.IsFinal(request)) { return RequestStatus.Outcome(request); }

        var answer = await signing.SignAsync(request, cancellationToken);
        await events.RecordAsync(RequestOccurrences.Told(ticket, answer.State, answer.Reason, answer.Message), cancellationToken);
        var written = await WriteAsync(ticket, current => RequestStatus.With(current, answer, time.GetUtcNow()), cancellationToken, read);
        return written is null ? new(RequestPolicy.Pending, "Conflict", "The CertificateRequest changed meanwhile.", null)
            : RequestStatus.IsFinal(written) ? RequestStatus.Outcome(written)
            : new(answer.State, answer.Reason, answer.Message, answer.RetryAfter);
    }

    /// <summary>Wakes the Certificate that waits for this request, if one does: its own run may have gone while this one worked.</summary>
    [Function(nameof(WakeOwner))]
    public async Task WakeOwner([ActivityTrigger] RequestTicket ticket, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (await FindAsync(ticket, cancellationToken) is not { Resource: var request }) { return; }
        if (await store.FindOwnerAsync(request, cancellationToken) is not { } owner || !(owner.Status?.Conditions.IsTrue("Issuing") ?? false)) { return; }

        var run = new RunTicket(CertificateKind.Kind.Plural, ticket.Namespace, owner.Metadata.Name, owner.Metadata.Uid!, Entry: "");
        await index.WakeAsync(CertificateKind.Kind, run, client, cancellationToken);
    }

    /// <summary>Ends a request's own run with its next date; removes a request that is going away.</summary>
    /// <returns>False when somebody wrote meanwhile: begin again.</returns>
    [Function(nameof(SettleRequest))]
    public async Task<bool> SettleRequest([ActivityTrigger] RequestEnd end, CancellationToken cancellationToken)
    {
        var run = end.Run;
        if (await store.FindAsync(CertificateRequestKind.Kind, run, cancellationToken) is not { Resource: var request } read)
        {
            await due.DropAsync(run, cancellationToken);
            return true;
        }

        if (request.Metadata.DeletionTimestamp is not null || await IsOrphanAsync(request, cancellationToken)) { return await RemoveAsync(run, read, cancellationToken); }

        var wait = options.Value;
        var delay = end.State is not RequestPolicy.Pending ? Final
            : end.RetryAfter ?? IssuerPolicy.Backoff(request.Metadata.CreationTimestamp ?? end.Now, end.Now, wait.WaitFirst, wait.WaitMost);
        return await due.SettleAsync(
            CertificateRequestKind.Kind, run, read, request, DueIndex.NameFor(run, end.Now + delay, end.Now, end.Unique), cancellationToken);
    }

    /// <summary>Made for a Certificate that is gone: a run created it while another removed the Certificate.</summary>
    private async Task<bool> IsOrphanAsync(CertificateRequest request, CancellationToken cancellationToken) =>
        RequestOwner.Of(request) is not null && await store.FindOwnerAsync(request, cancellationToken) is null;

    private async Task<bool> RemoveAsync(RunTicket run, Stored<CertificateRequest> read, CancellationToken cancellationToken)
    {
        foreach (var entry in CertificateRequestKind.Kind.IndexEntries(read.Resource)) { await due.RemoveAsync(entry, except: null, cancellationToken); }

        await orders.RemoveForAsync(read.Resource, cancellationToken);
        await due.RemoveAsync(read.Due, except: run.Entry, cancellationToken);
        if (!await store.DeleteAsync(CertificateRequestKind.Kind, new ResourceName(run.Namespace, run.Name), read.Version, cancellationToken)) { return false; }

        await due.RemoveAsync(run.Entry, except: null, cancellationToken);
        return true;
    }

    private Task<Stored<CertificateRequest>?> FindAsync(RequestTicket ticket, CancellationToken cancellationToken) =>
        store.FindAsync(CertificateRequestKind.Kind, new ResourceName(ticket.Namespace, ticket.Name), ticket.Uid, cancellationToken);

    /// <summary>Changes a request over whatever is stored; a change that changes nothing is not written.</summary>
    /// <param name="known">As read a moment ago: the first try needs no other look.</param>
    /// <returns>The request as stored now; null when it is gone, or others kept being first.</returns>
    private async Task<CertificateRequest?> WriteAsync(
        RequestTicket ticket, Func<CertificateRequest, CertificateRequest> change, CancellationToken cancellationToken, Stored<CertificateRequest>? known = null)
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            if ((attempt == 0 ? known : null) is not { } read)
            {
                if (await FindAsync(ticket, cancellationToken) is not { } found) { return null; }

                read = found;
            }

            var changed = change(read.Resource);
            if (ReferenceEquals(changed, read.Resource)) { return changed; }
            if (await store.ReplaceAsync(CertificateRequestKind.Kind, changed, read.Version, read.Due, cancellationToken) is not null) { return changed; }
        }

        return null;
    }
}
