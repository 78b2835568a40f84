using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using static CertFunctions.Core.Tests.Policy.Cas;

namespace CertFunctions.Core.Tests.Policy;

/// <summary>How one CA takes over from another. A decision is written as <c>pinned > next Stage, retiring …</c>.</summary>
public sealed class RotationPolicyTests
{
    private static readonly TimeSpan P = Pace.Propagation;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly RotationFacts Facts = new(A1, A1, null, [], [Held(P + Second)], [], Pace);

    public static TheoryData<string, RotationFacts, string> Beginnings => new()
    {
        // because                                                      facts                                                                               expected
        { "nothing changed",                                            Facts,                                                                              "a1" },
        { "another CA was found, every bundle held it long before",     Facts with { Candidate = B1 },                                                      "a1 > b1 Publishing" },
        { "they held it while they had to, and long enough",            Facts with { Candidate = B1, Rotation = To(B1) },                                    "b1, retiring a1" },
        { "another CA was found, bundles have to take it up",           Facts with { Candidate = B1, Bundles = [Lacks()] },                                 "a1 > b1 Publishing" },
        { "no bundle could tell anybody",                               Facts with { Candidate = B1, Bundles = [] },                                        "a1 > b1 Blocked" },
        { "a person goes on without bundles",                           Facts with { Candidate = B1, Bundles = [], Rotation = Asked() },                    "b1, retiring a1" },
        { "a renewal that no client can tell needs no bundle",          Facts with { Candidate = A2, Bundles = [] },                                        "a2" },
        { "10: it moves through the gate all the same",                 Facts with { Candidate = A2, Bundles = [Held(P)] },                                 "a1 > a2 Propagating" },
        { "10: and leaves nothing to retire",                           Facts with { Candidate = A2, Rotation = To(A2) },                                                      "a2" },
        { "9: the same key under another root is another CA",           Facts with { Pinned = I1, Candidate = I2, Rotation = To(I2) },                                         "i2, retiring i1" },
        { "10: another SKI is another CA",                              Facts with { Candidate = A2 with { SubjectKeyId = "sha256" }, Rotation = To(A2 with { SubjectKeyId = "sha256" }) },                      "a2, retiring a1" },
        { "10: a narrower path length is another CA",                   Facts with { Candidate = A2 with { PathLength = 0 }, Rotation = To(A2 with { PathLength = 0 }) },                               "a2, retiring a1" },
        { "10: the same CA under its renewed root waits for the root",  Facts with { Pinned = I1, Candidate = I1 with { RootThumbprint = "a2" }, Bundles = [Lacks()] }, "i1 > i1 Publishing" },
        { "an expired CA is nobody's successor",                        Facts with { Candidate = B1 with { NotAfter = Now } },                              "a1" },
        { "the verb: a new CA has to be made",                          Facts with { Rotation = Asked() },                                                  "a1 Requested, makes a CA" },
        { "the verb: a version was given, it is not read yet",          Facts with { Rotation = Asked(each => each with { Version = "b1" }) },               "a1 Requested" },
        { "the verb: the given version",                                Facts with { Rotation = Asked(each => each with { Version = "b1" }), Candidate = B1 }, "a1 > b1 Publishing" },
        { "an intermediate under the same root: bundles have nothing to do", Facts with { Pinned = I1, Candidate = J1 },                                   "j1, retiring i1" },
        { "the verb: the given version signs already",                  Facts with { Rotation = Asked(each => each with { Version = "a1" }) },               "a1" },
        { "the verb: the given version has expired",                    Facts with { Rotation = Asked(each => each with { Version = "b1" }), Candidate = B1 with { NotAfter = Now } }, "a1" },
        { "8: a second one before the pin has moved waits",             Facts with { Rotation = To(B1), Candidate = C1, Bundles = [Lacks()] },               "a1 > b1 Publishing" },
        { "8: its turn comes when the pin has moved",                   Facts with { Pinned = B1, Candidate = C1, Retiring = [Retiring(A1)], Bundles = [Lacks()] }, "b1 > c1 Publishing, retiring a1" },
        { "8: each retiring CA is paired with the current pin",         Facts with { Pinned = B1, Candidate = C1, Rotation = To(C1), Retiring = [Retiring(A1)] },               "c1, retiring a1 b1" },
        { "back: what retired signs again; what was left is not taken again", Facts with { Pinned = B1, Rotation = Asked(each => each with { Version = "a1" }) with { Next = A1 }, Candidate = A1, Retiring = [Retiring(A1)] }, "a1 gave up b1, retiring b1" },
        { "back to a renewal of what retired",                          Facts with { Pinned = B1, Candidate = A2, Rotation = To(A2), Retiring = [Retiring(A1)] },               "a2, retiring b1" },
        { "the candidate went away again: the rotation goes on",        Facts with { Rotation = To(B1), Bundles = [Lacks()] },                               "a1 > b1 Publishing" },
        { "paused: nothing moves",                                      Facts with { Rotation = To(B1), Candidate = B1, IsPaused = true },                    "a1 > b1 Publishing" },
        { "paused: nothing begins",                                     Facts with { Candidate = B1, IsPaused = true },                                     "a1" },
        { "paused: nothing retires",                                    Facts with { Retiring = [Retiring(B1)], Leaves = [new("b1", 0, 0, 0)], IsPaused = true }, "a1, retiring b1" },
    };

