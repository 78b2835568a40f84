using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

/// <summary>A request that somebody refused, or that failed, in a run of its own: its Certificate counts that once, and makes another only after the back-off.</summary>
public sealed class RefusedAttemptTests
{
    private static readonly CertificateFacts Missing = Some.Facts with { Stored = null };

    private static readonly AttemptFacts Denied = Some.Request(4, RequestPolicy.Denied) with { EndedAt = Some.Day1.AddHours(2) };

    public static TheoryData<string, CertificateFacts, string?> Resumed => new()
    {
        // because                                            facts                                                                                       goes on with
        { "denied while the issuance waited for it",          Missing.WithIssuing("True", "DoesNotExist", Some.Day1) with { Next = Denied },               "request-4" },
        { "failed while the issuance waited for it",          Missing.WithIssuing("True", "DoesNotExist", Some.Day1) with { Next = Denied with { State = RequestPolicy.Failed } }, "request-4" },
        { "denied before this issuance began",                Missing.WithIssuing("True", "ManuallyTriggered", Some.Day1.AddHours(3)) with { Next = Denied }, null },
        { "counted already, and the back-off is over",        Missing.WithIssuing("False", "TooWide", Some.Day1.AddHours(2)) with { Next = Denied },         null },
        { "denied, but another wish by now",                  Missing.WithIssuing("True", "DoesNotExist", Some.Day1).With(spec => spec with { DnsNames = ["other.test"] }) with { Next = Denied }, null },
        { "pending",                                          Missing.WithIssuing("True", "DoesNotExist", Some.Day1) with { Next = Some.Request(4, RequestPolicy.Pending) }, "request-4" },
    };

    [Theory, MemberData(nameof(Resumed))]
    public void Goes_on_with(string because, CertificateFacts facts, string? uid)
    {
        var plan = CertificatePlan.Decide(facts);

        Assert.True((CertificateStep.Issue, uid) == (plan.Step, plan.Resume?.Uid), because);
    }

    [Fact]
    public void An_issuance_that_waits_for_an_approval_does_not_wait_for_a_back_off_as_well()
    {
        var facts = Missing.Failed(1, Missing.Now.AddMinutes(-10)).WithIssuing("True", "DoesNotExist") with { Next = Some.Request(4, RequestPolicy.Pending) };

        Assert.Equal(CertificateStep.Issue, CertificatePlan.Decide(facts).Step);
        Assert.Equal(CertificateStep.Wait, CertificatePlan.Decide(facts.WithIssuing("False", "TooWide")).Step);
    }
}
