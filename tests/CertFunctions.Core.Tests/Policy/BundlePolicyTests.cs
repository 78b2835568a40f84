using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using static CertFunctions.Core.Tests.Policy.Cas;

namespace CertFunctions.Core.Tests.Policy;

public sealed class BundlePolicyTests
{
    private static readonly IssuerCas OfA = Issuer(A1);
    private static readonly PinnedSigner Rootless = I1 with { RootKeyHash = null, RootThumbprint = null };

    public static TheoryData<string, string, string, IssuerCas[], string, string, string> Contents => new()
    {
        // because                                                            anchors   named   issuers                                kept      expected      added
        { "no issuer has to do with it",                                      "x1",     "",     [OfA],                                 "",       "x1",         "" },
        { "the issuer's CA is the source itself",                             "a1",     "",     [OfA],                                 "",       "a1",         "" },
        { "1: an intermediate is never an anchor, its root is",               "",       "i1",   [Issuer(I1)],                          "",       "a1",         "a1" },
        { "1: nor when no issuer knows it",                                   "",       "x1",   [OfA],                                 "",       "",           "" },
        { "2: the next CA is published with the pinned one",                  "a1",     "",     [Issuer(A1, B1)],                      "",       "a1 b1",      "b1" },
        { "2: naming the next CA publishes the pinned one",                   "b1",     "",     [Issuer(A1, B1)],                      "",       "a1 b1",      "a1" },
        { "2: naming a retiring CA publishes the pinned one",                 "a1",     "",     [Issuer(B1, A1)],                      "",       "a1 b1",      "b1" },
        { "2: naming the root of an intermediate names its issuer",           "a1",     "",     [Issuer(I1, I2)],                      "",       "a1 b1",      "b1" },
        { "2: naming an intermediate is enough",                              "",       "i1",   [Issuer(I1, I2)],                      "",       "a1 b1",      "a1 b1" },
        { "2: what one issuer adds may name another",                         "a1",     "",     [Issuer(B1, C1), Issuer(A1, B1)],      "",       "a1 b1 c1",   "b1 c1" },
        { "2: what was added stays once the old CA is gone",                  "a1",     "",     [Issuer(B1)],                          "b1",     "a1 b1",      "b1" },
        { "2: and goes on to the CA after it",                                "a1",     "",     [Issuer(B1, C1)],                      "b1",     "a1 b1 c1",   "b1 c1" },
        { "2: it is remembered while a source gives it, too",                "a1 b1",  "",     [Issuer(B1)],                          "b1",     "a1 b1",      "b1" },
        { "2: it leaves when no issuer's chain ends in it",                   "a1",     "",     [OfA],                                 "b1",     "a1",         "" },
        { "3: an older certificate of the key brings the pinned one",         "a1",     "",     [Issuer(A2)],                          "",       "a1 a2",      "a2" },
        { "3: also when the key signs for an intermediate",                   "a2",     "",     [Issuer(I1)],                          "",       "a1 a2",      "a1" },
        { "a root that nobody knows cannot be published",                     "",       "i1",   [Issuer(Rootless)],                    "",       "",           "" },
        { "an issuer of its own publishes nothing here",                      "x1",     "",     [Issuer(A1, B1), Issuer(I1)],          "",       "x1",         "" },
    };

    [Theory, MemberData(nameof(Contents))]
    public void Publishes(string because, string anchors, string named, IssuerCas[] issuers, string kept, string expected, string added)
    {
        var content = BundlePolicy.Decide(new(Anchors(anchors), Anchors(named)), issuers, Words(kept));

        Assert.True((expected, added) == (string.Join(' ', content.Anchors), string.Join(' ', content.Added)), $"{because}: {content}");
    }

    public static TheoryData<string, string, IssuerCas[], string, string> Unnamed => new()
    {
        // because                                              anchors   issuers              unnamed   without root
        { "the next CA may yet be given up",                    "a1",     [Issuer(A1, B1)],    "",       "" },
        { "an issuer signs with what no source names",          "a1",     [Issuer(B1, A1)],    "b1",     "" },
        { "every CA in use is named",                           "a1 b1",  [Issuer(B1, A1)],    "",       "" },
        { "the root of one of its CAs is unknown",              "a1",     [Issuer(A1, Rootless)], "",    "issuer-a1" },
        { "an issuer that does not belong here may lack one",   "x1",     [Issuer(Rootless)],  "",       "" },
    };

    [Theory, MemberData(nameof(Unnamed))]
    public void Names_what_its_owner_should_know(string because, string anchors, IssuerCas[] issuers, string unnamed, string withoutRoot)
    {
        var content = BundlePolicy.Decide(new(Anchors(anchors), []), issuers, []);

        Assert.True((unnamed, withoutRoot) == (string.Join(' ', content.Unnamed), string.Join(' ', content.WithoutRoot)), $"{because}: {content}");
    }

    [Fact]
    public void Knows_pinned_next_and_retiring_of_an_issuer()
    {
        var status = new IssuerStatus { Pinned = B1, Rotation = To(C1), Retiring = [Retiring(A1)] };

        Assert.Equal([B1, C1, A1], IssuerCas.Of("ns/ca", status)!.All);
        Assert.Null(IssuerCas.Of("ns/ca", new IssuerStatus()));
    }

    private static IssuerCas Issuer(PinnedSigner pinned, params PinnedSigner[] others) => new($"issuer-{pinned.Thumbprint}", pinned, [.. others]);

    private static ValueList<AnchorFacts> Anchors(string ids) => Words(ids).Select(Anchor).ToValueList();

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
