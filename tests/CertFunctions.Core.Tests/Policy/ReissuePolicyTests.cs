using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class ReissuePolicyTests
{
    private static readonly CertificateFacts Good = Some.Facts;
    private static readonly CertificateFacts NoRequest = Good with { Current = null };

    /// <summary>Each row fails one check and passes all above it; in the order of the checks.</summary>
    public static TheoryData<string, CertificateFacts, string, string> Common => new()
    {
        { "nothing is stored",                          Good with { Stored = null }, "DoesNotExist", "vault object does not exist" },
        { "the newest version is disabled",             Good.WithStored(s => s with { IsEnabled = false }), "MissingData", "v3, is disabled" },
        { "the leaf is garbage",                        Good.WithStored(s => s with { Leaf = null, LeafProblem = "no SEQUENCE" }), "InvalidCertificate", "no SEQUENCE" },
        { "the key is weak or unknown",                 Good.WithStored(s => s with { Leaf = Some.Leaf with { KeyAlgorithm = "" } }), "InvalidKeyPair", "unknown or weak" },
        { "only a stand-in is stored",                  Good.WithTag(Annotations.Temporary, "request-4"), "TemporaryCertificate", "temporary certificate only" },
        { "another issuer is named",                    Good.With(s => s with { IssuerRef = new IssuerRef { Name = "other" } }), "IncorrectIssuer", "Issuer.cert-manager.io/ca" },
        { "another kind of issuer is named",            Good.With(s => s with { IssuerRef = new IssuerRef { Name = "ca", Kind = "ClusterIssuer" } }), "IncorrectIssuer", "Issuer.cert-manager.io/ca" },
        { "adopted content names no issuer",            Good.WithTag(Annotations.IssuerName, null), "IncorrectIssuer", "nothing tells" },
        { "the object was another Certificate's",       Good.WithTag(Annotations.CertificateName, "mail"), "IncorrectCertificate", "ns/mail" },
        { "it was another namespace's",                 Good.WithTag(Annotations.Namespace, "other"), "IncorrectCertificate", "other/web" },
        { "another algorithm is wanted",                Good.With(s => s with { PrivateKey = new PrivateKeySpec { Algorithm = "ECDSA" } }), "SecretMismatch", "RSA 2048, wanted is ECDSA 256" },
        { "another size is wanted",                     Good.With(s => s with { PrivateKey = new PrivateKeySpec { Size = 4096 } }), "SecretMismatch", "wanted is RSA 4096" },
        { "the request's CSR is garbage",               Good with { Current = Good.Current! with { Csr = null } }, "InvalidCertificateRequest", "cannot be read" },
        { "the stored key is not the request's",        Good with { Current = Some.Request(4) }, "SecretMismatch", "does not match the current CertificateRequest" },
        { "a DNS name is added",                        Good.With(s => s with { DnsNames = ["web.test", "www.web.test"] }), "RequestChanged", "[spec.dnsNames]" },
        { "an IP address and a usage are added",        Good.With(s => s with { IpAddresses = ["192.0.2.1"], Usages = ["server auth"] }), "RequestChanged", "[spec.ipAddresses, spec.usages]" },
        { "it is to become a CA",                       Good.With(s => s with { IsCA = true }), "RequestChanged", "[spec.isCA]" },
        { "a duration on both sides differs",           Changed(Good, TimeSpan.FromHours(1), TimeSpan.FromHours(2)), "RequestChanged", "[spec.duration]" },
        { "no request is left, and names differ",       NoRequest.With(s => s with { DnsNames = ["mail.test"] }), "SecretMismatch", "[spec.dnsNames]" },
    };

    [Theory, MemberData(nameof(Common))]
    public void Issues_with_reason_and_is_not_ready_for_the_same(string because, CertificateFacts facts, string code, string says)
    {
        var (trigger, readiness) = (ReissuePolicy.Evaluate(facts), ReissuePolicy.NotReady(facts));

        Assert.True(trigger?.Code == code, $"{because}: {trigger}");
        Assert.Equal(trigger, readiness);
        Assert.Contains(says, trigger!.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, CertificateFacts> Passing => new()
    {
        { "all is as asked",                                    Good },
        { "no request is left, and the leaf fits",              NoRequest },
        { "no request is left: other terms cannot be seen",     NoRequest.With(s => s with { Usages = ["server auth"] }) },
        { "no request is left: the CN counts as a DNS name",    NoRequest.With(s => s with { CommonName = "web.test", DnsNames = null }) },
        { "kind and group are spelled out",                     Good.With(s => s with { IssuerRef = new IssuerRef { Name = "ca", Kind = "Issuer", Group = "cert-manager.io" } }) },
        { "key defaults are spelled out",                       Good.With(s => s with { PrivateKey = new PrivateKeySpec { Algorithm = "RSA", Size = 2048 } }) },
        { "a duration is added",                                Changed(Good, null, TimeSpan.FromHours(2)) },
        { "a duration is taken away",                           Changed(Good, TimeSpan.FromHours(2), null) },
        { "somebody took all our tags off our version",         Good.WithStored(s => s with { Tags = ValueMap.Empty }) },
        { "the uid differs: the Certificate was made anew",     Good.WithTag(Annotations.CertificateUid, "uid-old") },
        { "the last moment before renewal",                     Good with { Now = Some.Day1.AddDays(60).AddSeconds(-1) } },
        { "renewal is disabled and due",                        (Good with { Now = Some.Day1.AddDays(80) }).With(s => s with { Renewal = new Renewal { Policy = "Disabled" } }) },
        { "a failure of the past is not a reason",              Good.WithIssuing("False", "Failed") },
        { "an attempt under way is not a reason either",        Good.WithIssuing("True", "Renewing") },
    };

    [Theory, MemberData(nameof(Passing))]
    public void Leaves_alone_when(string because, CertificateFacts facts) => Assert.True(ReissuePolicy.Evaluate(facts) is null, $"{because}: {ReissuePolicy.Evaluate(facts)}");

    [Fact]
    public void Renews_when_due_and_stays_ready()
    {
        var due = Good with { Now = Some.Day1.AddDays(60) };

        Assert.Equal("Renewing", ReissuePolicy.Evaluate(due)?.Code);
        Assert.Contains("2026-03-02 00:00:00 UTC", ReissuePolicy.Evaluate(due)!.Message, StringComparison.Ordinal);
        Assert.Null(ReissuePolicy.NotReady(due));
    }

    [Fact]
    public void Is_not_ready_when_expired_and_renews_for_being_due()
    {
        var expired = Good with { Now = Some.End.AddSeconds(1) };

        Assert.Equal("Expired", ReissuePolicy.NotReady(expired)?.Code);
        Assert.Null(ReissuePolicy.NotReady(Good with { Now = Some.End }));
        Assert.Equal("Renewing", ReissuePolicy.Evaluate(expired)?.Code);
    }

    [Fact]
    public void Is_not_ready_when_no_window_fits_and_renews_without_one()
    {
        var never = Good.With(s => s with { Renewal = new Renewal { Windows = [new RenewalWindow { Cron = "0 0 30 2 *", WindowDuration = TimeSpan.FromHours(1) }] } });

        Assert.Equal("WindowError", ReissuePolicy.NotReady(never)?.Code);
        Assert.Null(ReissuePolicy.Evaluate(never));
        Assert.Equal("Renewing", ReissuePolicy.Evaluate(never with { Now = Some.Day1.AddDays(60) })?.Code);
    }

    [Fact]
    public void A_persons_trigger_comes_before_every_check_and_is_no_reason_to_be_unready()
    {
        var asked = Good.WithIssuing("True", "ManuallyTriggered");

        Assert.Equal(("ManuallyTriggered", "told"), (ReissuePolicy.Evaluate(asked)!.Code, ReissuePolicy.Evaluate(asked)!.Message));
        Assert.Equal("ManuallyTriggered", ReissuePolicy.Evaluate(asked with { Stored = null })?.Code);
        Assert.Null(ReissuePolicy.NotReady(asked));
        Assert.Null(ReissuePolicy.Evaluate(Good.WithIssuing("False", "ManuallyTriggered")));
    }

    /// <summary>Everything is wrong at once: mended from the top, the reasons show up in cert-manager's order.</summary>
    [Fact]
    public void Names_the_first_failing_check()
    {
        var stored = new StoredPair("v9", IsEnabled: false, Some.Tags.With(Annotations.IssuerName, "old").With(Annotations.CertificateName, "mail").With(Annotations.Temporary, "r"), Leaf: null);
        var facts = (Good with { Stored = null, Current = Some.Request(4) with { Csr = null }, Now = Some.End.AddDays(1) })
            .With(s => s with { DnsNames = ["other.test"], PrivateKey = new PrivateKeySpec { Size = 4096 } });

        CertificateFacts[] mended =
        [
            facts,
            facts = facts with { Stored = stored },
            facts = facts.WithStored(s => s with { IsEnabled = true }),
            facts = facts.WithStored(s => s with { Leaf = Some.Leaf with { KeyAlgorithm = "" } }),
            facts = facts.WithStored(s => s with { Leaf = Some.Leaf }),
            facts = facts.WithTag(Annotations.Temporary, null),
            facts = facts.WithTag(Annotations.IssuerName, "ca"),
            facts = facts.WithTag(Annotations.CertificateName, "web"),
            facts = facts.With(s => s with { PrivateKey = null }),
            facts = facts with { Current = Some.Request(3) },
            facts = facts.With(s => s with { DnsNames = ["web.test"] }),
            facts with { Now = Some.Day1.AddDays(10) },
        ];

        Assert.Equal(
            [
                "DoesNotExist", "MissingData", "InvalidCertificate", "InvalidKeyPair", "TemporaryCertificate", "IncorrectIssuer", "IncorrectCertificate",
                "SecretMismatch", "InvalidCertificateRequest", "RequestChanged", "Renewing", null,
            ],
            mended.Select(each => ReissuePolicy.Evaluate(each)?.Code));
    }

    private static CertificateFacts Changed(CertificateFacts facts, TimeSpan? asked, TimeSpan? wanted) =>
        (facts with { Current = facts.Current! with { Duration = asked } }).With(s => s with { Duration = wanted });
}
