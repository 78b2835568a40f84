using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>How a run's work ended, before the status is written. Flat: it goes through history.</summary>
/// <param name="State"><c>Rest</c>, <c>Issued</c>, <c>Waiting</c> or <c>Failed</c>.</param>
/// <param name="Until">When to look again; null: as the state says.</param>
public sealed record CertificateOutcome(string State, string? Code = null, string? Message = null, DateTimeOffset? Until = null);

/// <summary>The status that facts and outcome amount to, and when to look again.</summary>
public static class CertificateStatusPolicy
{
    /// <param name="facts">Gathered after the work was done.</param>
    /// <param name="firstWait">First pace of waiting (5 min); doubles with the time already waited, up to <paramref name="mostWait"/> (1 h).</param>
    public static (CertificateStatus Status, DateTimeOffset Next) After(
        CertificateFacts facts, CertificateOutcome outcome, VaultLocation? place, TimeSpan firstWait, TimeSpan mostWait)
    {
        var certificate = facts.Certificate;
        var old = certificate.Status ?? new CertificateStatus();
        var leaf = facts.Stored?.IsOf(certificate) is true ? facts.Stored.Leaf : null;
        var renewal = leaf is null ? (DateTimeOffset?)null : RenewalPolicy.RenewalTime(leaf.NotBefore, leaf.NotAfter, certificate.Spec.RenewBefore);
        var status = old with
        {
            Revision = facts.Revision,
            NotBefore = leaf?.NotBefore,
            NotAfter = leaf?.NotAfter,
            RenewalTime = renewal,
            Vault = leaf is null ? null : place,
            Conditions = old.Conditions.With(Ready(facts, outcome), facts.Now),
        };

        return outcome.State switch
        {
            "Failed" => Failed(status, facts, outcome),
            "Waiting" => Waiting(status, facts, outcome, firstWait, mostWait),
            _ => (Settled(status), renewal is { } due && due > facts.Now ? due : facts.Now + firstWait),
        };
    }

    private static Condition Ready(CertificateFacts facts, CertificateOutcome outcome)
    {
        var reason = facts.VaultProblem is null ? ReissuePolicy.NotReady(facts) : new Reason("VaultRefused", facts.VaultProblem);
        if (reason is not null && outcome is { State: "Waiting", Code: "SecretNameTaken" }) { reason = new(outcome.Code, outcome.Message!); }

        return new Condition
        {
            Type = "Ready",
            Status = reason is null ? "True" : "False",
            Reason = reason?.Code ?? "Ready",
            Message = reason?.Message ?? "Certificate is up to date and has not expired",
            ObservedGeneration = facts.Certificate.Metadata.Generation,
        };
    }

    private static CertificateStatus Settled(CertificateStatus status) => status with
    {
        Conditions = status.Conditions.Without("Issuing"), LastFailureTime = null, FailedIssuanceAttempts = null, NextPrivateKeySecretName = null,
    };

    private static (CertificateStatus Status, DateTimeOffset Next) Failed(CertificateStatus status, CertificateFacts facts, CertificateOutcome outcome)
    {
        var attempts = (status.FailedIssuanceAttempts ?? 0) + 1;
        var failed = status with
        {
            LastFailureTime = facts.Now,
            FailedIssuanceAttempts = attempts,
            NextPrivateKeySecretName = null,
            Conditions = status.Conditions.With(
                Issuing(facts, "False", outcome.Code!, $"The certificate request has failed to complete and will be retried: {outcome.Message}"), facts.Now),
        };
        return (failed, facts.Now + BackoffPolicy.Delay(attempts));
    }

    private static (CertificateStatus Status, DateTimeOffset Next) Waiting(
        CertificateStatus status, CertificateFacts facts, CertificateOutcome outcome, TimeSpan first, TimeSpan most)
    {
        // A back-off wait brings no news: the condition of the failure stays.
        var told = outcome.Code is null
            ? status
            : status with { Conditions = status.Conditions.With(Issuing(facts, "True", outcome.Code, outcome.Message!), facts.Now) };
        var waited = facts.Now - (told.Conditions.Find("Issuing")?.LastTransitionTime ?? facts.Now);
        var pace = TimeSpan.FromTicks(Math.Clamp(waited.Ticks, first.Ticks, most.Ticks));
        return (told, outcome.Until ?? facts.Now + pace);
    }

    private static Condition Issuing(CertificateFacts facts, string status, string reason, string message) => new()
    {
        Type = "Issuing", Status = status, Reason = reason, Message = message, ObservedGeneration = facts.Certificate.Metadata.Generation,
    };
}
