using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class RequestPolicyTests
{
    private static readonly RequestFacts Signable = new(
        "Issuer.cert-manager.io/ca", "cert-manager.io", [RequestPolicy.Approval()], ApprovalWait: null, HasCertificate: false, IssuerExists: true, "ca", IssuerIsReady: true, null);

    private static readonly RequestFacts Manual = Signable with { ApprovalWait = TimeSpan.FromHours(1) };

    private static readonly Condition Denied = new() { Type = "Denied", Status = "True", Reason = "TooWide", Message = "no wildcards" };

    private static Condition Ready(string reason) => new() { Type = "Ready", Status = reason == "Issued" ? "True" : "False", Reason = reason };

    public static TheoryData<string, RequestFacts, RequestAction, string, string?> Decisions => new()
    {
        { "all is there",                     Signable, RequestAction.Sign, "Pending", null },
        { "waiting does not end it",          Signable with { Conditions = [RequestPolicy.Approval(), Ready("Pending")] }, RequestAction.Sign, "Pending", null },
        { "nobody has approved it yet",       Signable with { Conditions = [] }, RequestAction.Approve, "Pending", "WaitingForApproval" },
        { "a person has to approve it",       Manual with { Conditions = [] }, RequestAction.Wait, "Pending", "WaitingForApproval" },
        { "a person approved it",             Manual, RequestAction.Sign, "Pending", null },
        { "approval comes before the issuer", Manual with { Conditions = [], IssuerExists = false }, RequestAction.Wait, "Pending", "WaitingForApproval" },
        { "denied without a reason",          Signable with { Conditions = [new Condition { Type = "Denied", Status = "True" }] }, RequestAction.Deny, "Denied", "Denied" },
        { "denied, not written down yet",     Signable with { Conditions = [Denied] }, RequestAction.Deny, "Denied", "TooWide" },
        { "denied while a person was asked",  Manual with { Conditions = [Denied] }, RequestAction.Deny, "Denied", "TooWide" },
        { "denied and written down",          Signable with { Conditions = [Denied, Ready("Denied")] }, RequestAction.Stop, "Denied", "TooWide" },
        { "a refusal beats an approval",      Signable with { Conditions = [RequestPolicy.Approval(), Denied] }, RequestAction.Deny, "Denied", "TooWide" },
        { "issued is final",                  Signable with { Conditions = [Ready("Issued")], IssuerExists = false }, RequestAction.Stop, "Issued", null },
        { "failed is final",                  Signable with { Conditions = [Ready("Failed")] }, RequestAction.Stop, "Failed", null },
        { "a signer called it invalid",       Signable with { Conditions = [new Condition { Type = "InvalidRequest", Status = "True" }] }, RequestAction.Stop, "Failed", "InvalidRequest" },
        { "the issuer is not there",          Signable with { IssuerExists = false, IssuerType = null }, RequestAction.Wait, "Pending", "IssuerNotFound" },
        { "the issuer has no known type",     Signable with { IssuerType = null }, RequestAction.Wait, "Pending", "IssuerTypeMissing" },
        { "the issuer is not ready",          Signable with { IssuerIsReady = false }, RequestAction.Wait, "Pending", "IssuerNotReady" },
        { "another group's signer answers",   Signable with { IssuerGroup = "example.com", Conditions = [] }, RequestAction.Stop, "Pending", "ExternalIssuer" },
    };

    [Theory, MemberData(nameof(Decisions))]
    public void Decides(string because, RequestFacts facts, RequestAction action, string state, string? code)
    {
        var decision = RequestPolicy.Decide(facts);

        Assert.True((action, state, code) == (decision.Action, decision.State, decision.Code), because);
    }

    [Fact]
    public void Names_the_missing_issuer() => Assert.Equal(
        "Referenced issuer not found: Issuer.cert-manager.io/ca", RequestPolicy.Decide(Signable with { IssuerExists = false }).Message);

    [Fact]
    public void Tells_the_refusal_in_the_words_of_who_refused() => Assert.Equal(
        "no wildcards", RequestPolicy.Decide(Signable with { Conditions = [Denied] }).Message);

    [Fact]
    public void Looks_again_in_an_hour_while_a_person_has_to_approve() => Assert.Equal(
        TimeSpan.FromHours(1), RequestPolicy.Decide(Manual with { Conditions = [] }).RetryAfter);
}
