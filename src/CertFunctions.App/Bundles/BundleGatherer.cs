using System.Security.Cryptography;
using System.Text.Json;
using CertFunctions.App.Api;
using CertFunctions.App.Bundles.Publishing;
using CertFunctions.App.Bundles.Sources;
using CertFunctions.App.Issuers.Rotation;
using CertFunctions.Core.Pki.Trust;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Bundles;

/// <summary>Reads everything that a Bundle is made of, lets <see cref="BundlePolicy"/> decide, and lays the content ready under its hash.</summary>
public sealed class BundleGatherer(IObjectStore objects, IBundleStore published, BundleSources sources, IssuerSources ours, CaIssuers issuers, CaRoots roots, TimeProvider time)
{
    private const int MostBytes = 1 << 20;

    private static readonly BundleContent None = new([], [], [], []);

    public async Task<BundleFacts> GatherAsync(Stored<Bundle> read, CancellationToken cancellationToken)
    {
        var bundle = read.Resource;
        ValueList<BundleFile> files;
        try { files = await FilesAsync(bundle, cancellationToken); }   // before anything else: what is written later is conditional on it (ca-rotation 5)
        catch (ObjectStoreException refused) { return Unreachable(read, refused); }

        var all = await issuers.ListAsync(cancellationToken);
        var found = await ReadAsync(bundle, all, cancellationToken);

        var (anchors, leftOut) = Anchors(bundle.Spec, found.Certificates);
        var facts = new SourcesFacts([.. anchors.Select(Facts)], [.. found.Certificates.Except(anchors).Select(Facts)]);
        var content = BundlePolicy.Decide(facts, all, bundle.Status?.Added ?? []);
        var (certificates, lost) = await ResolveAsync(content, anchors, cancellationToken);

        var hasFile = files.Any(each => each.Name == PublishedNames.Pem && each.ETag is not null);
        var nothing = found.IsIncomplete && !hasFile ? new Reason(BundleConditions.SourceNotFound, string.Join("; ", found.Problems))
            : lost is not null ? new Reason(BundleConditions.SourceBuildError, lost)
            : certificates.Count == 0 ? new Reason(found.Problems.Count > 0 ? BundleConditions.SourceNotFound : BundleConditions.SourceBuildError, Empty(found.Problems, leftOut))
            : null;
        var pem = nothing is null ? TrustFiles.Pem(certificates) : default;
        if (pem.Length > MostBytes) { nothing = new Reason(BundleConditions.SourceBuildError, $"The bundle would have {pem.Length} bytes; at most {MostBytes} are published."); }

        string? hash = null;
        try { hash = nothing is null ? await LayReadyAsync(bundle.Metadata.Name, pem, cancellationToken) : null; }
        catch (ObjectStoreException refused) { nothing = new Reason(BundleConditions.PublishFailed, refused.Message); }

        return new BundleFacts(
            read.Version.Value, bundle.Metadata.Generation, bundle.Status, files, hash,
            certificates.Count, certificates.Count == 0 ? null : certificates.Min(each => each.NotAfter), found.DefaultCAVersion,
            nothing is null ? content : None with { Added = bundle.Status?.Added ?? [] }, [.. found.Problems], [.. leftOut], nothing,
            $"{published.Location}/{PublishedNames.Current(bundle.Metadata.Name, PublishedNames.Pem)}",
            [.. all.Select(each => each.Rotation).OfType<string>().Order(StringComparer.Ordinal)]);
    }

    private static BundleFacts Unreachable(Stored<Bundle> read, ObjectStoreException refused) => new(
        read.Version.Value, read.Resource.Metadata.Generation, read.Resource.Status, [], Hash: null, Certificates: 0, EarliestExpiry: null, DefaultCAVersion: null,
        None with { Added = read.Resource.Status?.Added ?? [] }, [], [], new Reason(BundleConditions.PublishFailed, refused.Message), "", []);

    private async Task<ValueList<BundleFile>> FilesAsync(Bundle bundle, CancellationToken cancellationToken)
    {
        var files = new List<BundleFile>();
        foreach (var file in BundleFiles.All)
        {
            files.Add(new(file, (await published.FindAsync(PublishedNames.Current(bundle.Metadata.Name, file), cancellationToken))?.ETag.Value));
        }

        return [.. files];
    }

