using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace CertFunctions.App.CertificateRequests;

/// <summary>A request's own run: what a Certificate's run does as a sub-orchestration, and the next date.</summary>
public static class ReconcileCertificateRequest
{
    private const int Rounds = 5;

    [Function(nameof(ReconcileCertificateRequest))]
    public static async Task Run([OrchestrationTrigger] TaskOrchestrationContext context, RunTicket run)
    {
        var ticket = new RequestTicket(run.Namespace ?? "", run.Name, run.Uid);
        var settled = false;
        for (var round = 0; !settled && round < Rounds; round++)
        {
            var outcome = await context.FulfilRequest(ticket);
            if (outcome.State is not RequestPolicy.Pending) { await context.WakeOwner(ticket); }

            var now = new DateTimeOffset(context.CurrentUtcDateTime, TimeSpan.Zero);
            settled = await context.SettleRequest(new RequestEnd(run, outcome.State, outcome.RetryAfter, now, context.NewGuid().ToString("N")));
        }
    }
}

/// <summary>How a request's own run ends.</summary>
/// <param name="Now">Birth of the due entry to file, under the name part <paramref name="Unique"/>.</param>
public sealed record RequestEnd(RunTicket Run, string State, TimeSpan? RetryAfter, DateTimeOffset Now, string Unique);
