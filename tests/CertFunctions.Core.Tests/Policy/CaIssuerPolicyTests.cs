using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using static CertFunctions.Core.Tests.Policy.Cas;

namespace CertFunctions.Core.Tests.Policy;

/// <summary>What the owner of a <c>ca</c> issuer is told, and what follows from a look at it.</summary>
public sealed class CaIssuerPolicyTests
{
    private static readonly TimeSpan Needed = Pace.Propagation + Pace.Spread + Pace.Lag;

    private static readonly CaFacts Calm = new(null, [], [], [], Pace, A1.NotAfter.AddDays(-30));

    private static readonly CaFacts Waiting = Calm with { Rotation = To(B1), Bundles = [Lacks()] };

    public static TheoryData<string, PinnedSigner, CaFacts, DateTimeOffset, string> Conditions => new()
    {
        // because                                                newest   facts                                                               now                        expected
        { "all is well",                                          A1,      Calm,                                                               Now,                       "" },
        { "within its renewBefore, nothing newer has come",       A1,      Calm,                                                               A1.NotAfter.AddDays(-30),  "CAExpiring" },
        { "a second before",                                      A1,      Calm,                                                               A1.NotAfter.AddDays(-30).AddSeconds(-1), "" },
        { "nothing here renews it: as long as clients need",      A1,      Calm with { RenewalTime = null },                                   A1.NotAfter - Needed,      "CAExpiring" },
        { "nothing here renews it: there is time",                A1,      Calm with { RenewalTime = null },                                   A1.NotAfter.AddDays(-30),  "" },
        { "a newer one has come",                                 B1,      Waiting,                                                            A1.NotAfter.AddDays(-30),  "RotationPending" },
        { "14: renewed too late",                                 A1,      Calm with { RenewalTime = A1.NotAfter - Needed + TimeSpan.FromSeconds(1) }, Now,               "CARenewsTooLate" },
        { "14: just in time",                                     A1,      Calm with { RenewalTime = A1.NotAfter - Needed },                   Now,                       "" },
        { "a rotation waits",                                     B1,      Waiting,                                                            Now,                       "RotationPending" },
        { "a rotation is paused",                                 B1,      Waiting with { IsPaused = true },                                   Now,                       "RotationPending" },
        { "a CA was given up",                                    B1,      Calm with { Rotation = GivenUp("b1") },                             Now,                       "RotationPending" },
        { "the newer one was given up, and the old one ends",     B1,      Calm with { Rotation = GivenUp("b1") },                             A1.NotAfter.AddDays(-30),  "RotationPending CAExpiring" },
        { "the pin moved",                                        B1,      Waiting with { Bundles = [Held(Pace.Propagation * 2)] },            Now,                       "" },
    };

    [Theory, MemberData(nameof(Conditions))]
    public void Tells_its_owner(string because, PinnedSigner newest, CaFacts ca, DateTimeOffset now, string expected)
    {
        var verdict = Decide(newest, ca, now);

        var told = verdict.Status.Conditions!.Where(each => each.Type is not "Ready").Select(each => each.Type);
        Assert.True(expected == string.Join(' ', told), $"{because}: {string.Join(' ', told)}");
        Assert.True(verdict.Status.Conditions.IsTrue("Ready"));
    }

    [Fact]
    public void Names_what_is_waited_for_and_the_way_out()
    {
        string Message(CaFacts ca) => Decide(B1, ca, Now).Status.Conditions.Find(CaIssuerPolicy.RotationPending)!.Message!;

        Assert.Contains("differs in: key, subject", Message(Waiting), StringComparison.Ordinal);
        Assert.Contains("all/ca-bundle.pem", Message(Waiting), StringComparison.Ordinal);
        Assert.Contains("POST …/abandon", Message(Waiting with { Bundles = [Lacks("the blob is too large")] }), StringComparison.Ordinal);
        Assert.Contains("POST …/resume", Message(Waiting with { IsPaused = true }), StringComparison.Ordinal);
        Assert.Contains("given up", Message(Calm with { Rotation = GivenUp("b1") }), StringComparison.Ordinal);
    }

    public static TheoryData<string, PinnedSigner?, PinnedSigner, CaFacts, bool> Wakings => new()
    {
        // because                                          pinned   newest   facts                                                              wakes
        { "nothing changed",                                A1,      A1,      Calm,                                                              false },
        { "a CA is to come",                                A1,      B1,      Calm with { Bundles = [Lacks()] },                                 true },
        { "it is known already",                            A1,      B1,      Waiting,                                                           false },
        { "old and new stay side by side",                  A1,      B1,      Waiting with { Bundles = [Held(Pace.Propagation * 2)] },           false },
        { "an intermediate under the same root",            I1,      J1,      Calm with { Bundles = [Held(Pace.Propagation * 2)] },              false },
        { "the old CA is gone",                             B1,      B1,      Calm with { Retiring = [Retiring(A1)], Leaves = [new("a1", 0, 0, 0)] }, true },
    };

