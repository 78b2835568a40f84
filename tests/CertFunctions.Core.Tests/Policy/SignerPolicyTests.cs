using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class SignerPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly PinnedSigner Pinned = new()
    {
        Object = "pki--root", Version = "v1", Thumbprint = "t1", KeyHash = "k", SubjectHash = "s", SubjectKeyId = "a1", RootKeyHash = "r", NotAfter = Now.AddDays(30),
    };

    private static readonly PinnedSigner Renewed = Pinned with { Version = "v2", Thumbprint = "t2", NotAfter = Now.AddDays(395) };

    public static TheoryData<string, PinnedSigner?, PinnedSigner?, SignerAction> Decisions => new()
    {
        // because                                       pinned                                    candidate                                        expected
        { "there is no CA",                              null,                                     null,                                            SignerAction.Refuse },
        { "the CA went away",                            Pinned,                                   null,                                            SignerAction.Refuse },
        { "the first one found is pinned",               null,                                     Pinned,                                          SignerAction.Pin },
        { "the first one found has expired",             null,                                     Pinned with { NotAfter = Now },                  SignerAction.Refuse },
        { "nothing changed",                             Pinned,                                   Pinned,                                          SignerAction.Keep },
        { "a renewal with everything equal",             Pinned,                                   Renewed,                                         SignerAction.Adopt },
        { "a wider path length",                         Pinned with { PathLength = 1 },           Renewed,                                         SignerAction.Adopt },
        { "a narrower path length",                      Pinned,                                   Renewed with { PathLength = 0 },                 SignerAction.Rotation },
        { "another key",                                 Pinned,                                   Renewed with { KeyHash = "k2" },                 SignerAction.Rotation },
        { "another subject",                             Pinned,                                   Renewed with { SubjectHash = "s2" },             SignerAction.Rotation },
        { "another subject key identifier",              Pinned,                                   Renewed with { SubjectKeyId = null },            SignerAction.Rotation },
        { "another root",                                Pinned,                                   Renewed with { RootKeyHash = "r2" },             SignerAction.Rotation },
        { "the root's key under another identifier",     Pinned,                                   Renewed with { RootIdentity = "s/other" },       SignerAction.Rotation },
        { "an unknown root is nobody's equal",           Pinned with { RootKeyHash = null },       Renewed with { RootKeyHash = null },             SignerAction.Rotation },
        { "the root became known later",                 Pinned with { RootKeyHash = null },       Pinned,                                          SignerAction.Adopt },
        { "the root is no longer known",                 Pinned,                                   Pinned with { RootKeyHash = null },              SignerAction.Keep },
        { "what the old CA signed has expired with it",  Pinned with { NotAfter = Now },           Renewed with { KeyHash = "k2" },                 SignerAction.Pin },
        { "the candidate has expired, the pin has not",  Pinned,                                   Renewed with { NotAfter = Now },                 SignerAction.Keep },
    };

    [Theory, MemberData(nameof(Decisions))]
    public void Decides(string because, PinnedSigner? pinned, PinnedSigner? candidate, SignerAction expected)
    {
        var found = candidate is null ? SignerCandidate.NotFound("none") : new SignerCandidate(candidate, null, null);

        Assert.True(expected == SignerPolicy.Decide(pinned, found, Now).Action, because);
    }

    [Fact]
    public void Names_everything_that_differs()
    {
        var candidate = new SignerCandidate(Renewed with { KeyHash = "k2", SubjectHash = "s2" }, null, null);

        var decision = SignerPolicy.Decide(Pinned, candidate, Now);

        Assert.Equal("SignerChanged", decision.Reason);
        Assert.EndsWith("key, subject.", decision.Message, StringComparison.Ordinal);
    }
}

public sealed class IssuerPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static IssuerFacts Facts(string? type, ValueList<Condition>? conditions = null) =>
        new(1, type, conditions ?? [], null, null, TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));

    [Fact]
    public void Wakes_the_dependents_until_that_is_recorded()
    {
        var first = IssuerPolicy.Decide(Facts("selfSigned"), Now);
        var afterACrash = IssuerPolicy.Decide(Facts("selfSigned", first.Status.Conditions), Now.AddMinutes(1));
        var announced = IssuerPolicy.Decide(Facts("selfSigned", IssuerPolicy.Announced(first.Status, Now).Conditions), Now.AddMinutes(1));

        Assert.Equal((true, true, false), (first.Wakes, afterACrash.Wakes, announced.Wakes));
    }

    [Fact]
    public void Waits_twice_as_long_each_time_while_there_is_no_CA()
    {
        var conditions = IssuerPolicy.Decide(Facts("ca"), Now).Status.Conditions;

        TimeSpan After(double minutes) => IssuerPolicy.Decide(Facts("ca", conditions), Now.AddMinutes(minutes)).LookAgain;

        Assert.Equal([5, 10, 20, 60], new[] { After(0), After(10), After(20), After(500) }.Select(wait => wait.TotalMinutes));
    }

    [Fact]
    public void Says_why_a_ca_issuer_cannot_sign() =>
        Assert.Equal("ErrGetKeyPair", IssuerPolicy.Decide(Facts("ca"), Now).Status.Conditions.Find("Ready")?.Reason);
}
