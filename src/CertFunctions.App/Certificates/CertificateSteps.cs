using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using Microsoft.DurableTask;

namespace CertFunctions.App.Certificates;

/// <summary>The certificate workflow's vocabulary: each activity once, with its types and its retry rule.</summary>
internal static class CertificateSteps
{
    public static Task<CertificateFacts?> GatherCertificateFacts(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync<CertificateFacts?>(nameof(CertificateActivities.GatherCertificateFacts), ticket, Retries.Transient);

    public static Task RemoveCertificate(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync(nameof(CertificateActivities.RemoveCertificate), ticket, Retries.Transient);

    public static Task RevokeCertificate(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync(nameof(RevocationActivities.RevokeCertificate), ticket, Retries.Transient);

    public static Task<StepResult> ClaimVaultObject(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync<StepResult>(nameof(CertificateActivities.ClaimVaultObject), ticket, Retries.Transient);

    public static Task<StepResult> RecoverVaultObject(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync<StepResult>(nameof(UpkeepActivities.RecoverVaultObject), ticket, Retries.Transient);

    public static Task MarkIssuing(this TaskOrchestrationContext context, CertificateAttempt attempt) =>
        context.CallActivityAsync(nameof(CertificateActivities.MarkIssuing), attempt, Retries.Transient);

    public static Task<StepResult> EnsureNextPrivateKey(this TaskOrchestrationContext context, CertificateAttempt attempt) =>
        context.CallActivityAsync<StepResult>(nameof(NextKeyActivities.EnsureNextPrivateKey), attempt, Retries.Transient);

    public static Task<StepResult> CreateCertificateRequest(this TaskOrchestrationContext context, CertificateAttempt attempt) =>
        context.CallActivityAsync<StepResult>(nameof(OwnRequestActivities.CreateCertificateRequest), attempt, Retries.Transient);

    public static Task<RequestOutcome> FulfilRequest(this TaskOrchestrationContext context, CertificateAttempt attempt) =>
        context.CallSubOrchestratorAsync<RequestOutcome>(
            "FulfilRequest", new RequestTicket(attempt.Ticket.Namespace!, attempt.RequestName, attempt.RequestUid));

    public static Task<bool> TakeImportLease(this TaskOrchestrationContext context, CertificateAttempt attempt) =>
        context.CallActivityAsync<bool>(nameof(IssuanceActivities.TakeImportLease), attempt, Retries.Transient);

    public static Task<ImportOutcome> StoreCertificate(this TaskOrchestrationContext context, CertificateAttempt attempt) =>
        context.CallActivityAsync<ImportOutcome>(nameof(IssuanceActivities.StoreCertificate), attempt, Retries.Transient);

    public static Task StoreTemporaryCertificate(this TaskOrchestrationContext context, CertificateAttempt attempt) =>
        context.CallActivityAsync(nameof(TemporaryActivities.StoreTemporaryCertificate), attempt, Retries.Transient);

    public static Task<StepResult> RepairTags(this TaskOrchestrationContext context, TagOrder order) =>
        context.CallActivityAsync<StepResult>(nameof(UpkeepActivities.RepairTags), order, Retries.Transient);

    public static Task PruneRequests(this TaskOrchestrationContext context, PruneOrder order) =>
        context.CallActivityAsync(nameof(UpkeepActivities.PruneRequests), order, Retries.Transient);

    public static Task<OutputFacts?> WriteOutputs(this TaskOrchestrationContext context, RunTicket ticket) =>
        context.CallActivityAsync<OutputFacts?>(nameof(OutputActivities.WriteOutputs), ticket, Retries.Transient);

    public static Task<bool> RecordCertificate(this TaskOrchestrationContext context, CertificateEnd end) =>
        context.CallActivityAsync<bool>(nameof(CertificateActivities.RecordCertificate), end, Retries.Transient);

    public static Task CompleteIssuance(this TaskOrchestrationContext context, CertificateAttempt attempt) =>
        context.CallActivityAsync(nameof(IssuanceActivities.CompleteIssuance), attempt, Retries.Transient);

    /// <summary>The outcome of a run that has nothing to issue now.</summary>
    public static CertificateOutcome Outcome(this CertificatePlan plan) =>
        new(plan.Step is CertificateStep.Rest ? "Rest" : "Waiting", plan.Reason?.Code, plan.Reason?.Message, plan.Until, plan.Trigger);

    /// <summary>The outcome of an attempt that cannot go on now.</summary>
    public static CertificateOutcome NotNow(this StepResult step) => new("Waiting", step.Code, step.Problem, step.RetryAt);
}
