using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;

namespace CertFunctions.App.Certificates;

/// <summary>One attempt to issue: a CertificateRequest-to-be, for one generation of one Certificate.</summary>
/// <param name="RequestUid">Uid of the attempt's CertificateRequest, chosen before anything is written.</param>
/// <param name="KeyVersion">Version of the staged key; null until it exists.</param>
public sealed record CertificateAttempt(
    RunTicket Ticket, long Generation, int Revision, string RequestName, string RequestUid, string? KeyVersion, Reason Reason);

/// <summary>How a run ends: what to record, and the name parts of the due entry to file.</summary>
public sealed record CertificateEnd(RunTicket Ticket, long Generation, CertificateOutcome Outcome, string? RequestUid, DateTimeOffset Birth, string Unique);

/// <summary>What became of an import.</summary>
/// <param name="State"><c>Stored</c>, <c>LeaseLost</c> (take it anew), <c>Superseded</c> (the wish changed), <c>Taken</c>, <c>Refused</c> or <c>Invalid</c>.</param>
public sealed record ImportOutcome(string State, string? Message = null, DateTimeOffset? RetryAt = null);

/// <summary>An answer that may be "not now": a value where the vault refuses, since exceptions lose their type in history.</summary>
public sealed record StepResult(string? Value, string? Problem = null, DateTimeOffset? RetryAt = null);
