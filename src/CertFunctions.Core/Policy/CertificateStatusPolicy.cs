using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>The status that facts and outcome amount to, and when to look again (cert-manager semantics §1.3, §3.2, §3.3).</summary>
public static class CertificateStatusPolicy
{
    /// <summary>Condition of ours: the stored certificate comes from another ACME server than its issuer names.</summary>
    public const string AcmeServerChanged = "AcmeServerChanged";

    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    /// <param name="facts">Gathered after the work was done.</param>
    /// <param name="firstWait">First pace of waiting (5 min); doubles with the time already waited, up to <paramref name="mostWait"/> (1 h).</param>
    public static (CertificateStatus Status, DateTimeOffset Next) After(
        CertificateFacts facts, CertificateOutcome outcome, VaultLocation? place, TimeSpan firstWait, TimeSpan mostWait)
    {
        var status = Observed(facts, outcome, place);
        var (after, next) = outcome.State switch
        {
            "Failed" => Failed(status, facts, outcome),
            "Waiting" => Waiting(status, facts, outcome, firstWait, mostWait),
            _ => Settled(status, facts, outcome, firstWait, mostWait),
        };
        return after.Revocation is { RevokedAt: null, RequestedAt: { } asked } ? (after, Earlier(next, facts.Now + IssuerPolicy.Backoff(asked, facts.Now, firstWait, mostWait))) : (after, next);
    }

    /// <summary>What the vault shows, and whether that is Ready. Unasked, it says nothing: then what was known stays.</summary>
    private static CertificateStatus Observed(CertificateFacts facts, CertificateOutcome outcome, VaultLocation? place)
    {
        var old = facts.Certificate.Status ?? new CertificateStatus();
        var conditions = PausePolicy.Show(old.Conditions.With(Ready(facts, outcome), facts.Now), facts);
        if (facts.VaultProblem is not null) { return old with { Conditions = conditions }; }

        conditions = ServerChanged(Shortened(conditions, facts), facts);

        var leaf = facts.OwnLeaf;
        return old with
        {
            Revision = facts.Revision,
            NotBefore = leaf?.NotBefore,
            NotAfter = leaf?.NotAfter,
            RenewalTime = leaf is null ? null : RenewalPolicy.RenewalTime(facts).At,
            Acme = RenewalInfoPolicy.Known(facts) is { } ari ? new AcmeCertificateStatus { Ari = ari } : null,
            Vault = leaf is null || place is null ? null : place with { Tags = VaultTagPolicy.Written(facts) },
            Conditions = conditions,
        };
    }

    /// <summary>An issuer that moved to another ACME server (staging to production) does not re-issue by itself.</summary>
    private static ValueList<Condition> ServerChanged(ValueList<Condition> conditions, CertificateFacts facts) =>
        facts is { OwnLeaf: not null, IssuerServer: { } now, Stored: { } stored } && AcmeOrigin.Read(stored.Tags) is { } origin && origin.Server != now
            ? conditions.With(new Condition
            {
                Type = AcmeServerChanged, Status = "True", Reason = AcmeServerChanged, ObservedGeneration = facts.Certificate.Metadata.Generation,
                Message = $"The stored certificate is from {origin.Server}; its issuer is at {now} by now. POST …/renew gets one from there.",
            }, facts.Now)
            : conditions.Without(AcmeServerChanged);

    /// <summary>A leaf that ends with its CA, as the revision's request says; what is known stays when that request is pruned.</summary>
    private static ValueList<Condition> Shortened(ValueList<Condition> conditions, CertificateFacts facts) => facts switch
    {
        { OwnLeaf: null } => conditions.Without(SigningNotes.NotAfterShortened),
        { Current: null } => conditions,
        { Current.Shortened: { } note } => conditions.With(note with { ObservedGeneration = facts.Certificate.Metadata.Generation }, facts.Now),
        _ => conditions.Without(SigningNotes.NotAfterShortened),
    };

    private static Condition Ready(CertificateFacts facts, CertificateOutcome outcome)
    {
        var reason = facts.VaultProblem is { } problem ? new Reason("VaultRefused", problem)
            : outcome is { State: "Waiting", Code: CertificatePlan.SecretNameTaken } ? new Reason(outcome.Code, outcome.Message!)
            : ReissuePolicy.NotReady(facts);

        return new Condition
        {
            Type = "Ready",
            Status = facts.VaultProblem is not null ? "Unknown" : reason is null ? "True" : "False",
            Reason = reason?.Code ?? "Ready",
            Message = reason?.Message ?? "Certificate is up to date and has not expired",
            ObservedGeneration = facts.Certificate.Metadata.Generation,
        };
    }

    /// <summary>Only a success forgets failures: a wish that is taken back does not (semantics §3.3).</summary>
    private static (CertificateStatus Status, DateTimeOffset Next) Settled(
        CertificateStatus status, CertificateFacts facts, CertificateOutcome outcome, TimeSpan firstWait, TimeSpan mostWait)
    {
        var isSuccess = outcome.State == "Issued" || (facts.Revision ?? 0) > (facts.Certificate.Status?.Revision ?? 0);
        var settled = status with
        {
            NextPrivateKeySecretName = null,
            LastFailureTime = isSuccess ? null : status.LastFailureTime,
            FailedIssuanceAttempts = isSuccess ? null : status.FailedIssuanceAttempts,
            Conditions = isSuccess || status.Conditions.IsTrue("Issuing") ? status.Conditions.Without("Issuing") : status.Conditions,
        };

        var renewal = settled.RenewalTime;
        var next = renewal is null && settled.NotAfter is not null ? facts.Now + mostWait
            : renewal > facts.Now ? renewal.Value
            : facts.Now + firstWait;
        return (settled, renewal is null && End(facts) is { } end ? end : next);
    }

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
        return (failed, Earlier(facts.Now + BackoffPolicy.Delay(attempts, BackoffPolicy.Most(facts)), End(facts)));
    }

    /// <summary>While it waits an issuance keeps the reason it was begun for, and its message tells what it waits for.</summary>
    private static (CertificateStatus Status, DateTimeOffset Next) Waiting(
        CertificateStatus status, CertificateFacts facts, CertificateOutcome outcome, TimeSpan first, TimeSpan most)
    {
        var conditions = status.Conditions;
        if (outcome.Code == CertificatePlan.SecretNameTaken && conditions.IsTrue("Issuing")) { conditions = conditions.Without("Issuing"); }
        else if (outcome is { Trigger: { } trigger, Code: not null }) { conditions = conditions.With(Issuing(facts, "True", trigger.Code, outcome.Message!), facts.Now); }

        var since = conditions.Find("Issuing") is { IsTrue: true } issuing ? issuing.LastTransitionTime
            : conditions.Find("Ready") is { IsTrue: false } ready ? ready.LastTransitionTime
            : null;
        var next = outcome.Until ?? facts.Now + IssuerPolicy.Backoff(since ?? facts.Now, facts.Now, first, most);
        return (status with { Conditions = conditions }, Earlier(next, End(facts)));
    }

    /// <summary>The first moment at which the stored certificate has expired, while that is still to come: Ready must not lag behind.</summary>
    private static DateTimeOffset? End(CertificateFacts facts) => facts.OwnLeaf?.NotAfter + OneSecond is { } end && end > facts.Now ? end : null;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset? other) => other < one ? other.Value : one;

    private static Condition Issuing(CertificateFacts facts, string status, string reason, string message) => new()
    {
        Type = "Issuing", Status = status, Reason = reason, Message = message, ObservedGeneration = facts.Certificate.Metadata.Generation,
    };
}
