using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class CertificatePlanTests
{
    private static readonly CertificateFacts Good = Some.Facts;
    private static readonly CertificateFacts Due = Good with { Now = Some.Day1.AddDays(60) };
    private static readonly CertificateFacts Foreign = Good.WithStored(stored => stored with { Version = "hers", Tags = ValueMap.Empty.With("team", "hers") });
    private static readonly ClaimFacts Others = new("ns/mail", "uid-mail", null, null);

    public static TheoryData<string, CertificateFacts, CertificateStep, string?> Steps => new()
    {
        { "all is well",                                    Good, CertificateStep.Rest, null },
        { "it is due",                                      Due, CertificateStep.Issue, "Renewing" },
        { "nothing is stored",                              Good with { Stored = null, Claim = null }, CertificateStep.Issue, "DoesNotExist" },
        { "a person asks, in back-off too",                 Good.WithIssuing("True", "ManuallyTriggered").Failed(6, Good.Now), CertificateStep.Issue, "ManuallyTriggered" },
        { "a person asks, with renewal disabled",           Good.WithIssuing("True", "ManuallyTriggered").With(s => s with { Renewal = new Renewal { Policy = "Disabled" } }), CertificateStep.Issue, "ManuallyTriggered" },
        { "the vault does not answer",                      Good with { Stored = null, VaultProblem = "503" }, CertificateStep.Wait, "VaultRefused" },
        { "a person told it to stand still",                Due.WithAnnotation(Annotations.Paused, "true"), CertificateStep.Wait, null },
        { "somebody else made the object",                  Foreign, CertificateStep.Wait, "SecretNameTaken" },
        { "it may be adopted",                              Foreign.WithAnnotation(Annotations.Adopt, "true"), CertificateStep.Issue, "IncorrectIssuer" },
        { "somebody took our tags off our version",         Good.WithStored(s => s with { Tags = ValueMap.Empty }), CertificateStep.Rest, null },
        { "somebody deleted our object",                    Good with { Stored = null, Deleted = Good.Stored!.Tags }, CertificateStep.Recover, "VaultObjectDeleted" },
        { "a foreign object lies deleted",                  Good with { Stored = null, Deleted = ValueMap.Empty.With("team", "hers") }, CertificateStep.Wait, "SecretNameTaken" },
        { "a deleted foreign one may be adopted",           (Good with { Stored = null, Deleted = ValueMap.Empty }).WithAnnotation(Annotations.Adopt, "true"), CertificateStep.Recover, "VaultObjectDeleted" },
        { "another run is storing",                         Due with { Claim = Some.Claim with { LeaseRequestUid = "other", LeaseUntil = Due.Now.AddMinutes(1) } }, CertificateStep.Wait, null },
        { "the storing run is overdue",                     Due with { Claim = Some.Claim with { LeaseRequestUid = "other", LeaseUntil = Due.Now } }, CertificateStep.Issue, "Renewing" },
        { "a user's request has the name",                  Due with { Next = Some.Request(4) with { CertificateUid = null } }, CertificateStep.Wait, "RequestNameTaken" },
        { "it failed a moment ago",                         Due.Failed(1, Due.Now), CertificateStep.Wait, null },
        { "it failed, and what failed is asked no more",    (Due.Failed(1, Due.Now) with { Next = Some.Request(4, "Failed") }).With(s => s with { DnsNames = ["new.test"] }), CertificateStep.Issue, "RequestChanged" },
        { "it failed, and another key is asked",            (Due.Failed(1, Due.Now) with { Next = Some.Request(4, "Failed") }).With(s => s with { PrivateKey = new PrivateKeySpec { Size = 3072 } }), CertificateStep.Issue, "SecretMismatch" },
        { "it failed, and only the lead time changed",      (Due.Failed(1, Due.Now) with { Next = Some.Request(4, "Failed") }).With(s => s with { RenewBefore = TimeSpan.FromDays(40) }), CertificateStep.Wait, null },
        { "the failed request cannot be read",              Due.Failed(1, Due.Now) with { Next = Some.Request(4, "Failed") with { Csr = null } }, CertificateStep.Issue, "Renewing" },
        { "a denied request of another Certificate's life", Due.Failed(1, Due.Now) with { Next = Some.Request(4, "Denied") with { CertificateUid = "uid-old" } }, CertificateStep.Issue, "Renewing" },
    };

    [Theory, MemberData(nameof(Steps))]
    public void Decides(string because, CertificateFacts facts, CertificateStep step, string? code)
    {
        var plan = CertificatePlan.Decide(facts);

        Assert.True((step, code) == (plan.Step, plan.Reason?.Code), $"{because}: {plan}");
    }

    public static TheoryData<string, CertificateFacts, bool> Abandoned => new()
    {
        { "it waits, and all is well",              Good with { Next = Some.Request(4, "Pending") }, true },
        { "it is issued, and all is well",          Good with { Next = Some.Request(4) }, true },
        { "it failed: it tells why",                Good with { Next = Some.Request(4, "Failed") }, false },
        { "it is a user's own",                     Good with { Next = Some.Request(4, "Pending") with { CertificateUid = null } }, false },
        { "an issuance is wanted",                  Due with { Next = Some.Request(4, "Pending") }, false },
        { "another run is storing",                 Good with { Next = Some.Request(4), Claim = Some.Claim with { LeaseRequestUid = "other", LeaseUntil = Good.Now.AddMinutes(1) } }, false },
    };

    [Theory, MemberData(nameof(Abandoned))]
    public void Abandons_a_request_when(string because, CertificateFacts facts, bool abandons)
    {
        var plan = CertificatePlan.Decide(facts);

        Assert.True((abandons ? facts.Next!.Uid : null) == plan.Abandons, $"{because}: {plan}");
    }

    public static TheoryData<string, CertificateFacts, bool> Resumed => new()
    {
        { "it waits and fits",                  Due with { Next = Some.Request(4, "Pending") }, true },
        { "it is issued and not stored",        Due with { Next = Some.Request(4) }, true },
        { "its key is staged no longer",        Due with { Next = Some.Request(4, "Pending") with { KeyIsStaged = false } }, false },
        { "it was denied",                      Due with { Next = Some.Request(4, "Denied") }, false },
        { "it failed",                          Due with { Next = Some.Request(4, "Failed") }, false },
        { "the names changed",                  (Due with { Next = Some.Request(4, "Pending") }).With(s => s with { DnsNames = ["new.test"] }), false },
        { "the kind of key changed",            (Due with { Next = Some.Request(4, "Pending") }).With(s => s with { PrivateKey = new PrivateKeySpec { Algorithm = "ECDSA" } }), false },
        { "the issuer changed",                 (Due with { Next = Some.Request(4, "Pending") }).With(s => s with { IssuerRef = new IssuerRef { Name = "other" } }), false },
        { "it is an older Certificate's",       Due with { Next = Some.Request(4, "Pending") with { CertificateUid = "uid-old" } }, false },
    };

    [Theory, MemberData(nameof(Resumed))]
    public void Goes_on_with_a_request_when(string because, CertificateFacts facts, bool resumes)
    {
        var plan = CertificatePlan.Decide(facts);

        Assert.True(plan.Step is CertificateStep.Issue && resumes == plan.Resume is not null, because);
    }

    /// <summary>What a user may change at will: nothing is issued, at most tags are put right.</summary>
    public static TheoryData<string, CertificateFacts, bool> Harmless => new()
    {
        // because                               facts                                                                                          repairs tags
        { "it is applied unchanged",             Good, false },
        { "labels",                              Good with { Certificate = Good.Certificate with { Metadata = Good.Certificate.Metadata with { Labels = ValueMap.Empty.With("team", "b") } } }, false },
        { "renewBefore",                         Good.With(s => s with { RenewBefore = TimeSpan.FromDays(20) }), false },
        { "renewBeforePercentage",               Good.With(s => s with { RenewBeforePercentage = 10 }), false },
        { "renewal windows",                     Good.With(s => s with { Renewal = new Renewal { Windows = [new RenewalWindow { Cron = "@daily", WindowDuration = TimeSpan.FromHours(1) }] } }), false },
        { "secretTemplate",                      Good.With(s => s with { SecretTemplate = new SecretTemplate { Labels = ValueMap.Empty.With("team", "b") } }), true },
        { "revisionHistoryLimit",                Good.With(s => s with { RevisionHistoryLimit = 5 }), false },
        { "rotationPolicy and encoding",         Good.With(s => s with { PrivateKey = new PrivateKeySpec { RotationPolicy = "Never", Encoding = "PKCS8" } }), false },
        { "keystores and formats",               Good.With(s => s with { Keystores = new Keystores(), AdditionalOutputFormats = [new AdditionalOutputFormat { Type = "DER" }] }), false },
        { "how the CSR is made",                 Good.With(s => s with { EncodeUsagesInRequest = false, SignatureAlgorithm = "SHA512WithRSA" }), false },
    };

    [Theory, MemberData(nameof(Harmless))]
    public void Issues_nothing_for_a_change_of(string because, CertificateFacts facts, bool repairs)
    {
        var plan = CertificatePlan.Decide(facts with { Certificate = facts.Certificate with { Metadata = facts.Certificate.Metadata with { Generation = 8 } } });

        Assert.True(plan.Step is CertificateStep.Rest && repairs == plan.Repair is not null, $"{because}: {plan}");
        Assert.True(plan.Prunes, because);
    }

    [Fact]
    public void Looks_for_surplus_requests_once_a_generation() => Assert.False(CertificatePlan.Decide(Good).Prunes);

    [Fact]
    public void Repairs_tags_in_back_off_but_not_while_issuing_nor_on_what_is_not_its_own()
    {
        var template = new SecretTemplate { Labels = ValueMap.Empty.With("team", "b") };

        Assert.NotNull(CertificatePlan.Decide(Due.Failed(1, Due.Now).With(s => s with { SecretTemplate = template })).Repair);
        Assert.Null(CertificatePlan.Decide(Due.With(s => s with { SecretTemplate = template })).Repair);
        Assert.Null(CertificatePlan.Decide(Foreign.With(s => s with { SecretTemplate = template })).Repair);
        Assert.Null(CertificatePlan.Decide((Due.Failed(1, Due.Now) with { Claim = Others }).With(s => s with { SecretTemplate = template })).Repair);
    }

    public static TheoryData<string, CertificateFacts, bool> Claiming => new()
    {
        { "at rest on its own object",          Good, false },
        { "at rest, another has the claim",     Good with { Claim = Others }, true },
        { "at rest, nobody has the claim",      Good with { Claim = null }, true },
        { "to issue, always confirmed",         Due, true },
        { "waiting needs none",                 Due.Failed(1, Due.Now) with { Claim = null }, false },
    };

    [Theory, MemberData(nameof(Claiming))]
    public void Claims_the_object_when(string because, CertificateFacts facts, bool claims) => Assert.True(claims == CertificatePlan.Decide(facts).Claims, because);

    [Fact]
    public void Refusals_come_before_reasons()
    {
        var all = Foreign with { VaultProblem = "503", Now = Due.Now };

        Assert.Equal("VaultRefused", CertificatePlan.Decide(all).Reason?.Code);
        Assert.Equal("SecretNameTaken", CertificatePlan.Decide(all with { VaultProblem = null }).Reason?.Code);
        Assert.Null(CertificatePlan.Decide(all.WithAnnotation(Annotations.Paused, "true")).Reason);
    }

    public static TheoryData<string, CertificateFacts, bool> Temporary => new()
    {
        { "nothing is stored",                          Asking with { Stored = null }, true },
        { "nobody asked for it",                        Good with { Stored = null }, false },
        { "the newest version is disabled",             Asking.WithStored(s => s with { IsEnabled = false }), true },
        { "the leaf is garbage",                        Asking.WithStored(s => s with { Leaf = null }), true },
        { "a certificate for other names is stored",    Asking.With(s => s with { DnsNames = ["new.test"] }), false },
        { "an expired certificate is stored",           Asking with { Now = Some.End.AddDays(1) }, false },
        { "a stand-in is stored",                       Asking.WithTag(Annotations.Temporary, "r"), false },
        { "the stand-in has expired",                   (Asking with { Now = Some.End.AddDays(1) }).WithTag(Annotations.Temporary, "r"), true },
        { "it is a CA",                                 (Asking with { Stored = null }).With(s => s with { IsCA = true }), false },
    };

    private static CertificateFacts Asking => Good.WithAnnotation(Annotations.IssueTemporary, "true");

    [Theory, MemberData(nameof(Temporary))]
    public void Wants_a_stand_in_when(string because, CertificateFacts facts, bool wanted) => Assert.True(wanted == CertificatePlan.Decide(facts).WantsTemporary, because);
}
