using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.Certificates;

/// <summary>One attempt to issue: a CertificateRequest-to-be, for one generation of one Certificate.</summary>
/// <param name="RequestUid">Uid of the attempt's CertificateRequest, chosen before anything is written.</param>
/// <param name="KeyVersion">Version of the staged key; null until it exists.</param>
/// <param name="Replaces">Uid of the stale request of the same name that makes way; null: there was none. Any other one is a concurrent run's.</param>
/// <param name="Run">Tells this run from another one that goes on with the same request: only one of them may import.</param>
public sealed record CertificateAttempt(
    RunTicket Ticket, long Generation, int Revision, string RequestName, string RequestUid, string? KeyVersion, string? Replaces, Reason Reason, string Run);

/// <summary>How a run ends: what to record, and the name parts of the due entry to file.</summary>
public sealed record CertificateEnd(RunTicket Ticket, long Generation, CertificateOutcome Outcome, string? RequestUid, DateTimeOffset Birth, string Unique, OutputFacts? Outputs = null);

/// <summary>What became of an import.</summary>
/// <param name="State"><c>Stored</c>, <c>LeaseLost</c> (take it anew), <c>Superseded</c> (the wish changed), <c>Taken</c>, <c>Refused</c>, <c>Unsettled</c> (the answer was lost) or <c>Invalid</c>.</param>
public sealed record ImportOutcome(string State, string? Message = null, DateTimeOffset? RetryAt = null);

/// <summary>An answer that may be "not now": a value where the vault refuses, since exceptions lose their type in history.</summary>
/// <param name="Code">Of the problem: <c>VaultRefused</c>, or <c>Superseded</c> when another run was faster.</param>
public sealed record StepResult(string? Value, string? Problem = null, DateTimeOffset? RetryAt = null, string Code = "VaultRefused");

internal static class VaultRefusals
{
    public static StepResult ToStep(this VaultException refused, TimeProvider time) => new(null, $"{refused.Code}: {refused.Message}", refused.RetryAt(time));

    /// <summary>When the vault wants to be asked again; null: it did not say.</summary>
    public static DateTimeOffset? RetryAt(this VaultException refused, TimeProvider time) => refused.RetryAfter is { } wait ? time.GetUtcNow() + wait : null;
}
