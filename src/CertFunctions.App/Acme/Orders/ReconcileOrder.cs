using CertFunctions.App.Acme.Challenges;
using CertFunctions.App.Schedule;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace CertFunctions.App.Acme.Orders;

/// <summary>An order's own run: takes away what belongs to a request that is gone.</summary>
public static class ReconcileOrder
{
    [Function(nameof(ReconcileOrder))]
    public static Task Run([OrchestrationTrigger] TaskOrchestrationContext context, RunTicket run) => context.CallActivityAsync(
        nameof(TidyActivities.TidyOrder), new TidyTicket(run, new DateTimeOffset(context.CurrentUtcDateTime, TimeSpan.Zero), context.NewGuid().ToString("N")), Retries.Transient);
}
