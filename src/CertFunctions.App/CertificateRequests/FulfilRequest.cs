using CertFunctions.App.Acme.Orders;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace CertFunctions.App.CertificateRequests;

/// <summary>Takes one CertificateRequest as far as it goes now: approved, signed, or waiting with its reason in the status (semantics §5).</summary>
public static class FulfilRequest
{
    private const int Rounds = 5;

    [Function(nameof(FulfilRequest))]
    public static async Task<RequestOutcome> Run([OrchestrationTrigger] TaskOrchestrationContext context, RequestTicket ticket)
    {
        for (var round = 0; round < Rounds; round++)
        {
            if (await context.GatherRequestFacts(ticket) is not { } facts) { return new(RequestPolicy.Failed, "RequestGone", "The CertificateRequest no longer exists.", null); }

            var decision = RequestPolicy.Decide(facts);
            switch (decision.Action)
            {
                case RequestAction.Approve:
                    await context.ApproveRequest(ticket);
                    break;
                case RequestAction.Sign:
                    return facts.IssuerType == "acme" ? await context.FulfilOrder(ticket) : await context.SignRequest(ticket);
                case RequestAction.Deny or RequestAction.Wait:
                    await context.RecordRequestState(new RequestRecord(ticket, decision.State, decision.Code, decision.Action is RequestAction.Deny ? RequestPolicy.DeniedMessage : decision.Message ?? ""));
                    return Outcome(decision);
                default:
                    return Outcome(decision);
            }
        }

        return new(RequestPolicy.Pending, "Conflict", "Others keep changing the CertificateRequest.", null);
    }

    private static RequestOutcome Outcome(RequestDecision decision) => new(decision.State, decision.Code, decision.Message, decision.RetryAfter);
}

/// <summary>A Ready condition to write: the reason is the state, the finer code shows in the event.</summary>
public sealed record RequestRecord(RequestTicket Ticket, string State, string? Code, string Message);

/// <summary>The request workflow's vocabulary: each activity once, with its types and its retry rule.</summary>
internal static class RequestSteps
{
    public static Task<RequestFacts?> GatherRequestFacts(this TaskOrchestrationContext context, RequestTicket ticket) =>
        context.CallActivityAsync<RequestFacts?>(nameof(RequestActivities.GatherRequestFacts), ticket, Retries.Transient);

    public static Task ApproveRequest(this TaskOrchestrationContext context, RequestTicket ticket) =>
        context.CallActivityAsync(nameof(RequestActivities.ApproveRequest), ticket, Retries.Transient);

    public static Task RecordRequestState(this TaskOrchestrationContext context, RequestRecord record) =>
        context.CallActivityAsync(nameof(RequestActivities.RecordRequestState), record, Retries.Transient);

    public static Task<RequestOutcome> SignRequest(this TaskOrchestrationContext context, RequestTicket ticket) =>
        context.CallActivityAsync<RequestOutcome>(nameof(RequestActivities.SignRequest), ticket, Retries.Transient);

    public static Task<RequestOutcome> FulfilRequest(this TaskOrchestrationContext context, RequestTicket ticket) =>
        context.CallSubOrchestratorAsync<RequestOutcome>(nameof(CertificateRequests.FulfilRequest), ticket);

    public static Task WakeOwner(this TaskOrchestrationContext context, RequestTicket ticket) =>
        context.CallActivityAsync(nameof(RequestActivities.WakeOwner), ticket, Retries.Transient);

    public static Task<bool> SettleRequest(this TaskOrchestrationContext context, RequestEnd end) =>
        context.CallActivityAsync<bool>(nameof(RequestActivities.SettleRequest), end, Retries.Transient);
}
