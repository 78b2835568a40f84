using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class PausePolicyTests
{
    private static readonly CertificateFacts Paused = Some.Facts.WithAnnotation(Annotations.Paused, "true");

    public static TheoryData<string, CertificateFacts, CertificateStep> Plans => new()
    {
        { "paused, and nothing to do",        Paused,                                                                    CertificateStep.Wait },
        { "paused while nothing is stored",   Paused with { Stored = null },                                             CertificateStep.Wait },
        { "paused when renewal is due",       Paused with { Now = Some.Day1.AddDays(80) },                               CertificateStep.Wait },
        { "paused, and asked to renew",       Paused.WithIssuing("True", "ManuallyTriggered"),                           CertificateStep.Wait },
        { "only \"true\" pauses",             Some.Facts.WithAnnotation(Annotations.Paused, "yes") with { Stored = null }, CertificateStep.Issue },
        { "asked to renew, not paused",       Some.Facts.WithIssuing("True", "ManuallyTriggered"),                       CertificateStep.Issue },
    };

    [Theory, MemberData(nameof(Plans))]
    public void Plans_when(string because, CertificateFacts facts, CertificateStep step) => Assert.True(step == CertificatePlan.Decide(facts).Step, because);

    [Fact]
    public void Looks_again_in_an_hour() => Assert.Equal(Paused.Now.AddHours(1), CertificatePlan.Decide(Paused).Until);

    [Fact]
    public void Shows_in_a_condition_beside_the_truth_about_Ready()
    {
        var (status, _) = After(Paused with { Stored = null });

        Assert.True(status.Conditions.IsTrue("Paused"));
        Assert.Equal("DoesNotExist", status.Conditions.Find("Ready")?.Reason);
    }

    [Fact]
    public void Goes_from_the_conditions_when_it_is_resumed()
    {
        var paused = After(Paused).Status;

        Assert.Null(After(Some.Facts.WithStatus(_ => paused)).Status.Conditions.Find("Paused"));
    }

    private static (CertificateStatus Status, DateTimeOffset Next) After(CertificateFacts facts) =>
        CertificateStatusPolicy.After(facts, new CertificateOutcome("Waiting"), place: null, TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));
}
