using CertFunctions.App.Acme.Accounts;
using CertFunctions.App.Issuers.Rotation;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace CertFunctions.App.Issuers;

/// <summary>Finds out whether an Issuer or ClusterIssuer can sign, pins its signer, and wakes who waited for it.</summary>
public static class ReconcileIssuer
{
    private const int Rounds = 10;

    [Function(nameof(ReconcileIssuer))]
    public static async Task Run([OrchestrationTrigger] TaskOrchestrationContext context, RunTicket ticket)
    {
        var settled = false;
        for (var round = 0; !settled && round < Rounds; round++)
        {
            var found = await context.GatherIssuerFacts(ticket);
            if (found.Facts is null)
            {
                settled = await context.EndIssuer(ticket);
                continue;
            }

            var now = context.Now();
            var facts = found.Facts.Type == "acme" ? found.Facts with { Account = await context.EnsureAcmeAccount(ticket) } : found.Facts;
            var verdict = IssuerPolicy.Decide(facts, now);
            if (verdict.MakesCa) { await context.MakeNewCa(ticket); }

            var reissue = facts.Ca is { Retiring.Count: > 0 } ? await context.ReissueLeaves(ticket) : null;
            var record = new IssuerRecord(ticket, found.Version, verdict.Status, Next: "", verdict.News);
            if (verdict.Wakes)
            {
                // Dependents look at the status: Ready is written first, that they were told only after they were.
                if (await context.RecordIssuerReady(record) is not { } version) { continue; }

                await context.WakeDependents(ticket);
                record = record with { Version = version, Status = IssuerPolicy.Announced(verdict.Status, now) };
            }

            var next = DueIndex.NameFor(ticket, now + (reissue < verdict.LookAgain ? reissue.Value : verdict.LookAgain), now, context.NewGuid().ToString("N"));
            settled = await context.SettleIssuer(record with { Next = next });
            if (settled && verdict.WakesBundles) { await context.WakeBundles(ticket); }
        }
    }
}

/// <summary>What a run found. <see cref="Facts"/> is null when the issuer is absent or going away.</summary>
public sealed record IssuerFinding(IssuerFacts? Facts, string Version);

/// <summary>A status to write over the version it was decided on.</summary>
/// <param name="Next">Name of the due entry to file; empty when the run goes on.</param>
/// <param name="News">What to tell besides the conditions.</param>
public sealed record IssuerRecord(RunTicket Ticket, string Version, Core.Resources.IssuerStatus Status, string Next, Core.Resources.ValueList<Reason>? News = null);

/// <summary>The issuer workflow's vocabulary: each activity once, with its types and its retry rule.</summary>
internal static class IssuerSteps
{
    /// <summary>Whole seconds, as they are stored.</summary>
    public static DateTimeOffset Now(this TaskOrchestrationContext context) =>
        DateTimeOffset.FromUnixTimeSeconds(new DateTimeOffset(context.CurrentUtcDateTime, TimeSpan.Zero).ToUnixTimeSeconds());

    public static Task<IssuerFinding> GatherIssuerFacts(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync<IssuerFinding>(nameof(IssuerActivities.GatherIssuerFacts), ticket, Retries.Transient);

    public static Task<AccountView?> EnsureAcmeAccount(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync<AccountView?>(nameof(AccountActivities.EnsureAcmeAccount), ticket, Retries.Transient);

    public static Task MakeNewCa(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync(nameof(RotationActivities.MakeNewCa), ticket, Retries.Transient);

    public static Task<TimeSpan?> ReissueLeaves(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync<TimeSpan?>(nameof(RotationActivities.ReissueLeaves), ticket, Retries.Transient);

    public static Task WakeBundles(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync(nameof(RotationActivities.WakeBundles), ticket, Retries.Transient);

    public static Task<string?> RecordIssuerReady(this TaskOrchestrationContext context, IssuerRecord record) =>
        context.CallActivityAsync<string?>(nameof(IssuerActivities.RecordIssuerReady), record, Retries.Transient);

    public static Task WakeDependents(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync(nameof(IssuerActivities.WakeDependents), ticket, Retries.Transient);

    public static Task<bool> SettleIssuer(this TaskOrchestrationContext context, IssuerRecord record) =>
        context.CallActivityAsync<bool>(nameof(IssuerActivities.SettleIssuer), record, Retries.Transient);

    public static Task<bool> EndIssuer(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync<bool>(nameof(IssuerActivities.EndIssuer), ticket, Retries.Transient);
}
