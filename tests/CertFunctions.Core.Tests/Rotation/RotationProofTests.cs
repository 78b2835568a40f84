using System.Globalization;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Tests.Pki;

namespace CertFunctions.Core.Tests.Rotation;

/// <summary>The proof of CA rotation with real certificates and virtual time: 200 leaves, consumers that lag up to L, clients that cache up to P (.NET for all, OpenSSL for a sample), and the timetable of ca-rotation.md.</summary>
public sealed class RotationProofTests
{
    private static readonly RotationPace Pace = new(TimeSpan.FromHours(24), TimeSpan.FromDays(7), TimeSpan.FromHours(72), TimeSpan.FromHours(1));
    private static readonly DateTimeOffset Asked = World.Begin.AddDays(1);

    public static TheoryData<string, string, string, bool, double, double, double, double> Rotations => new()
    {
        // because                                                         rotates   leaves by   quick    pin moves after h    old CA gone after d
        { "leaves directly under the CA",                                  "root",   "root",     false,   24,     26,          85,    93 },
        { "an intermediate: its root is in every bundle, nobody waits",    "mid",    "mid",      false,   0,      1,           85,    93 },
        { "a root over an intermediate",                                   "root",   "mid",      false,   24,     27,          85,    93 },
        { "quick",                                                         "root",   "root",     true,    24,     26,          8,     8.7 },
    };

    [Theory, MemberData(nameof(Rotations))]
    public async Task No_client_refuses_what_is_served(string because, string rotates, string leavesBy, bool quick, double pinFrom, double pinTo, double goneFrom, double goneTo)
    {
        using var mint = new RealMint();
        var world = Play(mint, rotates, leavesBy, quick, days: quick ? 20 : 95);
        var issuer = world.Issuers.Find(each => each.Name == rotates)!;
        var signing = world.Issuers.Find(each => each.Name == leavesBy)!;

        var refusal = Refusal(world);
        Assert.True(refusal is null, $"{because}: {refusal}");
        await SampleAsync(world);

        var pinMoved = Hours(signing.History.First(each => each.Status.Pinned != signing.History[0].Status.Pinned).At);
        var gone = Hours(issuer.History.First(each => each.Status.Retiring is null && each.Status.Pinned != issuer.History[0].Status.Pinned).At) / 24;
        Assert.True(pinMoved >= pinFrom && pinMoved <= pinTo, $"{because}: leaves have another signer after {pinMoved} h");
        Assert.True(gone >= goneFrom && gone <= goneTo, $"{because}: the old CA is gone after {gone} d");
    }

    [Fact]
    public void They_would_if_the_pin_moved_as_soon_as_bundles_hold_the_new_CA()
    {
        using var mint = new RealMint();

        Assert.NotNull(Refusal(Play(mint, "root", "root", quick: true, days: 4, Rule.R7_Propagation)));
    }

    [Fact]
    public async Task A_client_just_inside_the_window_passes_and_just_outside_fails()
    {
        using var mint = new RealMint();
        var world = Play(mint, "root", "root", quick: true, days: 4);
        using var clients = new Clients(world.Cas);
        var old = world.Versions.Where(each => each.From == World.Begin).MaxBy(each => each.To)!;
        var inside = old.To + Pace.Propagation;
        var first = world.Leaves.Where(each => each.Signer.Id != world.Leaves[0].Signer.Id).MinBy(each => each.From)!;

        Assert.All(world.Leaves.Where(each => each.From <= inside && each.To > inside), leaf => Assert.True(clients.Accept(old.Anchors, leaf, inside)));
        Assert.True(first.From > inside && first.From < inside + TimeSpan.FromHours(2), $"{first.From} after {inside}");
        Assert.False(clients.Accept(old.Anchors, first, first.From));
        Assert.False(await OpenSslAcceptsAsync(world, old.Anchors, first, first.From));
        Assert.True(clients.Accept(world.Versions.Last(each => each.File == old.File && each.From <= old.To).Anchors, first, first.From));
    }

