using CertFunctions.App.Issuers;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace CertFunctions.App.Bundles;

/// <summary>Publishes what a Bundle's sources, and the issuers that they name, amount to.</summary>
public static class ReconcileBundle
{
    private const int Rounds = 10;

    [Function(nameof(ReconcileBundle))]
    public static async Task Run([OrchestrationTrigger] TaskOrchestrationContext context, RunTicket ticket)
    {
        var settled = false;
        for (var round = 0; !settled && round < Rounds; round++)
        {
            var found = await context.GatherBundle(ticket);
            if (found.Facts is not { } facts)
            {
                settled = await context.EndBundle(ticket);
                continue;
            }

            var published = facts.Hash is null ? null : await context.PublishBundle(new PublishOrder(ticket, facts.Hash, facts.Files, facts.Content.Added, facts.Rotations));
            if (published is { IsOvertaken: true }) { continue; }

            settled = await context.SettleBundle(new BundleEnd(ticket, facts, published, context.Now(), context.NewGuid().ToString("N")));
        }
    }
}

/// <summary>The bundle workflow's vocabulary: each activity once, with its types and its retry rule.</summary>
internal static class BundleSteps
{
    public static Task<BundleFinding> GatherBundle(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync<BundleFinding>(nameof(BundleActivities.GatherBundle), ticket, Retries.Transient);

    public static Task<PublishOutcome> PublishBundle(this TaskOrchestrationContext context, PublishOrder order) =>
        context.CallActivityAsync<PublishOutcome>(nameof(BundleActivities.PublishBundle), order, Retries.Transient);

    public static Task<bool> SettleBundle(this TaskOrchestrationContext context, BundleEnd end) =>
        context.CallActivityAsync<bool>(nameof(BundleActivities.SettleBundle), end, Retries.Transient);

    public static Task<bool> EndBundle(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync<bool>(nameof(BundleActivities.EndBundle), ticket, Retries.Transient);
}
