namespace CertFunctions.App.CertificateRequests;

/// <summary>Names the request that a run fulfils.</summary>
public sealed record RequestTicket(string Namespace, string Name, string Uid);

/// <summary>How a request stands. Flat on purpose: history is written by runtime type, and a root value loses its JSON discriminator.</summary>
/// <param name="State"><c>Issued</c>, <c>Failed</c>, <c>Denied</c> or <c>Pending</c>.</param>
public sealed record RequestOutcome(string State, string? Reason, string? Message, TimeSpan? RetryAfter);
