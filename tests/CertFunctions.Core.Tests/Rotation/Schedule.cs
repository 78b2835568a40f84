using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Rotation;

/// <summary>One schedule drawn from a seed: who is there, and what people, clocks and stores do to them for three months.</summary>
internal static class Schedule
{
    private static readonly RotationPace Pace = new(TimeSpan.FromHours(24), TimeSpan.FromDays(7), TimeSpan.FromHours(72), TimeSpan.FromHours(6));

    private static readonly Action<World>[] Deeds =
    [
        Rotate, Rotate, Quick, Quick, Back, Back, Abandon, Abandon, Pause, EditSecretName, EditSecretName, RenewWithKey, RenewWithKey, RenewWithKey, RenewWithNewKey, ImportWithOtherKeyId,
        AskForOwn, AskForOwn, AskForOwn, AskForOwn, Revoke, BreakSource, BreakSource, RefuseFile, RefuseFile, JumpClock, JumpClock, ChangeKeyPolicy, AddBundle, QuickWhileRenewing, AskWhileMoving,
    ];

    /// <summary>What a rule is for may be rare among all that happens: then schedules are full of it.</summary>
    private static Action<World>[] DeedsFor(Rule rule) => rule switch
    {
        Rule.R3_AnyCertificateOfTheKey => [AddBundle, AddBundle, RenewWithKey, RenewWithKey, Pause],
        Rule.R5_ETagBeforeGathering or Rule.R5_HeldByARunThatKnewOfIt => [Abandon, Abandon, Back, Back, Rotate, EditSecretName],
        Rule.R11_LogBeforeSigning or Rule.R11_RereadPin => [AskWhileMoving],
        Rule.R12_AskedEachTime => [QuickWhileRenewing, AskForOwn],
        _ => Deeds,
    };

    /// <param name="about">The rule that the schedule is to try.</param>
    /// <param name="off">The rule that is left out.</param>
    public static World Play(int seed, Rule about, Rule off, bool isListening = false)
    {
        var deeds = DeedsFor(about);
        var world = new World(seed, off, new IdentityMint(), Pace) { IsListening = isListening, IsSlow = deeds != Deeds && about is not Rule.R3_AnyCertificateOfTheKey, LeafLife = TimeSpan.FromDays(about is Rule.R11_LogBeforeSigning or Rule.R11_RereadPin ? 2 : 20) };
        Populate(world);
        world.In(TimeSpan.FromHours(1), () => Act(world, deeds));
        world.In(TimeSpan.FromHours(5), () => Mind(world));
        world.Run(World.Begin.AddDays(100));
        return world;
    }

    private static void Populate(World world)
    {
        var (root, mid, other) = (new SimIssuer(world, "root", "root"), new SimIssuer(world, "mid", "mid"), new SimIssuer(world, "other", "other"));
        SimCaCertificate Made(string secret, SimIssuer? issuer, Ca? parent, int days, int renewBefore)
        {
            var made = new SimCaCertificate(world, secret, issuer, TimeSpan.FromDays(days + world.Random.Next(days)), TimeSpan.FromDays(renewBefore)) { RotatesKey = world.Random.Next(3) == 0 };
            made.Start(parent);
            world.CaCertificates.Add(made);
            return made;
        }

        var anchor = Made("root", null, null, 60, 15).Current;
        var foreign = Made("other", null, null, 60, 15).Current;
        Made("root-b", null, null, 60, 15);
        var under = Made("mid", root, anchor, 35, 12).Current;
        Made("mid-b", other, foreign, 35, 12);
        world.Log.Add(new(under.Pinned.SerialNumber!, anchor, under.NotAfter, "mid", IsCA: true));
        world.Log.Add(new(world.Vault["mid-b"][0].Pinned.SerialNumber!, foreign, world.Vault["mid-b"][0].NotAfter, "mid-b", IsCA: true));

        world.Issuers.AddRange([root, mid, other]);
        world.Issuers.ForEach(issuer => issuer.Start());
        world.Certificates.AddRange([new(world, "api", root), new(world, "web", mid), new(world, "db", mid)]);
        if (world.Random.Next(2) == 0) { world.Certificates.Add(new(world, "vpn", other)); }

        world.Certificates.ForEach(certificate => certificate.Start());
        world.Bundles.AddRange(
        [
            new(world, "of-root", ["root"], [new(Issuer: "root")], ["pem", "jks"]),
            new(world, "of-mid", ["mid"], [new(Issuer: "mid")], ["pem"]),
            new(world, "pasted-root", ["root", "mid"], [new(InLine: anchor)], ["pem", "p12"]),
            new(world, "pasted-mid", ["mid"], [new(InLine: under)], ["pem"]),
            new(world, "by-certificate", ["mid"], [new(Certificate: "mid")], ["pem", "jks"]),
            new(world, "mixed", ["root", "mid", "other"], [new(Issuer: "other"), new(InLine: anchor), new(Certificate: "mid")], ["pem"]),
        ]);
        world.Bundles.RemoveAll(bundle => bundle.Covers.Length < 3 && world.Random.Next(4) == 0);
        world.Bundles.ForEach(bundle => bundle.Start());
    }

