using CertFunctions.App.Schedule;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace CertFunctions.App.Acme.Challenges;

/// <summary>A challenge's own run, when its workflow is gone or could not clean up: takes away what nobody needs.</summary>
public static class ReconcileChallenge
{
    [Function(nameof(ReconcileChallenge))]
    public static Task Run([OrchestrationTrigger] TaskOrchestrationContext context, RunTicket run) => context.CallActivityAsync(
        nameof(TidyActivities.TidyChallenge), new TidyTicket(run, new DateTimeOffset(context.CurrentUtcDateTime, TimeSpan.Zero), context.NewGuid().ToString("N")), Retries.Transient);
}
