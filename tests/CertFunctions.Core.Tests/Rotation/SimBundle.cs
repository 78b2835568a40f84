using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Rotation;

/// <summary>Where a bundle's content comes from.</summary>
/// <param name="Issuer">Name of an issuer; or</param>
/// <param name="Certificate">object of a CA Certificate; or</param>
/// <param name="InLine">a certificate, for good.</param>
internal sealed record Source(string? Issuer = null, string? Certificate = null, Ca? InLine = null)
{
    public bool IsBad { get; set; }

    public Ca? LastGood { get; set; }
}

/// <summary>A Bundle and its run: ETags, gather, decide, write each format if it is still what it was, status, ledger.</summary>
/// <param name="covers">The issuers whose leaves its clients meet.</param>
internal sealed class SimBundle(World world, string name, string[] covers, Source[] sources, string[] formats)
{
    private ValueList<string> _added = [];
    private int _statusVersion;

    public string[] Covers => covers;

    public Source[] Sources => sources;

    public SimFile[] Files { get; } = [.. formats.Select(format => new SimFile(world, $"{name}/ca-bundle.{format}"))];

    /// <summary>Tells one rotation from the next, also when it leads to the same CA.</summary>
    public static string? Token(SimIssuer issuer) => issuer.Status.Rotation is { Next: { } next } rotation ? $"{issuer.Name}/{rotation.Request?.Id}/{rotation.StartedAt:O}/{next.Thumbprint}" : null;

    public void Start()
    {
        var (content, tokens) = Gather(_added);
        foreach (var file in Files) { file.Note(file.Put(this, content, tokens, file.ETag)!); }

        _added = content.Added;
        world.In(world.Sweep * world.Random.NextDouble(), Again);
    }

    public void Wake() => world.In(world.Soon(), Look);

    private void Again()
    {
        Look();
        world.In(world.Sweep, Again);
    }

    private void Look()
    {
        var run = new Run(this, _added, _statusVersion, ETags());
        if (world.IsOff(Rule.R5_ETagBeforeGathering)) { (run.Content, run.Tokens) = Gather(run.Kept); }

        world.In(world.Stall(TimeSpan.FromHours(world.IsSlow ? 24 : 2)), () =>
        {
            if (run.Content is null) { (run.Content, run.Tokens) = Gather(world.IsOff(Rule.R2_WhatWasAddedStays) ? [] : run.Kept); }
            else { run.ETags = ETags(); }

            world.In(world.Stall(TimeSpan.FromHours(60)), () => Write(run));
        });
    }

    private int[] ETags() => [.. Files.Select(file => file.ETag)];

    /// <summary>One file after the other; each may be the last before a crash.</summary>
    private void Write(Run run)
    {
        if (world.Crashes()) { return; }
        if (run.Noted.Count == Files.Length) { Finish(run); return; }

        if (Files[run.Noted.Count].Put(this, run.Content!, run.Tokens, run.ETags[run.Noted.Count]) is not { } noted) { Wake(); return; }

        run.Noted.Add(noted);
        world.In(world.Soon(), () => Write(run));
    }

    private void Finish(Run run)
    {
        if (run.StatusVersion != _statusVersion) { Wake(); return; }
        if (!_added.Equals(run.Content!.Added)) { (_added, _statusVersion) = (run.Content.Added, run.StatusVersion + 1); }

        // The ledger comes last: whoever finds a rotation in it knows that what was added is remembered.
        world.In(world.Soon(), () =>
        {
            if (world.Crashes()) { return; }

            for (var index = 0; index < Files.Length; index++) { Files[index].Note(run.Noted[index]); }
            world.Issuers.ForEach(issuer => { if (run.Tokens.Count > 0) { issuer.Wake(); } });
        });
    }

    /// <summary>What one run knows; gone when it crashes.</summary>
    private sealed record Run(SimBundle Bundle, ValueList<string> Kept, int StatusVersion, int[] Read)
    {
        public int[] ETags { get; set; } = Read;

        public BundleContent? Content { get; set; }

        public HashSet<string> Tokens { get; set; } = [];

        public List<Noted> Noted { get; } = [];
    }

    private (BundleContent Content, HashSet<string> Tokens) Gather(IReadOnlyList<string> kept)
    {
        var (anchors, named) = (new List<AnchorFacts>(), new List<AnchorFacts>());
        foreach (var source in sources)
        {
            if (!source.IsBad) { source.LastGood = Read(source); }
            if (source.IsBad && world.IsOff(Rule.R4_LastGoodContent)) { continue; }

            var ca = source.LastGood!;
            if (ca.Parent is not null && world.IsOff(Rule.R1_RootOfTheChain)) { anchors.Add(Anchor(ca)); continue; }
            if (source.InLine is null || ca.Parent is null) { anchors.Add(Anchor(ca.Root)); }
            if (ca.Parent is not null) { named.Add(Anchor(ca)); }
        }

        var content = BundlePolicy.Decide(new([.. anchors], [.. named]), IssuersFor(anchors), kept);
        if (world.IsOff(Rule.R4_ClosureDespiteABadSource) && sources.Any(source => source.IsBad)) { content = Only(anchors); }
        if (world.IsOff(Rule.R2_Closure) && anchors.Count > 0) { content = Only(anchors); }
        if (world.IsOff(Rule.R6_NoIntermediates)) { content = content with { Anchors = content.Anchors.Concat(named.Select(each => each.Thumbprint)).Distinct().Order(StringComparer.Ordinal).ToValueList() }; }

        return (content, [.. world.Issuers.Select(Token).OfType<string>()]);
    }

    private static BundleContent Only(List<AnchorFacts> anchors) => new(anchors.Select(each => each.Thumbprint).Distinct().Order(StringComparer.Ordinal).ToValueList(), [], [], []);

    private List<IssuerCas> IssuersFor(List<AnchorFacts> anchors)
    {
        var issuers = world.Issuers.Select(issuer => IssuerCas.Of(issuer.Name, issuer.Status)!);
        if (world.IsOff(Rule.R2_AnyKindOfSource) && anchors.Count > 0) { issuers = issuers.Where(each => sources.Any(source => source.Issuer == each.Issuer)); }
        if (world.IsOff(Rule.R3_AnyCertificateOfTheKey)) { issuers = issuers.Select(each => new IssuerCas(each.Issuer, ById(each.Pinned), each.Others.Select(ById).ToValueList())); }

        return [.. issuers];
    }

    private Ca Read(Source source) => source switch
    {
        { Issuer: { } issuer } => world.Issuers.Find(each => each.Name == issuer)!.Signer,
        { Certificate: { } certificate } => world.Vault[certificate][^1],
        _ => source.InLine!,
    };

    private AnchorFacts Anchor(Ca ca) => new(ca.Id, world.IsOff(Rule.R3_AnyCertificateOfTheKey) ? ca.Id : ca.Pinned.KeyHash);

    private static PinnedSigner ById(PinnedSigner signer) => signer with { KeyHash = signer.Thumbprint, RootKeyHash = signer.RootThumbprint };
}