    private static void Act(World world, Action<World>[] deeds)
    {
        Pick(world, deeds)(world);
        world.In(TimeSpan.FromHours(world.Random.Next(2, 72)), () => Act(world, deeds));
    }

    /// <summary>Somebody reads the condition CAExpiring.</summary>
    private static void Mind(World world)
    {
        foreach (var issuer in world.Issuers.Where(each => each.Pinned.NotAfter < world.Now.AddDays(11) && each.Status.Rotation is { Abandoned: not null, Next: null, Request: null }))
        {
            var newest = world.Vault[issuer.Secret][^1];
            Ask(world, each => each with { Version = newest.NotAfter > world.Now.AddDays(15) && newest.Id != issuer.Pinned.Thumbprint ? newest.Id : null }, issuer);
        }

        world.In(TimeSpan.FromHours(12), () => Mind(world));
    }

    private static void Rotate(World world) => Ask(world, each => each);

    private static void Quick(World world) =>
        Ask(world, each => each with { Quick = true, Overlap = world.Random.Next(2) == 0 && !world.IsOff(Rule.R13_OverlapCoversLag) ? world.Pace.Lag + TimeSpan.FromHours(36) : null });

    /// <summary>Somebody renews leaves while the pin moves.</summary>
    private static void QuickWhileRenewing(World world)
    {
        Quick(world);
        for (var minutes = 0; minutes < 240; minutes += 20)
        {
            world.In(TimeSpan.FromMinutes((24 * 60) + minutes), () => Pick(world, world.Certificates).Renew());
        }
    }

    /// <summary>People ask an issuer that signs for nobody else while its pin moves.</summary>
    private static void AskWhileMoving(World world)
    {
        Ask(world, each => each, world.Issuers[^1]);
        for (var minutes = 0; minutes < 300; minutes += 20) { world.In(TimeSpan.FromMinutes((24 * 60) + minutes), () => AskForOwn(world, world.Issuers[^1])); }
    }

    private static void Back(World world)
    {
        var issuer = Pick(world, world.Issuers);
        var version = Pick(world, world.Vault[issuer.Secret]);
        if (version.NotAfter > world.Now.AddDays(12)) { Ask(world, each => each with { Version = version.Id }, issuer); }
    }

    private static void Ask(World world, Func<RotationRequest, RotationRequest> change, SimIssuer? issuer = null)
    {
        var asked = issuer ?? Pick(world, world.Issuers);
        world.Tell(() => $"rotate {asked.Name}");
        asked.Rotate(change(new RotationRequest { Id = world.NewId("request"), RequestedAt = world.AppNow }));
    }

