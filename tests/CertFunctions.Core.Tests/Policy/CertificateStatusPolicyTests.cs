using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class CertificateStatusPolicyTests
{
    private static readonly TimeSpan First = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Most = TimeSpan.FromHours(1);
    private static readonly CertificateFacts Good = Some.Facts;
    private static readonly DateTimeOffset Renewal = Some.Day1.AddDays(60);
    private static readonly Reason Trigger = new("Renewing", "due");

    public static TheoryData<string, CertificateFacts, CertificateOutcome, string, string> Ready => new()
    {
        { "all is well",                        Good, new("Rest"), "True", "Ready" },
        { "a routine renewal is under way",     Good with { Now = Renewal }, Waits("IssuerNotReady"), "True", "Ready" },
        { "nothing is stored yet",              Good with { Stored = null }, Waits("IssuerNotReady"), "False", "DoesNotExist" },
        { "only a stand-in is stored",          Good.WithTag(Annotations.Temporary, "r"), Waits("IssuerNotReady"), "False", "TemporaryCertificate" },
        { "it has expired",                     Good with { Now = Some.End.AddDays(1) }, new("Failed", "Failed", "no"), "False", "Expired" },
        { "the issuer changed",                 Good.With(s => s with { IssuerRef = new IssuerRef { Name = "other" } }), Waits("IssuerNotFound"), "False", "IncorrectIssuer" },
        { "the object is another's",            Good with { Stored = null }, new("Waiting", "SecretNameTaken", "taken"), "False", "SecretNameTaken" },
        { "the vault cannot be asked",          Good with { Stored = null, VaultProblem = "503" }, new("Waiting", "VaultRefused", "503"), "Unknown", "VaultRefused" },
        { "no window fits",                     Good.With(s => s with { Renewal = new Renewal { Windows = [new RenewalWindow { Cron = "0 0 30 2 *", WindowDuration = Most }] } }), new("Rest"), "False", "WindowError" },
    };

    [Theory, MemberData(nameof(Ready))]
    public void Is_ready_or_not(string because, CertificateFacts facts, CertificateOutcome outcome, string status, string reason)
    {
        var ready = After(facts, outcome).Status.Conditions.Find("Ready")!;

        Assert.True((status, reason) == (ready.Status, ready.Reason), $"{because}: {ready}");
        Assert.Equal(7, ready.ObservedGeneration);
    }

    private static readonly Condition Shortened = new() { Type = "NotAfterShortened", Status = "True", Reason = "IssuerExpires", Message = "ends with its CA" };

    public static TheoryData<string, CertificateFacts, bool> EndsEarly => new()
    {
        { "the revision's request says so",         Good with { Current = Some.Request(3) with { Shortened = Shortened } }, true },
        { "it says nothing any more",               Known(Good with { Current = Some.Request(3) }), false },
        { "it was pruned: what is known stays",     Known(Good with { Current = null }), true },
        { "nothing is stored",                      Known(Good with { Stored = null, Current = null }), false },
        { "the vault cannot be asked",              Known(Good with { Stored = null, Current = null, VaultProblem = "503" }), true },
    };

    [Theory, MemberData(nameof(EndsEarly))]
    public void Says_that_the_leaf_ends_with_its_CA(string because, CertificateFacts facts, bool says) =>
        Assert.True(says == After(facts, new("Rest")).Status.Conditions.IsTrue("NotAfterShortened"), because);

    private static CertificateFacts Known(CertificateFacts facts) =>
        facts with { Certificate = facts.Certificate with { Status = facts.Certificate.Status! with { Conditions = facts.Certificate.Status.Conditions.With(Shortened, facts.Now) } } };

    private static readonly CertificateFacts FromStaging = Good.WithTag(Annotations.AcmeOrigin, "https://staging.test/dir https://staging.test/acct/1");

    public static TheoryData<string, CertificateFacts, bool> Servers => new()
    {
        { "it is from where the issuer is",          FromStaging with { IssuerServer = "https://staging.test/dir" }, false },
        { "the issuer moved on",                     FromStaging with { IssuerServer = "https://production.test/dir" }, true },
        { "nobody knows where the issuer is",        FromStaging, false },
        { "it is not from an ACME server",           Good with { IssuerServer = "https://production.test/dir" }, false },
    };

    [Theory, MemberData(nameof(Servers))]
    public void Says_that_the_issuer_moved_to_another_server(string because, CertificateFacts facts, bool says) =>
        Assert.True(says == After(facts, new("Rest")).Status.Conditions.IsTrue(CertificateStatusPolicy.AcmeServerChanged), because);

    public static TheoryData<string, CertificateFacts, CertificateOutcome, TimeSpan> Nexts => new()
    {
        // because                                          facts                                                                               outcome                      from now
        { "at rest: the renewal",                           Good,                                                                               new("Rest"),                 TimeSpan.FromDays(50) },
        { "renewal disabled: the end, to tell it",          Good.With(s => s with { Renewal = new Renewal { Policy = "Disabled" } }),           new("Rest"),                 TimeSpan.FromDays(80) + Second },
        { "disabled and expired: now and then",             (Good with { Now = Some.End.AddDays(1) }).With(s => s with { Renewal = new Renewal { Policy = "Disabled" } }), new("Rest"), Most },
        { "issued and due at once: no hot loop",            Good with { Now = Renewal },                                                        new("Issued"),               First },
        { "first failure: an hour",                         Good,                                                                               Fails,                       TimeSpan.FromHours(1) },
        { "third failure: four hours",                      Good.Failed(2, Some.Day1),                                                          Fails,                       TimeSpan.FromHours(4) },
        { "seventh failure: 32 hours",                      Good.Failed(6, Some.Day1),                                                          Fails,                       TimeSpan.FromHours(32) },
        { "back-off: but the end comes first",              (Good with { Now = Some.End.AddHours(-2) }).Failed(6, Some.Day1),                   Fails,                       TimeSpan.FromHours(2) + Second },
        { "waiting since now: five minutes",                Good with { Stored = null },                                                        Waits("IssuerNotFound"),     First },
        { "waiting for 20 minutes: 20 more",                (Good with { Stored = null }).WithIssuing("True", "DoesNotExist", Good.Now.AddMinutes(-20)), Waits("IssuerNotFound"), TimeSpan.FromMinutes(20) },
        { "waiting for days: an hour",                      (Good with { Stored = null }).WithIssuing("True", "DoesNotExist", Some.Day1),       Waits("IssuerNotFound"),     Most },
        { "told when to look again",                        Good,                                                                               Waits("RateLimited") with { Until = Good.Now.AddMinutes(7) }, TimeSpan.FromMinutes(7) },
        { "vault away since now: five minutes",             Good with { Stored = null, VaultProblem = "503" },                                  new("Waiting", "VaultRefused", "503"), First },
    };

    [Theory, MemberData(nameof(Nexts))]
    public void Looks_again(string because, CertificateFacts facts, CertificateOutcome outcome, TimeSpan fromNow)
    {
        var next = After(facts, outcome).Next;

        Assert.True(next - facts.Now == fromNow, $"{because}: {next - facts.Now}");
    }

    [Fact]
    public void A_success_forgets_failures_and_ends_the_issuing()
    {
        var status = After(Good.WithIssuing("True", "Renewing").Failed(3, Some.Day1), new("Issued")).Status;

        Assert.Null(status.Conditions.Find("Issuing"));
        Assert.Equal((null, null, null), (status.LastFailureTime, status.FailedIssuanceAttempts, status.NextPrivateKeySecretName));
    }

    [Fact]
    public void A_success_whose_status_was_lost_counts_when_it_is_found_in_the_vault()
    {
        var found = Good.WithTag(Annotations.CertificateRevision, "4").Failed(3, Some.Day1).WithIssuing("False", "Failed");

        var status = After(found, new("Rest")).Status;

        Assert.Equal((4, null), (status.Revision, status.FailedIssuanceAttempts));
        Assert.Null(status.Conditions.Find("Issuing"));
    }

    [Fact]
    public void A_wish_taken_back_ends_the_issuing_and_forgets_no_failure()
    {
        var failed = After(Good.WithIssuing("False", "Failed").Failed(3, Some.Day1), new("Rest")).Status;
        var under_way = After(Good.WithIssuing("True", "RequestChanged"), new("Rest")).Status;

        Assert.Equal(("False", 3), (failed.Conditions.Find("Issuing")?.Status, failed.FailedIssuanceAttempts));
        Assert.Null(under_way.Conditions.Find("Issuing"));
    }

    [Fact]
    public void A_failure_is_counted_and_told()
    {
        var status = After(Good.WithIssuing("True", "Renewing").Failed(1, Some.Day1), Fails).Status;

        var issuing = status.Conditions.Find("Issuing")!;
        Assert.Equal(("False", "Denied"), (issuing.Status, issuing.Reason));
        Assert.Equal("The certificate request has failed to complete and will be retried: not for you", issuing.Message);
        Assert.Equal((2, Good.Now, null), (status.FailedIssuanceAttempts, status.LastFailureTime, status.NextPrivateKeySecretName));
    }

    [Fact]
    public void Waiting_keeps_the_trigger_and_tells_what_it_waits_for()
    {
        var asked = Good.WithIssuing("True", "ManuallyTriggered");

        var issuing = After(asked, Waits("IssuerNotReady") with { Trigger = new Reason("ManuallyTriggered", "told") }).Status.Conditions.Find("Issuing")!;

        Assert.Equal(("True", "ManuallyTriggered", "wait", Some.Day1), (issuing.Status, issuing.Reason, issuing.Message, issuing.LastTransitionTime!.Value));
    }

    [Fact]
    public void Waiting_in_back_off_leaves_the_failure_in_sight() =>
        Assert.Equal("False", After(Good.WithIssuing("False", "Failed"), new("Waiting", Until: Good.Now.AddHours(1))).Status.Conditions.Find("Issuing")?.Status);

    [Fact]
    public void A_vault_that_cannot_be_asked_takes_nothing_back()
    {
        var known = After(Good, new("Rest")).Status;

        var blind = After((Good with { Stored = null, VaultProblem = "503" }).WithStatus(_ => known), new("Waiting", "VaultRefused", "503")).Status;

        Assert.Equal(known with { Conditions = blind.Conditions }, blind);
        Assert.Equal(Some.End, blind.NotAfter);
    }

    [Fact]
    public void What_is_not_its_own_or_only_a_stand_in_has_no_dates()
    {
        var stand_in = After(Good.WithTag(Annotations.Temporary, "r"), Waits("IssuerNotReady")).Status;

        Assert.Equal((null, null, null, null), (stand_in.NotBefore, stand_in.NotAfter, stand_in.RenewalTime, stand_in.Vault));
        Assert.Equal(3, stand_in.Revision);
    }

    [Fact]
    public void Renewal_time_is_absent_when_disabled() =>
        Assert.Null(After(Good.With(s => s with { Renewal = new Renewal { Policy = "Disabled" } }), new("Rest")).Status.RenewalTime);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CertificateOutcome Fails => new("Failed", "Denied", "not for you", Trigger: Trigger);

    private static CertificateOutcome Waits(string code) => new("Waiting", code, "wait", Trigger: Trigger);

    private static (CertificateStatus Status, DateTimeOffset Next) After(CertificateFacts facts, CertificateOutcome outcome) =>
        CertificateStatusPolicy.After(facts, outcome, facts.Certificate.Status!.Vault, First, Most);
}
