using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>The next step of a CertificateRequest.</summary>
public enum RequestAction
{
    /// <summary>Nothing is left to do: see <see cref="RequestDecision.State"/>.</summary>
    Stop,

    /// <summary>Record the automatic approval, then look again.</summary>
    Approve,

    /// <summary>Record the final <c>Denied</c>.</summary>
    Deny,

    /// <summary>Record why it waits.</summary>
    Wait,

    /// <summary>Ask the issuer.</summary>
    Sign,
}

/// <summary>What is decided by. Names and flags only, so it may travel through history.</summary>
/// <param name="ApprovalWait">Between looks while a person has to approve; null: approval is automatic.</param>
/// <param name="IssuerType">The member of the issuer's spec that is set (<c>ca</c>, <c>selfSigned</c>); null when the issuer has none that is known.</param>
public sealed record RequestFacts(
    string IssuerRef,
    string IssuerGroup,
    ValueList<Condition> Conditions,
    TimeSpan? ApprovalWait,
    bool HasCertificate,
    bool IssuerExists,
    string? IssuerType,
    bool IssuerIsReady,
    string? IssuerMessage);

/// <param name="State"><c>Issued</c>, <c>Failed</c>, <c>Denied</c> or <c>Pending</c>.</param>
/// <param name="Code">Finer than the condition's reason: <c>IssuerNotFound</c>, <c>IssuerNotReady</c>, or what the refusal gave as its reason.</param>
/// <param name="RetryAfter">When to look again; null: at the ordinary pace of waiting.</param>
public sealed record RequestDecision(RequestAction Action, string State, string? Code, string? Message, TimeSpan? RetryAfter = null);

/// <summary>Decides what happens to a CertificateRequest next, in cert-manager's order (semantics §5). The first check that speaks wins.</summary>
public static class RequestPolicy
{
    public const string Pending = "Pending";
    public const string Issued = "Issued";
    public const string Failed = "Failed";
    public const string Denied = "Denied";

    /// <summary>Code of a request that a person has to approve.</summary>
    public const string WaitingForApproval = "WaitingForApproval";

    /// <summary>Message of the Ready condition of a denied request; why it was denied says the Denied condition.</summary>
    public const string DeniedMessage = "The CertificateRequest was denied by an approval controller";

    private const string OurGroup = "cert-manager.io";

    // Order matters: each check may rely on the ones above it having passed.
    private static readonly Func<RequestFacts, RequestDecision?>[] Checks =
    [
        SomebodyElses,
        WasDenied,
        WasCalledInvalid,
        HasEnded,
        NeedsApproval,
        IssuerIsMissing,
        IssuerHasNoType,
        IssuerIsNotReady,
    ];

    public static RequestDecision Decide(RequestFacts facts) =>
        Checks.Select(check => check(facts)).FirstOrDefault(decision => decision is not null)
        ?? new(RequestAction.Sign, Pending, null, null);

    /// <summary>The automatic approval (cert-manager's approver, under our name).</summary>
    public static Condition Approval() => new()
    {
        Type = "Approved",
        Status = "True",
        Reason = "certfunctions.dev",
        Message = "Certificate request has been approved by certfunctions.dev",
    };

    /// <summary>The approval that a request of our own making is born with; null: a person decides, or another system signs it.</summary>
    public static Condition? ApprovalAtBirth(string issuerGroup, bool isManual) => issuerGroup == OurGroup && !isManual ? Approval() : null;

    private static RequestDecision? SomebodyElses(RequestFacts facts) => facts.IssuerGroup == OurGroup
        ? null
        : new(RequestAction.Stop, facts.HasCertificate ? Issued : Pending, "ExternalIssuer", $"Waiting for the signer of group {facts.IssuerGroup}.");

    private static RequestDecision? WasDenied(RequestFacts facts)
    {
        if (facts.Conditions.Find("Denied") is not { IsTrue: true } denied) { return null; }

        var action = facts.Conditions.Find("Ready")?.Reason == Denied ? RequestAction.Stop : RequestAction.Deny;
        return new(action, Denied, OrElse(denied.Reason, Denied), OrElse(denied.Message, DeniedMessage));
    }

    private static RequestDecision? WasCalledInvalid(RequestFacts facts) => facts.Conditions.Find("InvalidRequest") is { IsTrue: true } invalid
        ? new(RequestAction.Stop, Failed, OrElse(invalid.Reason, "InvalidRequest"), invalid.Message)
        : null;

    private static RequestDecision? HasEnded(RequestFacts facts)
    {
        var ready = facts.Conditions.Find("Ready");
        return ready?.Reason switch
        {
            Issued => new(RequestAction.Stop, Issued, null, ready.Message),
            Failed => new(RequestAction.Stop, Failed, null, ready.Message),
            _ => null,
        };
    }

    private static RequestDecision? NeedsApproval(RequestFacts facts) => facts switch
    {
        _ when facts.Conditions.IsTrue("Approved") => null,
        { ApprovalWait: { } wait } => new(RequestAction.Wait, Pending, WaitingForApproval, "Not signing CertificateRequest until it is Approved", wait),
        _ => new(RequestAction.Approve, Pending, WaitingForApproval, null),
    };

    private static RequestDecision? IssuerIsMissing(RequestFacts facts) => facts.IssuerExists
        ? null
        : new(RequestAction.Wait, Pending, "IssuerNotFound", $"Referenced issuer not found: {facts.IssuerRef}");

    private static RequestDecision? IssuerHasNoType(RequestFacts facts) => facts.IssuerType is not null
        ? null
        : new(RequestAction.Wait, Pending, "IssuerTypeMissing", $"Issuer {facts.IssuerRef} has no type that is known here.");

    private static RequestDecision? IssuerIsNotReady(RequestFacts facts) => facts.IssuerIsReady
        ? null
        : new(RequestAction.Wait, Pending, "IssuerNotReady",
            $"Issuer {facts.IssuerRef} is not ready{(string.IsNullOrEmpty(facts.IssuerMessage) ? "." : $": {facts.IssuerMessage}")}");

    private static string OrElse(string? text, string otherwise) => string.IsNullOrEmpty(text) ? otherwise : text;
}
