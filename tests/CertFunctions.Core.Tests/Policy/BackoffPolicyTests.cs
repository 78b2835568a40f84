using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class BackoffPolicyTests
{
    private static readonly CertificateFacts Due = Some.Facts with { Now = Some.Day1.AddDays(60) };
    private static readonly Reason Trigger = new("Renewing", "");

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 8)]
    [InlineData(5, 16)]
    [InlineData(6, 32)]
    [InlineData(7, 32)]
    [InlineData(int.MaxValue, 32)]
    public void Waits_after_so_many_failures(int attempts, int hours) => Assert.Equal(TimeSpan.FromHours(hours), BackoffPolicy.Delay(attempts));

    public static TheoryData<string, CertificateFacts, Reason, bool, bool> Waiting => new()
    {
        // because                                              facts                                                                       trigger  fits   waits
        { "nothing has failed",                                 Due,                                                                        Trigger, false, false },
        { "it failed just now",                                 Due.Failed(1, Due.Now),                                                     Trigger, false, true },
        { "the hour is not over",                               Due.Failed(1, Due.Now.AddMinutes(-59)),                                     Trigger, false, true },
        { "the hour is over",                                   Due.Failed(1, Due.Now.AddHours(-1)),                                        Trigger, false, false },
        { "after the third failure four hours are not over",    Due.Failed(3, Due.Now.AddHours(-3)),                                        Trigger, false, true },
        { "the failed request still is what is asked",          Due.Failed(1, Due.Now) with { Next = Some.Request(4, "Failed") },           Trigger, true,  true },
        { "the failed request is no longer what is asked",      Due.Failed(1, Due.Now) with { Next = Some.Request(4, "Failed") },           Trigger, false, false },
        { "the request is issued and only not stored",          Due.Failed(1, Due.Now) with { Next = Some.Request(4) },                     Trigger, true,  false },
        { "a person asks",                                      Due.Failed(6, Due.Now), new Reason("ManuallyTriggered", ""), true,  false },
    };

    [Theory, MemberData(nameof(Waiting))]
    public void Waits_when(string because, CertificateFacts facts, Reason trigger, bool fits, bool waits) =>
        Assert.True(waits == BackoffPolicy.WaitUntil(facts, trigger, fits) is not null, because);

    [Fact]
    public void An_ACME_certificate_waits_no_longer_than_a_tenth_of_its_life()
    {
        var acme = Due.WithTag(Annotations.AcmeOrigin, "https://ca.test/dir https://ca.test/acct/1");
        var life = acme.OwnLeaf!.NotAfter - acme.OwnLeaf.NotBefore;

        Assert.Null(BackoffPolicy.Most(Due));
        Assert.Equal(life / 10, BackoffPolicy.Most(acme));
        Assert.Equal(TimeSpan.FromHours(14), BackoffPolicy.Delay(6, TimeSpan.FromHours(14)));
        Assert.Equal(TimeSpan.FromHours(2), BackoffPolicy.Delay(2, TimeSpan.FromHours(14)));
    }

    [Fact]
    public void A_revocation_does_not_wait_for_earlier_failures_but_for_its_own()
    {
        var revoked = new Reason(ReissuePolicy.Revoked, "");
        var failed = Due.Failed(3, Due.Now.AddMinutes(-10));

        Assert.Null(BackoffPolicy.WaitUntil(Asked(failed, Due.Now), revoked, nextFits: false));
        Assert.NotNull(BackoffPolicy.WaitUntil(Asked(failed, Due.Now.AddMinutes(-20)), revoked, nextFits: false));
    }

    private static CertificateFacts Asked(CertificateFacts facts, DateTimeOffset at) => facts with
    {
        Certificate = facts.Certificate with { Status = facts.Certificate.Status! with { Revocation = new Revocation { Version = "v", X5t = "x", Reason = "unspecified", RequestedAt = at } } },
    };

    [Fact]
    public void A_failure_without_a_count_counts_as_one() =>
        Assert.Equal(Some.Day1.AddHours(1), BackoffPolicy.RetryAt(new CertificateStatus { LastFailureTime = Some.Day1 }));
}