    private static World Play(RealMint mint, string rotates, string leavesBy, bool quick, int days, Rule off = Rule.None)
    {
        var world = new World(7, off, mint, Pace) { IsRough = false, LeafLife = TimeSpan.FromDays(90), Sweep = TimeSpan.FromHours(1) };
        var (root, mid) = (new SimIssuer(world, "root", "root"), new SimIssuer(world, "mid", "mid"));
        world.CaCertificates.Add(new(world, "root", null, TimeSpan.FromDays(3650), TimeSpan.FromDays(365)));
        world.CaCertificates[0].Start(null);
        world.CaCertificates.Add(new(world, "mid", root, TimeSpan.FromDays(365), TimeSpan.FromDays(100)));
        world.CaCertificates[1].Start(world.CaCertificates[0].Current);
        var (anchor, under) = (world.CaCertificates[0].Current, world.CaCertificates[1].Current);
        world.Log.Add(new(under.Pinned.SerialNumber!, anchor, under.NotAfter, "mid", IsCA: true));
        world.Issuers.AddRange([root, mid]);
        world.Issuers.ForEach(each => each.Start());

        var signing = leavesBy == "root" ? root : mid;
        world.Certificates.AddRange(Enumerable.Range(1, 200).Select(number => new SimCertificate(world, $"web{number}", signing)));
        world.Certificates.ForEach(each => each.Start());
        world.Bundles.Add(new(world, "of-issuer", ["root", "mid"], [new(Issuer: leavesBy)], ["pem", "jks"]));
        world.Bundles.Add(new(world, "pasted", ["root", "mid"], [new(InLine: anchor)], ["pem"]));
        world.Bundles.Add(new(world, "by-certificate", ["root", "mid"], [new(Certificate: "mid")], ["pem", "p12"]));
        world.Bundles.ForEach(each => each.Start());
        world.In(Asked - World.Begin, () => world.Issuers.Find(each => each.Name == rotates)!.Rotate(new RotationRequest { Id = "1", RequestedAt = Asked, Quick = quick ? true : null }));
        world.Run(World.Begin.AddDays(days));
        return world;
    }

    /// <summary>The first pair that does not fit, asked at its first and its last moment; null: there is none.</summary>
    private static string? Refusal(World world)
    {
        using var clients = new Clients(world.Cas);
        return Meetings(world)
            .Where(each => !clients.Accept(each.Version.Anchors, each.Leaf, each.From) || !clients.Accept(each.Version.Anchors, each.Leaf, each.To))
            .Select(each => $"{each.Version.File} [{each.Version.Key}] refuses {each.Leaf.Id} by {each.Leaf.Signer.Pinned.Version} between {each.From:u} and {each.To:u}")
            .FirstOrDefault();
    }

    /// <summary>A dozen of them, by a verifier that shares no code with .NET's chain building.</summary>
    private static async Task SampleAsync(World world)
    {
        var meetings = Meetings(world).ToList();
        foreach (var meeting in meetings.Where((_, index) => index % ((meetings.Count / 12) + 1) == 0))
        {
            Assert.True(await OpenSslAcceptsAsync(world, meeting.Version.Anchors, meeting.Leaf, meeting.To), $"OpenSSL: {meeting.Version.Key} refuses {meeting.Leaf.Id} at {meeting.To:u}");
        }
    }

    private static async Task<bool> OpenSslAcceptsAsync(World world, string[] anchors, Leaf leaf, DateTimeOffset at)
    {
        using var openssl = new OpenSsl();
        openssl.Write("leaf.pem", Pem.WriteCertificates([leaf.Der!]).Span);
        openssl.Write("anchors.pem", Pem.WriteCertificates(anchors.Select(id => world.Cas[id].Der!)).Span);
        openssl.Write("between.pem", Pem.WriteCertificates([leaf.Signer.Der!]).Span);
        string[] untrusted = leaf.Signer.Parent is null ? [] : ["-untrusted", "between.pem"];
        var (code, _) = await openssl.TryRunAsync(
            ["verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-CAfile", "anchors.pem", .. untrusted, "-attime", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), "leaf.pem"]);
        return code == 0;
    }

    /// <summary>Each content of a bundle with each leaf, and the first and the last moment at which some client and some consumer may meet with them.</summary>
    private static IEnumerable<(Version Version, Leaf Leaf, DateTimeOffset From, DateTimeOffset To)> Meetings(World world) =>
        from leaf in world.Leaves
        from same in world.Versions.GroupBy(each => each.Key)
        let until = same.Max(each => each.To == DateTimeOffset.MaxValue ? world.Now : each.To + world.Pace.Propagation)
        let begin = Later(same.Min(each => each.From), leaf.From).AddSeconds(1)
        let end = Earlier(Earlier(until, world.Now), Earlier(leaf.To, leaf.NotAfter.AddSeconds(-1)))
        where begin <= end
        select (same.First(), leaf, begin, end);

    private static double Hours(DateTimeOffset at) => (at - Asked).TotalHours;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
