using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace CertFunctions.App.Acme.Challenges;

/// <summary>Proves control of one name: present, check, accept, and clean up whatever happens (RFC 8555 §7.5.1, §8).</summary>
public static class SolveChallenge
{
    private const string ValidationPending = "ValidationPending";

    [Function(nameof(SolveChallenge))]
    public static async Task<ChallengeView> Run([OrchestrationTrigger] TaskOrchestrationContext context, ChallengeTicket ticket)
    {
        var view = new ChallengeView(ChallengeView.Blocked);
        try
        {
            view = await context.PresentChallenge(ticket);
            if (view.State is ChallengeView.Presented) { view = await context.CheckChallenge(ticket); }
            while (view.State is ChallengeView.Presented)
            {
                await context.Pause(view.Wait);
                view = await context.CheckChallenge(ticket);
            }

            if (view.State is ChallengeView.Visible)
            {
                await context.Pause(view.Wait);
                view = await context.AcceptChallenge(ticket);
            }

            return view = await Verdict(context, ticket, view);
        }
        finally
        {
            // While the CA is still looking, what it looks for stays.
            if (view.Reason != ValidationPending) { await context.CleanUpChallenge(ticket); }
        }
    }

    private static async Task<ChallengeView> Verdict(TaskOrchestrationContext context, ChallengeTicket ticket, ChallengeView view)
    {
        var begun = context.CurrentUtcDateTime;
        while (view.State is ChallengeView.Accepted)
        {
            var waited = context.CurrentUtcDateTime - begun;
            var wait = OrderPolicy.Poll(view.Wait, waited);
            if (wait > OrderPolicy.LongestPoll || waited + wait > ChallengePolicy.LongestVerdict) { return new(ChallengeView.Blocked, ValidationPending, "The CA has not decided yet.", wait); }

            await context.Pause(wait);
            view = await context.PollChallenge(ticket);
        }

        return view;
    }
}

/// <summary>The challenge workflow's vocabulary: each activity once, with its types and its retry rule.</summary>
internal static class ChallengeSteps
{
    public static Task Pause(this TaskOrchestrationContext context, TimeSpan? wait) =>
        wait is { } time && time > TimeSpan.Zero ? context.CreateTimer(time, CancellationToken.None) : Task.CompletedTask;

    public static Task<ChallengeView> PresentChallenge(this TaskOrchestrationContext context, ChallengeTicket ticket) => Call(context, nameof(ChallengeActivities.PresentChallenge), ticket);

    public static Task<ChallengeView> CheckChallenge(this TaskOrchestrationContext context, ChallengeTicket ticket) => Call(context, nameof(ChallengeActivities.CheckChallenge), ticket);

    public static Task<ChallengeView> AcceptChallenge(this TaskOrchestrationContext context, ChallengeTicket ticket) => Call(context, nameof(ChallengeActivities.AcceptChallenge), ticket);

    public static Task<ChallengeView> PollChallenge(this TaskOrchestrationContext context, ChallengeTicket ticket) => Call(context, nameof(ChallengeActivities.PollChallenge), ticket);

    public static Task CleanUpChallenge(this TaskOrchestrationContext context, ChallengeTicket ticket) =>
        context.CallActivityAsync(nameof(ChallengeActivities.CleanUpChallenge), ticket, Retries.Transient);

    private static Task<ChallengeView> Call(TaskOrchestrationContext context, string activity, ChallengeTicket ticket) =>
        context.CallActivityAsync<ChallengeView>(activity, ticket, Retries.Transient);
}