    private static void Abandon(World world)
    {
        if (world.Issuers.Find(each => each.Status.Rotation is not null && each.Pinned.NotAfter > world.Now.AddDays(9)) is not { } issuer) { return; }

        world.Tell(() => $"abandon {issuer.Name}");
        var next = issuer.Status.Rotation?.Next?.Thumbprint;
        issuer.Abandon();
        world.In(TimeSpan.FromHours(world.Random.Next(1, 60)), () => Ask(world, each => each with { Version = next is not null && world.Cas[next].NotAfter > world.Now.AddDays(5) && world.Random.Next(2) == 0 ? next : null }, issuer));
    }

    private static void Pause(World world)
    {
        var issuer = Pick(world, world.Issuers);
        if (issuer.Pinned.NotAfter < world.Now.AddDays(9)) { return; }

        issuer.Pause(true);
        world.In(TimeSpan.FromHours(world.Random.Next(1, 72)), () => issuer.Pause(false));
    }

    private static void EditSecretName(World world)
    {
        var issuer = Pick(world, world.Issuers);
        issuer.Secret = issuer.Name switch { "root" => issuer.Secret == "root" ? "root-b" : "root", "mid" => issuer.Secret == "mid" ? "mid-b" : "mid", _ => "other" };
        world.Tell(() => $"{issuer.Name} has secretName {issuer.Secret}");
        issuer.Wake();
    }

    private static void RenewWithKey(World world) => Pick(world, world.CaCertificates).Renew(newKey: false);

    private static void RenewWithNewKey(World world) => Pick(world, world.CaCertificates).Renew(newKey: true);

    private static void ImportWithOtherKeyId(World world) => Pick(world, world.CaCertificates).Renew(newKey: false, ski: world.NewId("ski"));

    private static void ChangeKeyPolicy(World world)
    {
        var certificate = Pick(world, world.CaCertificates);
        certificate.RotatesKey = !certificate.RotatesKey;
    }

    private static void AskForOwn(World world) => AskForOwn(world, Pick(world, world.Issuers));

    private static void AskForOwn(World world, SimIssuer issuer)
    {
        new SimSigning(world, issuer, null, world.LeafLife).Start((serial, signer, notAfter) =>
        {
            if (signer is not null) { world.NewLeaf(serial, signer, issuer.Name, null, notAfter); }
        });
    }

    private static void Revoke(World world)
    {
        if (world.Leaves.FindLast(each => each.Certificate is null && each.To > world.Now) is not { } leaf) { return; }

        leaf.To = world.Now;
        if (world.Log.Find(each => each.Serial == leaf.Id) is { } entry) { entry.IsRevoked = true; }
    }

    /// <summary>Somebody pastes a CA certificate that has been renewed since.</summary>
    private static void AddBundle(World world)
    {
        var issuer = Pick(world, world.Issuers);
        var pasted = world.Cas.Values.First(each => each.Key == issuer.Signer.Root.Key && each.Parent is null);
        if (world.Bundles.Count > 9 || pasted.NotAfter < world.Now.AddDays(1)) { return; }

        var bundle = new SimBundle(world, world.NewId("pasted"), [issuer.Name], [new(InLine: pasted)], ["pem"]);
        world.Bundles.Add(bundle);
        bundle.Start();
    }

    private static void BreakSource(World world)
    {
        var source = Pick(world, world.Bundles.SelectMany(bundle => bundle.Sources).ToList());
        source.IsBad = true;
        world.In(TimeSpan.FromHours(world.Random.Next(6, 96)), () => source.IsBad = false);
    }

    private static void RefuseFile(World world) =>
        Pick(world, world.Bundles.SelectMany(bundle => bundle.Files).ToList()).RefusedUntil = world.Now + TimeSpan.FromHours(world.Random.Next(6, 96));

    private static void JumpClock(World world) => world.AppOffset = TimeSpan.FromMinutes(world.Random.Next(-1800, 1800));

    private static T Pick<T>(World world, IReadOnlyList<T> among) => among[world.Random.Next(among.Count)];
}
