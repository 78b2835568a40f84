using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace CertFunctions.App.Certificates;

/// <summary>Makes the world match one Certificate: gather, decide, act, and always write the status with the next date (design §4).</summary>
public static class ReconcileCertificate
{
    private const int MostLeases = 20;

    [Function(nameof(ReconcileCertificate))]
    public static async Task Run([OrchestrationTrigger] TaskOrchestrationContext context, RunTicket ticket)
    {
        var facts = await context.GatherCertificateFacts(ticket);
        if (facts is null || facts.Certificate.Metadata.DeletionTimestamp is not null)
        {
            await context.RemoveCertificate(ticket);
            return;
        }

        if (facts.Certificate.Status?.Revocation is { RevokedAt: null }) { await context.RevokeCertificate(ticket); }

        var plan = CertificatePlan.Decide(facts);
        if (plan.Step is CertificateStep.Recover && await context.RecoverVaultObject(ticket) is { Problem: null })
        {
            context.ContinueAsNew(ticket);
            return;
        }

        var claim = plan.Claims ? await context.ClaimVaultObject(ticket) : null;
        var attempt = claim?.Problem is null && plan.Step is CertificateStep.Issue ? NewAttempt(context, ticket, facts, plan) : null;
        var (outcome, attempted) = claim?.Problem is { } taken ? (new CertificateOutcome("Waiting", CertificatePlan.SecretNameTaken, taken, claim.RetryAt), null)
            : attempt is null ? (await KeepUp(context, ticket, plan), null)
            : await Issue(context, attempt, plan);

        var outputs = OutputPolicy.IsDue(facts, outcome) ? await context.WriteOutputs(ticket) : facts.Outputs;
        var end = new CertificateEnd(
            ticket, facts.Certificate.Metadata.Generation, outcome, attempt?.RequestUid, Now(context), context.NewGuid().ToString("N"), outputs);
        var recorded = await context.RecordCertificate(end);
        if (attempted is not null && outcome.State is "Issued" or "Failed") { await context.CompleteIssuance(attempted!); }
        if (!recorded) { context.ContinueAsNew(ticket); }
    }

    /// <summary>Nothing to issue now: what belongs to the stored certificate is put in order.</summary>
    private static async Task<CertificateOutcome> KeepUp(TaskOrchestrationContext context, RunTicket ticket, CertificatePlan plan)
    {
        if (plan.Prunes || plan.Abandons is not null) { await context.PruneRequests(new PruneOrder(ticket, plan.Abandons)); }
        if (plan.Repair is not { } repair) { return plan.Outcome(); }

        var repaired = await context.RepairTags(new TagOrder(ticket, repair));
        return repaired.Problem is null ? plan.Outcome() : repaired.NotNow();
    }

    /// <returns>The attempt with what it made: its key, which is to be disabled at its end.</returns>
    private static async Task<(CertificateOutcome Outcome, CertificateAttempt Attempted)> Issue(TaskOrchestrationContext context, CertificateAttempt attempt, CertificatePlan plan)
    {
        await context.MarkIssuing(attempt);
        var key = await context.EnsureNextPrivateKey(attempt);
        if (key.Value is null) { return (key.NotNow() with { Trigger = plan.Trigger }, attempt); }

        var attempted = attempt with { KeyVersion = key.Value };
        var request = await context.CreateCertificateRequest(attempted);
        if (request.Value is null) { return (request.NotNow() with { Trigger = plan.Trigger }, attempted); }

        if (plan.WantsTemporary && await context.TakeImportLease(attempted)) { await context.StoreTemporaryCertificate(attempted); }

        return (await Finish(context, attempted) with { Trigger = plan.Trigger }, attempted);
    }

    private static async Task<CertificateOutcome> Finish(TaskOrchestrationContext context, CertificateAttempt attempt)
    {
        var answer = await context.FulfilRequest(attempt);
        return answer.State switch
        {
            "Issued" => await Store(context, attempt),
            "Pending" => new("Waiting", answer.Reason ?? "Pending", answer.Message ?? "Waiting for the CertificateRequest.", answer.RetryAfter is { } wait ? Now(context) + wait : null),
            _ when answer.Reason is "RequestGone" => new("Waiting", "Superseded", "Another run replaced the CertificateRequest.", Now(context)),
            _ => new("Failed", answer.Reason ?? answer.State, answer.Message ?? "The request failed."),
        };
    }

    private static async Task<CertificateOutcome> Store(TaskOrchestrationContext context, CertificateAttempt attempt)
    {
        for (var leases = 0; leases < MostLeases; leases++)
        {
            if (!await context.TakeImportLease(attempt)) { return new("Waiting", "ImportUnderWay", "Another run is storing a certificate."); }

            var import = await context.StoreCertificate(attempt);
            switch (import.State)
            {
                case "Stored": return new("Issued");
                case "Superseded": return new("Waiting", "Superseded", import.Message ?? "The Certificate changed while it was being issued.", Now(context));
                case "Invalid": return new("Failed", "InvalidCertificate", import.Message);
                case "Taken": return new("Waiting", "SecretNameTaken", import.Message);
                case "Refused" or "Unsettled": return new("Waiting", "VaultRefused", import.Message, import.RetryAt);
                default: break;   // the lease went stale before the import could start: take it anew
            }
        }

        return new("Waiting", "ImportUnderWay", "The vault is too slow to import within the lease.");
    }

    private static DateTimeOffset Now(TaskOrchestrationContext context) => new(context.CurrentUtcDateTime);

    private static CertificateAttempt NewAttempt(TaskOrchestrationContext context, RunTicket ticket, CertificateFacts facts, CertificatePlan plan)
    {
        var revision = (facts.Revision ?? 0) + 1;
        return new CertificateAttempt(
            ticket,
            facts.Certificate.Metadata.Generation,
            revision,
            RequestNames.For(ticket.Name, revision),
            plan.Resume?.Uid ?? context.NewGuid().ToString("D"),
            plan.Resume?.PrivateKeyVersion,
            facts.Next?.Uid,
            plan.Reason!,
            context.NewGuid().ToString("N"));
    }
}