    [Theory, MemberData(nameof(Beginnings))]
    public void Goes_on(string because, RotationFacts facts, string expected) => Decides(because, facts, expected);

    public static TheoryData<string, RotationFacts, string> GivenUpOnes => new()
    {
        // because                                                facts                                                                               expected
        { "what was given up is not taken again",                 Facts with { Rotation = GivenUp("b1"), Candidate = B1 },                             "a1 gave up b1" },
        { "another one is",                                       Facts with { Rotation = GivenUp("b1"), Candidate = C1 },                             "a1 > c1 Publishing" },
        { "nothing is left of it: it is forgotten",               Facts with { Rotation = GivenUp("b1") },                                            "a1" },
        { "given up while it was being made: still nothing",      Facts with { Rotation = GivenUp("a1") },                                            "a1 gave up a1" },
        { "given up while it was being made: here it comes",      Facts with { Rotation = GivenUp("a1"), Candidate = B1 },                             "a1 gave up b1" },
        { "a person asks for it again",                           Facts with { Rotation = Asked() with { Abandoned = "b1" }, Candidate = B1 },          "a1 > b1 Publishing" },
        { "the CA in use is renewed meanwhile",                   Facts with { Rotation = GivenUp("b1"), Candidate = A2 },                             "a1 > a2 Publishing" },
    };

    [Theory, MemberData(nameof(GivenUpOnes))]
    public void Gives_up(string because, RotationFacts facts, string expected) => Decides(because, facts, expected);

    public static TheoryData<string, BundleHold[], Func<RotationRequest, RotationRequest>?, string> Gates => new()
    {
        // because                                        files                                                                           asked                                        expected
        { "7: exactly P is not more than P",              [Held(P)],                                                                      null,                                        "a1 > b1 Propagating" },
        { "7: a second more is",                          [Held(P + Second)],                                                             null,                                        "b1, retiring a1" },
        { "7: every bundle",                              [Held(P + Second), Held(P - Second, "other/ca-bundle.pem")],                    null,                                        "a1 > b1 Propagating" },
        { "7: every format",                              [Held(P + Second), Lacks(null, "all/ca-bundle.jks")],                           null,                                        "a1 > b1 Publishing" },
        { "7: each file by the clock that told of it",    [Held(P + Second), new("b", Now.AddHours(40), Now.AddHours(40) + P)],           null,                                        "a1 > b1 Propagating" },
        { "7: a store ahead of the app",                  [new("b", Now.AddHours(40), Now.AddHours(40) + P + Second)],                    null,                                        "b1, retiring a1" },
        { "4: a file that cannot be written",             [Held(P + Second), Lacks("409", "all/ca-bundle.jks")],                          null,                                        "a1 > b1 Blocked" },
        { "a problem of today, the CA is in there",       [Held(P + Second) with { Problem = "409" }],                                    null,                                        "b1, retiring a1" },
        { "the request names its own P: shorter",         [Held(TimeSpan.FromHours(2))],                                                  each => each with { Propagation = TimeSpan.FromHours(1) },   "b1, retiring a1" },
        { "the request names its own P: longer",          [Held(P + Second)],                                                             each => each with { Propagation = TimeSpan.FromHours(48) },  "a1 > b1 Propagating" },
        { "emergency: nothing is waited for",             [Lacks("409")],                                                                 each => each with { Emergency = true },                      "b1, retiring a1" },
    };

    [Theory, MemberData(nameof(Gates))]
    public void Moves_the_pin(string because, BundleHold[] files, Func<RotationRequest, RotationRequest>? asked, string expected) =>
        Decides(because, Facts with { Rotation = To(B1) with { Request = asked is null ? null : Asked(asked).Request }, Candidate = B1, Bundles = [.. files] }, expected);

    public static TheoryData<string, RetiringSigner, RetiringLeaves?, bool> Retirements => new()
    {
        // because                                              retiring                                                                       left                     gone
        { "13: nothing of it is left",                          Retiring(B1),                                                                  new("b1", 0, 0, 0),      true },
        { "13: a leaf is left, though nobody holds it",         Retiring(B1),                                                                  new("b1", 1, 0, 0),      false },
        { "it was not looked at",                               Retiring(B1),                                                                  null,                    false },
        { "quick: re-issued only now",                          Retiring(B1) with { Quick = true },                                            new("b1", 9, 0, 0),      false },
        { "quick: not long enough",                             Retiring(B1) with { Quick = true, ReissuedAt = Now - Pace.Overlap + Second },  new("b1", 9, 0, 0),      false },
        { "quick: consumers had their time",                    Retiring(B1) with { Quick = true, ReissuedAt = Now - Pace.Overlap },           new("b1", 9, 0, 0),      true },
        { "quick: an overlap of its own",                       Retiring(B1) with { Quick = true, Overlap = TimeSpan.FromDays(9), ReissuedAt = Now - Pace.Overlap }, new("b1", 9, 0, 0), false },
        { "quick: one Certificate has a leaf of it again",      Retiring(B1) with { Quick = true, ReissuedAt = Now - Pace.Overlap },           new("b1", 9, 0, 1),      false },
        { "quick: a person's CSR cannot be replaced",           Retiring(B1) with { Quick = true, ReissuedAt = Now - Pace.Overlap },           new("b1", 9, 1, 0),      false },
        { "the default never counts from the re-issue",         Retiring(B1) with { ReissuedAt = Now.AddYears(-1) },                           new("b1", 9, 0, 0),      false },
        { "emergency: consumers had their time",                Retiring(B1) with { Emergency = true, ReissuedAt = Now - Pace.Lag },           new("b1", 9, 9, 0),      true },
        { "emergency: Certificates still hold leaves of it",    Retiring(B1) with { Emergency = true },                                        new("b1", 9, 9, 3),      false },
    };

