namespace CertFunctions.Core.Policy;

/// <summary>How a run's work ended, before the status is written. Flat: it goes through history.</summary>
/// <param name="State"><c>Rest</c>, <c>Issued</c>, <c>Waiting</c> or <c>Failed</c>.</param>
/// <param name="Until">When to look again; null: as the state says.</param>
/// <param name="Trigger">Why an issuance is under way; null: none is.</param>
public sealed record CertificateOutcome(string State, string? Code = null, string? Message = null, DateTimeOffset? Until = null, Reason? Trigger = null);