    private async Task<Found> ReadAsync(Bundle bundle, IReadOnlyList<IssuerCas> all, CancellationToken cancellationToken)
    {
        var found = new Found([], [], IsIncomplete: false, DefaultCAVersion: null);
        for (var index = 0; index < bundle.Spec.Sources.Count; index++)
        {
            var source = bundle.Spec.Sources[index];
            var content = source is { Issuer: null, Certificate: null } ? await sources.ReadAsync(source, cancellationToken) : await ours.ReadAsync(source, all, cancellationToken);
            var kept = content.Problem is null ? content.Certificates : await LastGoodAsync(bundle, source, cancellationToken);
            if (content.Problem is { } problem) { found.Problems.Add($"sources[{index}] {problem}"); }
            else if (source.InLine is null) { await KeepAsync(bundle, source, content.Certificates, cancellationToken); }

            found.Certificates.AddRange(kept ?? []);
            found = found with { IsIncomplete = found.IsIncomplete || kept is null, DefaultCAVersion = content.DefaultCAVersion ?? found.DefaultCAVersion };
        }

        return found;
    }

    /// <summary>What may be published, and why the rest may not.</summary>
    private (List<CaCertificate> Anchors, List<string> LeftOut) Anchors(BundleSpec spec, IReadOnlyList<CaCertificate> certificates)
    {
        var now = time.GetUtcNow();
        var anchors = new List<CaCertificate>();
        var leftOut = new List<string>();
        foreach (var certificate in certificates.DistinctBy(each => each.Thumbprint))
        {
            if (certificate.WhyNotAnchor(spec.FilterExpired is true ? now : null) is { } why) { leftOut.Add(why); } else { anchors.Add(certificate); }
        }

        return (anchors, leftOut);
    }

    private async Task<(IReadOnlyList<CaCertificate> Certificates, string? Lost)> ResolveAsync(BundleContent content, IReadOnlyList<CaCertificate> anchors, CancellationToken cancellationToken)
    {
        var known = anchors.ToDictionary(each => each.Thumbprint);
        foreach (var thumbprint in content.Anchors.Where(each => !known.ContainsKey(each)))
        {
            if (await roots.FindAsync(thumbprint, cancellationToken) is not { } root) { return ([], $"The root {thumbprint} that an issuer's status names is not kept anywhere."); }
            known.Add(thumbprint, root);
        }

        return (TrustFiles.Sorted(known.Values), null);
    }

    private async Task<string> LayReadyAsync(string bundle, ReadOnlyMemory<byte> pem, CancellationToken cancellationToken)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(pem.Span));
        var name = PublishedNames.Version(bundle, PublishedNames.Pem, hash);
        if (await published.FindAsync(name, cancellationToken) is null) { await published.PutAsync(name, pem, ValueMap.Empty, expected: null, cancellationToken); }

        return hash;
    }

    private async Task<IReadOnlyList<CaCertificate>?> LastGoodAsync(Bundle bundle, BundleSource source, CancellationToken cancellationToken) =>
        await objects.FindAsync(Name(bundle, source), cancellationToken) is { } kept ? TrustPem.Read(kept.Content, MostBytes).Certificates : null;

    private async Task KeepAsync(Bundle bundle, BundleSource source, IReadOnlyList<CaCertificate> certificates, CancellationToken cancellationToken)
    {
        var pem = TrustFiles.Pem(certificates);
        var kept = await objects.FindAsync(Name(bundle, source), cancellationToken);
        if (kept is null) { await objects.PutIfAbsentAsync(Name(bundle, source), pem, cancellationToken); }
        else if (!kept.Content.Span.SequenceEqual(pem.Span)) { await objects.PutIfMatchAsync(kept.Name, pem, kept.ETag, cancellationToken); }
    }

    private static string Name(Bundle bundle, BundleSource source) =>
        $"bundles/{bundle.Metadata.Uid}/sources/{Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(source, ResourceJson.Default.BundleSource)))}";

    private static string Empty(IReadOnlyList<string> problems, IReadOnlyList<string> leftOut) => problems.Count > 0
        ? string.Join("; ", problems)
        : leftOut.Count > 0 ? $"Nothing is left to publish: {string.Join("; ", leftOut.Take(5))}" : "The sources hold no CA certificate; an empty bundle is never published.";

    private static AnchorFacts Facts(CaCertificate certificate) => new(certificate.Thumbprint, certificate.KeyHash);

    /// <param name="IsIncomplete">A source has never been read.</param>
    private sealed record Found(List<CaCertificate> Certificates, List<string> Problems, bool IsIncomplete, string? DefaultCAVersion);
}
