using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>What an issuer's readiness is decided by. Public facts only, so it may travel through history.</summary>
/// <param name="Type"><c>selfSigned</c>, <c>ca</c>, <c>acme</c>, or null when no known member of the spec is set.</param>
/// <param name="Candidate">Only for <c>ca</c>.</param>
/// <param name="WaitFirst">Pace of looking again while not ready: this, doubling up to <paramref name="WaitMost"/>.</param>
public sealed record IssuerFacts(
    long Generation,
    string? Type,
    ValueList<Condition> Conditions,
    PinnedSigner? Pinned,
    SignerCandidate? Candidate,
    TimeSpan WaitFirst,
    TimeSpan WaitMost)
{
    /// <summary>Only for <c>acme</c>: how its account stands.</summary>
    public AccountView? Account { get; init; }

    /// <summary>Only for <c>ca</c>: how a rotation stands.</summary>
    public CaFacts? Ca { get; init; }
}

/// <summary>How an ACME account stands at its CA. Flat: it goes into history.</summary>
/// <param name="Uri">Null: not registered, and why says the reason.</param>
/// <param name="Email">What the CA was last told.</param>
/// <param name="KeyHash">RFC 7638 thumbprint of the account key.</param>
/// <param name="IsFinal">Asking again makes no sense before the Issuer or a secret it names changes.</param>
public sealed record AccountView(string? Uri, string? Email, string? KeyHash, string? Reason = null, string? Message = null, bool IsFinal = false, TimeSpan? RetryAfter = null);

/// <summary>An issuer's new status, and what follows from it.</summary>
/// <param name="Wakes">Dependents may be waiting for this: wake them, then record it with <see cref="IssuerPolicy.Announced"/>.</param>
/// <param name="LookAgain">From now.</param>
public sealed record IssuerVerdict(IssuerStatus Status, bool Wakes, TimeSpan LookAgain)
{
    /// <summary>The CA's Certificate has to be issued anew with another key.</summary>
    public bool MakesCa { get; init; }

    /// <summary>Other CAs belong to this issuer than before: the bundles have to be looked at.</summary>
    public bool WakesBundles { get; init; }

    /// <summary>What happened, told once: reason and message.</summary>
    public ValueList<Reason> News { get; init; } = [];
}

/// <summary>Decides whether an issuer can sign, and with what (cert-manager semantics §4; the pin is ours, design §5).</summary>
public static class IssuerPolicy
{
    /// <summary>Condition of ours: the dependents were woken since the issuer became Ready. Until it is True a run wakes them again.</summary>
    public const string DependentsWoken = "DependentsWoken";

    public static IssuerVerdict Decide(IssuerFacts facts, DateTimeOffset now) => facts.Type switch
    {
        "selfSigned" => Settled(facts, null, Ready(facts, "IsReady", ""), now),
        "ca" => CaIssuerPolicy.Decide(facts, now),
        "acme" => DecideAcme(facts, now),
        _ => Settled(facts, null, NotReady(facts, "UnknownType", "The spec names no issuer type that is known here."), now),
    };

    /// <summary>The status once the dependents have been woken.</summary>
    public static IssuerStatus Announced(IssuerStatus status, DateTimeOffset now) => status.Conditions.IsTrue("Ready")
        ? status with { Conditions = status.Conditions.With(new Condition { Type = DependentsWoken, Status = "True", Reason = "IssuerReady" }, now) }
        : status;

    private static IssuerVerdict DecideAcme(IssuerFacts facts, DateTimeOffset now)
    {
        var account = facts.Account ?? new(null, null, null, "ErrVerifyACMEAccount", "The ACME account was not looked up.");
        var ready = account.Uri is null
            ? NotReady(facts, account.Reason ?? "ErrRegisterACMEAccount", account.Message)
            : Ready(facts, "ACMEAccountRegistered", "The ACME account was registered with the ACME server");
        var verdict = Settled(facts, null, ready, now);
        var status = verdict.Status with { Acme = new AcmeIssuerStatus { Uri = account.Uri, LastRegisteredEmail = account.Email, LastPrivateKeyHash = account.KeyHash } };
        return verdict with { Status = status, LookAgain = account.IsFinal ? facts.WaitMost : account.RetryAfter ?? verdict.LookAgain };
    }

    internal static IssuerVerdict Settled(IssuerFacts facts, PinnedSigner? signer, Condition ready, DateTimeOffset now)
    {
        var conditions = ((ValueList<Condition>?)facts.Conditions).With(ready, now);
        var wakes = ready.IsTrue && (signer != facts.Pinned || !facts.Conditions.IsTrue("Ready") || !facts.Conditions.IsTrue(DependentsWoken));
        if (wakes || !ready.IsTrue) { conditions = conditions.Without(DependentsWoken); }

        return new(new IssuerStatus { Conditions = conditions, Pinned = signer }, wakes, ready.IsTrue ? WhileReady(facts, signer, now) : WhileNot(facts, conditions, now));
    }

    private static TimeSpan WhileReady(IssuerFacts facts, PinnedSigner? signer, DateTimeOffset now)
    {
        var half = signer is null ? facts.WaitMost : (signer.NotAfter - now) / 2;
        return half < facts.WaitMost ? half : facts.WaitMost;
    }

    /// <summary>As long again as it has already waited: doubles without anything to remember.</summary>
    private static TimeSpan WhileNot(IssuerFacts facts, ValueList<Condition> conditions, DateTimeOffset now) =>
        Backoff(conditions.Find("Ready")?.LastTransitionTime ?? now, now, facts.WaitFirst, facts.WaitMost);

    /// <summary>The pace of waiting since <paramref name="since"/>: <paramref name="first"/>, then as long again as it has waited, at most <paramref name="most"/>.</summary>
    public static TimeSpan Backoff(DateTimeOffset since, DateTimeOffset now, TimeSpan first, TimeSpan most)
    {
        var waited = now - since;
        return waited < first ? first : waited > most ? most : waited;
    }

    internal static Condition Ready(IssuerFacts facts, string reason, string message) => new()
    {
        Type = "Ready", Status = "True", Reason = reason, Message = message, ObservedGeneration = facts.Generation,
    };

    internal static Condition NotReady(IssuerFacts facts, string reason, string? message) => new()
    {
        Type = "Ready", Status = "False", Reason = reason, Message = message, ObservedGeneration = facts.Generation,
    };
}
