using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class ApprovalPolicyTests
{
    private static readonly Condition Approved = new() { Type = "Approved", Status = "True", Reason = "KubectlCertManager", Message = "manually approved by \"cmctl\"" };
    private static readonly Condition Denied = Approved with { Type = "Denied" };
    private static readonly Condition Pending = new() { Type = "Ready", Status = "False", Reason = "Pending" };

    public static TheoryData<string, ValueList<Condition>?, Condition[], string?, bool> Told => new()
    {
        // because                                        stored                told                                              sets         allowed
        { "cmctl approve",                                [Pending],            [Pending, Approved],                              "Approved",  true },
        { "cmctl deny",                                   null,                 [Denied],                                         "Denied",    true },
        { "nothing is decided",                           [Pending],            [Pending],                                        null,        true },
        { "the same once more",                           [Approved],           [Approved, Pending],                              null,        true },
        { "other conditions do not count",                [Pending],            [new() { Type = "Ready", Status = "True" }],      null,        true },
        { "approved and denied in one",                   [],                   [Approved, Denied],                               null,        false },
        { "approved twice in one",                        [],                   [Approved, Approved],                             null,        false },
        { "approved, but not True",                       [],                   [Approved with { Status = "False" }],             null,        false },
        { "an approval is withdrawn",                     [Approved],           [Pending],                                        null,        false },
        { "an approval becomes a refusal",                [Approved],           [Denied],                                         null,        false },
        { "a refusal becomes an approval",                [Denied],             [Approved],                                       null,        false },
        { "a refusal beside an approval",                 [Approved],           [Approved, Denied],                               null,        false },
        { "an approval is reworded",                      [Approved],           [Approved with { Message = "other" }],            null,        false },
        { "an approval is turned off",                    [Approved],           [Approved with { Status = "False" }],             null,        false },
        { "no reason is given",                           [],                   [Approved with { Reason = null }],                null,        false },
        { "no message is given",                          [],                   [Approved with { Message = "" }],                 null,        false },
        { "the message is a novel",                       [],                   [Approved with { Message = new('a', 1025) }],     null,        false },
        { "the reason is a novel",                        [],                   [Approved with { Reason = new('a', 129) }],       null,        false },
        { "the message would forge a log line",           [],                   [Approved with { Message = "ok\nwarn: x" }],      null,        false },
    };

    [Theory, MemberData(nameof(Told))]
    public void Decides_by_the_conditions_told(string because, ValueList<Condition>? stored, Condition[] told, string? sets, bool isAllowed)
    {
        var verdict = ApprovalPolicy.Decide(stored, told);

        Assert.True((sets, isAllowed) == (verdict.Set?.Type, verdict.Violations.Count == 0), because);
    }

    [Fact]
    public void Says_who_decided_already()
    {
        var verdict = ApprovalPolicy.Decide([Denied], "Approved", "Mine", "please");

        Assert.Contains("the request is Denied already (KubectlCertManager: manually approved", Assert.Single(verdict.Violations).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changes_nothing_when_the_same_is_decided_again_in_other_words()
    {
        var verdict = ApprovalPolicy.Decide([Approved], "Approved", "Other", "words");

        Assert.Null(verdict.Set);
        Assert.Empty(verdict.Violations);
    }
}
