using CertFunctions.App.Acme.Challenges;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace CertFunctions.App.Acme.Orders;

/// <summary>Takes one ACME order as far as it goes now (RFC 8555 §7.4). The chain ends up in the CertificateRequest, not in history.</summary>
public static class FulfilOrder
{
    private const int QuickDownloads = 3;

    private static readonly TimeSpan BetweenDownloads = TimeSpan.FromSeconds(5);

    [Function(nameof(FulfilOrder))]
    public static async Task<RequestOutcome> Run([OrchestrationTrigger] TaskOrchestrationContext context, RequestTicket ticket)
    {
        var (begun, downloads, shown) = (context.CurrentUtcDateTime, 0, "");
        var view = await context.GatherOrder(ticket);
        while (true)
        {
            var plan = OrderPolicy.Decide(view, context.CurrentUtcDateTime - begun);
            switch (plan.Step)
            {
                case OrderStep.Place: view = await context.PlaceOrder(ticket); break;
                case OrderStep.Solve: view = await Solve(context, ticket); break;
                case OrderStep.Finalize: view = await context.FinalizeOrder(ticket); break;
                case OrderStep.Download:
                    view = await context.DownloadChain(new ChainTicket(ticket, view.Certificate!));
                    if (view is { State: OrderView.Blocked, RetryAfter: null } && ++downloads < QuickDownloads) { view = view with { RetryAfter = BetweenDownloads }; }
                    break;
                case OrderStep.Poll:
                    if (view is { State: OrderView.Blocked, Reason: { } reason } && reason != shown) { await context.ShowWait(ticket, view); shown = reason; }
                    await context.CreateTimer(plan.Wait!.Value, CancellationToken.None);
                    view = view.State is OrderView.Blocked ? await context.PlaceOrder(ticket) : await context.GatherOrder(ticket);   // placing begins with a look, too
                    break;
                case OrderStep.Fail: return await context.FailOrder(new OrderEnd(ticket, view.Reason!, view.Message!));
                case OrderStep.Pause:
                    await context.ShowWait(ticket, view);
                    return new(RequestPolicy.Pending, view.Reason, view.Message, plan.Wait);
                default: return Outcome(view);
            }
        }
    }

    private static async Task<OrderView> Solve(TaskOrchestrationContext context, RequestTicket ticket)
    {
        var work = await context.PrepareChallenges(ticket);
        if (work.Challenges.Count == 0) { return work.View; }

        var ends = await Task.WhenAll(work.Challenges.Select(context.SolveChallenge));
        return SolvedPolicy.Sum(ends);
    }

    private static RequestOutcome Outcome(OrderView view) => view.State is OrderView.Ended
        ? new(view.RequestState!, view.Reason, view.Message, null)
        : new(RequestPolicy.Failed, "RequestGone", "The CertificateRequest no longer exists, or is no longer what its Certificate asks for.", null);
}

/// <summary>The order workflow's vocabulary: each activity once, with its types and its retry rule.</summary>
internal static class OrderSteps
{
    public static Task<RequestOutcome> FulfilOrder(this TaskOrchestrationContext context, RequestTicket ticket) =>
        context.CallSubOrchestratorAsync<RequestOutcome>(nameof(Orders.FulfilOrder), ticket);

    /// <summary>What a request waits for, where people look.</summary>
    public static Task ShowWait(this TaskOrchestrationContext context, RequestTicket ticket, OrderView view) =>
        context.RecordRequestState(new RequestRecord(ticket, RequestPolicy.Pending, view.Reason, view.Message ?? ""));

    public static Task<OrderView> GatherOrder(this TaskOrchestrationContext context, RequestTicket ticket) =>
        context.CallActivityAsync<OrderView>(nameof(OrderActivities.GatherOrder), ticket, Retries.Transient);

    public static Task<OrderView> PlaceOrder(this TaskOrchestrationContext context, RequestTicket ticket) =>
        context.CallActivityAsync<OrderView>(nameof(OrderActivities.PlaceOrder), new PlaceTicket(ticket, context.InstanceId), Retries.Transient);

    public static Task<OrderWork> PrepareChallenges(this TaskOrchestrationContext context, RequestTicket ticket) =>
        context.CallActivityAsync<OrderWork>(nameof(OrderActivities.PrepareChallenges), ticket, Retries.Transient);

    public static Task<ChallengeView> SolveChallenge(this TaskOrchestrationContext context, ChallengeTicket ticket) =>
        context.CallSubOrchestratorAsync<ChallengeView>(nameof(Challenges.SolveChallenge), ticket);

    public static Task<OrderView> FinalizeOrder(this TaskOrchestrationContext context, RequestTicket ticket) =>
        context.CallActivityAsync<OrderView>(nameof(OrderActivities.FinalizeOrder), ticket, Retries.Transient);

    public static Task<OrderView> DownloadChain(this TaskOrchestrationContext context, ChainTicket chain) =>
        context.CallActivityAsync<OrderView>(nameof(ChainActivities.DownloadChain), chain, Retries.Transient);

    public static Task<RequestOutcome> FailOrder(this TaskOrchestrationContext context, OrderEnd end) =>
        context.CallActivityAsync<RequestOutcome>(nameof(OrderActivities.FailOrder), end, Retries.Transient);
}
