using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>A certificate as far as bundles are decided by it.</summary>
/// <param name="Thumbprint">SHA-256 of the certificate, lower-case hex.</param>
/// <param name="KeyHash">SHA-256 of SubjectPublicKeyInfo, lower-case hex.</param>
public sealed record AnchorFacts(string Thumbprint, string KeyHash);

/// <summary>What the sources of a Bundle amount to by themselves.</summary>
/// <param name="Anchors">What they publish: self-signed CA certificates.</param>
/// <param name="Named">What they hold besides and what is not published, such as intermediates: it names their issuer all the same.</param>
public sealed record SourcesFacts(ValueList<AnchorFacts> Anchors, ValueList<AnchorFacts> Named);

/// <summary>The CAs of one <c>ca</c> issuer: pinned, next and retiring.</summary>
/// <param name="Issuer">For people.</param>
/// <param name="Rotation">Names the rotation under way (<see cref="RotationStatus.Fence"/>); null: there is none.</param>
public sealed record IssuerCas(string Issuer, PinnedSigner Pinned, ValueList<PinnedSigner> Others, string? Rotation = null)
{
    /// <summary>How issuers are named here, in sources and in fences alike.</summary>
    public static string NameOf(string kind, ResourceName name) => $"{kind} {name}";

    public IEnumerable<PinnedSigner> All => [Pinned, .. Others];

    /// <summary>Null while nothing is pinned.</summary>
    public static IssuerCas? Of(string issuer, IssuerStatus? status) => status?.Pinned is { } pinned
        ? new(issuer, pinned, [.. status.Rotation?.Next is { } next ? [next] : (PinnedSigner[])[], .. (status.Retiring ?? []).Select(each => each.Signer)], status.Rotation?.Fence(issuer))
        : null;
}

/// <summary>Which anchors a Bundle publishes.</summary>
/// <param name="Anchors">SHA-256 of the certificates, sorted.</param>
/// <param name="Added">Those among them that no source gave when they came: kept in the status.</param>
/// <param name="Unnamed">Those that no source gives and that an issuer signs under for good: the owner should name them.</param>
/// <param name="WithoutRoot">Issuers that belong here and whose root nobody knows.</param>
public sealed record BundleContent(ValueList<string> Anchors, ValueList<string> Added, ValueList<string> Unnamed, ValueList<string> WithoutRoot);

/// <summary>Decides which CAs are published together (ca-rotation 1 to 3, 6): the sources, and whatever the issuers that they name need besides.</summary>
public static class BundlePolicy
{
    /// <param name="kept">What was added before (<see cref="BundleStatus.Added"/>): it stays while the chain of any issuer ends in it.</param>
    public static BundleContent Decide(SourcesFacts sources, IReadOnlyList<IssuerCas> issuers, IReadOnlyList<string> kept)
    {
        var own = sources.Anchors.Select(each => each.Thumbprint).ToHashSet(StringComparer.Ordinal);
        var anchors = new SortedSet<string>(own, StringComparer.Ordinal);
        var keys = sources.Anchors.Concat(sources.Named).Select(each => each.KeyHash).ToHashSet(StringComparer.Ordinal);
        foreach (var signer in issuers.SelectMany(issuer => issuer.All).Where(signer => signer.RootThumbprint is { } root && kept.Contains(root))) { Take(signer, anchors, keys); }

        // Each round may name further issuers; it ends, for nothing is ever taken away.
        for (var known = -1; known != anchors.Count + keys.Count;)
        {
            known = anchors.Count + keys.Count;
            foreach (var signer in issuers.Where(issuer => IsNamed(issuer, keys)).SelectMany(issuer => issuer.All)) { Take(signer, anchors, keys); }
        }

        var added = anchors.Where(each => !own.Contains(each) || kept.Contains(each)).ToValueList();   // a source may give it for a while only: what a Certificate holds changes
        var forGood = issuers.Select(issuer => issuer.Pinned.RootThumbprint).ToHashSet(StringComparer.Ordinal);
        return new(
            anchors.ToValueList(),
            added,
            added.Where(each => forGood.Contains(each) && !own.Contains(each)).ToValueList(),
            issuers.Where(issuer => IsNamed(issuer, keys) && issuer.All.Any(signer => signer.RootThumbprint is null)).Select(issuer => issuer.Issuer).ToValueList());
    }

    private static bool IsNamed(IssuerCas issuer, HashSet<string> keys) =>
        issuer.All.Any(signer => keys.Contains(signer.KeyHash) || (signer.RootKeyHash is { } root && keys.Contains(root)));

    /// <summary>The root, never the intermediate: as a sole anchor that is refused by OpenSSL and .NET, and once expired it breaks them beside its root.</summary>
    private static void Take(PinnedSigner signer, SortedSet<string> anchors, HashSet<string> keys)
    {
        keys.Add(signer.KeyHash);
        if (signer.RootKeyHash is { } key) { keys.Add(key); }
        if (signer.RootThumbprint is { } root) { anchors.Add(root); }
    }
}