    [Theory, MemberData(nameof(Retirements))]
    public void Retires(string because, RetiringSigner retiring, RetiringLeaves? left, bool gone)
    {
        var decision = RotationPolicy.Decide(Facts with { Retiring = [retiring], Leaves = left is null ? [] : [left] }, Now);

        Assert.True(gone == (decision.Retiring.Count == 0) && gone == decision.News.Any(each => each.Code == "CARetired"), $"{because}: {decision}");
    }

    [Fact]
    public void Counts_from_the_moment_at_which_no_Certificate_held_a_leaf_of_it()
    {
        RetiringSigner After(RetiringSigner retiring, int certificates) =>
            RotationPolicy.Decide(Facts with { Retiring = [retiring], Leaves = [new("b1", 9, 0, certificates)] }, Now).Retiring[0];

        Assert.Equal(Now, After(Retiring(B1), 0).ReissuedAt);
        Assert.Equal(Now.AddDays(-1), After(Retiring(B1) with { ReissuedAt = Now.AddDays(-1) }, 0).ReissuedAt);
        Assert.Null(After(Retiring(B1) with { ReissuedAt = Now.AddDays(-1) }, 1).ReissuedAt);
    }

    [Fact]
    public void Says_when_the_pin_may_move_and_is_asked_again_then()
    {
        var decision = RotationPolicy.Decide(Facts with { Candidate = B1, Bundles = [Held(TimeSpan.FromHours(4))] }, Now);

        Assert.Equal((Now.AddHours(20) + Second, Now.AddHours(20) + Second), (decision.Rotation!.PinMovesAt, decision.Until));
    }

    [Fact]
    public void Carries_what_was_asked_into_the_retirement_and_tells_each_thing_once()
    {
        var asked = Asked(each => each with { Quick = true, Overlap = TimeSpan.FromDays(4) });
        var begun = RotationPolicy.Decide(Facts with { Rotation = asked, Candidate = B1, Bundles = [Lacks("full")] }, Now);
        var again = RotationPolicy.Decide(Facts with { Rotation = begun.Rotation, Candidate = B1, Bundles = [Lacks("full")] }, Now);
        var moved = RotationPolicy.Decide(Facts with { Rotation = again.Rotation, Candidate = B1 }, Now);

        Assert.Equal(["RotationStarted", "RotationBlocked"], begun.News.Select(each => each.Code));
        Assert.Empty(again.News);
        Assert.Equal(["SignerChanged"], moved.News.Select(each => each.Code));
        Assert.Equal((true, TimeSpan.FromDays(4)), (moved.Retiring[0].Quick, moved.Retiring[0].Overlap));
    }

    private static void Decides(string because, RotationFacts facts, string expected)
    {
        var decision = RotationPolicy.Decide(facts, Now);
        Assert.True(expected == Told(decision), $"{because}: {Told(decision)}");

        if (facts.Rotation?.Next is null && decision.Rotation?.Next is not null) { return; }   // it has only begun

        // Asked again with what it wrote, and with what the vault holds then, it says the same.
        var newest = decision.Pinned == facts.Pinned ? facts.Candidate : facts.Rotation?.Request?.Version is null ? decision.Pinned : facts.Pinned;
        var again = RotationPolicy.Decide(facts with { Pinned = decision.Pinned, Rotation = decision.Rotation, Retiring = decision.Retiring, Candidate = newest }, Now);
        Assert.True(expected == Told(again), $"asked again, {because}: {Told(again)}");
    }

    private static string Told(RotationDecision decision)
    {
        var rotation = decision.Rotation switch
        {
            null => "",
            { Next: { } next } to => $" > {next.Thumbprint} {to.Stage}",
            { Abandoned: { } given, Request: null } => $" gave up {given}",
            { } made => $" {made.Stage}",
        };
        var retiring = decision.Retiring.Count == 0 ? "" : $", retiring {string.Join(' ', decision.Retiring.Select(each => each.Signer.Thumbprint))}";
        return $"{decision.Pinned.Thumbprint}{rotation}{retiring}{(decision.MakesCa ? ", makes a CA" : "")}";
    }
}