    [Theory, MemberData(nameof(Wakings))]
    public void Wakes_the_bundles(string because, PinnedSigner? pinned, PinnedSigner newest, CaFacts ca, bool wakes) =>
        Assert.True(wakes == Decide(newest, ca, Now, pinned).WakesBundles, because);

    [Fact]
    public void Keeps_the_rotation_in_its_status_while_there_is_nothing_to_sign_with()
    {
        var facts = Facts(null, Waiting with { Retiring = [Retiring(C1)] });

        var status = CaIssuerPolicy.Decide(facts, Now).Status;

        Assert.Equal(("b1", "c1", A1), (status.Rotation?.Next?.Thumbprint, status.Retiring?[0].Signer.Thumbprint, status.Pinned));
        Assert.False(status.Conditions.IsTrue("Ready"));
    }

    [Fact]
    public void Asks_for_a_new_CA_as_long_as_none_has_come()
    {
        Assert.True(Decide(A1, Calm with { Rotation = Asked() }, Now).MakesCa);
        Assert.False(Decide(B1, Calm with { Rotation = Asked(), Bundles = [Lacks()] }, Now).MakesCa);
    }

    public static TheoryData<string, CaFacts, TimeSpan> Paces => new()
    {
        // because                                                    facts                                                                                                                          expected
        { "nothing is under way",                                     Calm,                                                                                                                          TimeSpan.FromHours(1) },
        { "clients have a minute left",                               Waiting with { Bundles = [Held(Pace.Propagation - TimeSpan.FromSeconds(59))] },                                                TimeSpan.FromMinutes(1) },
        { "the store's clock is behind",                              Waiting with { Bundles = [Held(Pace.Propagation + TimeSpan.FromHours(1)) with { AsOf = Now.AddHours(-3) }] },                  TimeSpan.FromMinutes(5) },
        { "the pin moved: what follows is looked at at once",         Waiting with { Bundles = [Held(Pace.Propagation * 2)] },                                                                       TimeSpan.Zero },
        { "all is re-issued, leaves have to expire: that is no loop", Calm with { Retiring = [Retiring(C1) with { ReissuedAt = Now.AddDays(-9) }], Leaves = [new("c1", 3, 0, 0)] },                 TimeSpan.FromHours(1) },
        { "quick, but a person's own leaf has to expire",             Calm with { Retiring = [Retiring(C1) with { ReissuedAt = Now.AddDays(-9), Quick = true }], Leaves = [new("c1", 3, 1, 0)] },  TimeSpan.FromHours(1) },
    };

    [Theory, MemberData(nameof(Paces))]
    public void Is_looked_at_again_in(string because, CaFacts ca, TimeSpan expected) =>
        Assert.True(expected == Decide(ca.Rotation is null ? A1 : B1, ca, Now).LookAgain, $"{because}: {Decide(ca.Rotation is null ? A1 : B1, ca, Now).LookAgain}");

    [Fact]
    public void Adopts_at_once_what_becomes_known_of_the_same_certificate()
    {
        var verdict = CaIssuerPolicy.Decide(Facts(A1, Calm) with { Pinned = A1 with { RootKeyHash = null, RootThumbprint = null } }, Now);

        Assert.Equal((A1, null), (verdict.Status.Pinned, verdict.Status.Rotation));
    }

    [Fact]
    public void Takes_the_renewed_root_of_the_same_certificate_only_when_bundles_have_held_it()
    {
        var newest = I1 with { RootThumbprint = "a2" };

        Assert.Equal((I1, newest), Decide(newest, Calm with { Bundles = [Lacks()] }, Now, I1).Status is var waiting ? (waiting.Pinned, waiting.Rotation?.Next) : default);
        Assert.Equal(newest, Decide(newest, Calm with { Rotation = To(newest), Bundles = [Held(Pace.Propagation * 2)] }, Now, I1).Status.Pinned);
    }

    private static IssuerVerdict Decide(PinnedSigner newest, CaFacts ca, DateTimeOffset now, PinnedSigner? pinned = null) =>
        CaIssuerPolicy.Decide(Facts(newest, ca) with { Pinned = pinned ?? A1 }, now);

    private static IssuerFacts Facts(PinnedSigner? newest, CaFacts ca) =>
        new(1, "ca", [], A1, newest is null ? SignerCandidate.NotFound("away") : new(newest, null, null), TimeSpan.FromMinutes(5), TimeSpan.FromHours(1)) { Ca = ca };
}
