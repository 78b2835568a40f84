namespace CertFunctions.Core.Pki;

/// <summary>Certificates put in order.</summary>
/// <param name="Chain">DER, leaf first, without a self-signed root (unless the leaf itself is one). Empty when there is a problem.</param>
/// <param name="Ca">The root-most certificate found, self-signed or not; null for a leaf alone.</param>
/// <param name="Root">The self-signed root, when it was among them.</param>
/// <param name="Problem">Null when all fit into one path.</param>
public sealed record ChainResult(IReadOnlyList<byte[]> Chain, byte[]? Ca, byte[]? Root, string? Problem);

/// <summary>The chain rule (cert-manager semantics §4.6): one path through all certificates given, in whatever order.</summary>
public static class Chains
{
    private const int MaxCertificates = 1000;

    // A real bundle needs one or two signature checks a certificate; only one made to burn time needs more.
    private const int ChecksPerCertificate = 4;

    /// <summary>Duplicates are dropped; a certificate that does not connect, or a choice of paths, is a problem.</summary>
    public static ChainResult Build(IEnumerable<byte[]> ders)
    {
        var distinct = new Dictionary<string, DerCertificate>();
        foreach (var der in ders)
        {
            if (DerCertificate.TryRead(der, out var unreadable) is not { } x509) { return Broken(unreadable!); }
            distinct.TryAdd(Convert.ToBase64String(der), x509);
            if (distinct.Count > MaxCertificates) { return Broken($"There are more than {MaxCertificates} certificates."); }
        }

        return distinct.Count == 0 ? Broken("There is no certificate.") : Walk([.. distinct.Values]);
    }

    private static ChainResult Walk(DerCertificate[] all)
    {
        var bySubject = all.ToLookup(x509 => Convert.ToBase64String(x509.Subject.Span));
        var parents = new Dictionary<DerCertificate, DerCertificate>();
        var selfSigned = new HashSet<DerCertificate>(all.Where(x509 => x509.IsSelfSigned));
        var checks = ChecksPerCertificate * all.Length;
        foreach (var child in all.Where(x509 => !selfSigned.Contains(x509)))
        {
            var candidates = bySubject[Convert.ToBase64String(child.Issuer.Span)].Where(other => other != child && MayHaveSigned(other, child)).ToArray();
            checks -= candidates.Length;
            if (checks < 0) { return Malformed(); }

            var found = candidates.Where(child.IsSignedBy).Take(2).ToArray();
            if (found.Length == 2) { return Malformed(); }
            if (found.Length == 1) { parents.Add(child, found[0]); }
        }

        var leaves = all.Except(parents.Values).Take(2).ToArray();
        if (leaves.Length != 1) { return Malformed(); }

        var path = new List<DerCertificate>();
        for (var next = leaves[0]; next is not null && path.Count <= all.Length; next = parents.GetValueOrDefault(next)) { path.Add(next); }

        return path.Count == all.Length ? Ordered(path, selfSigned) : Malformed();
    }

    /// <summary>Key ids, where both have one, tell without a signature check.</summary>
    private static bool MayHaveSigned(DerCertificate issuer, DerCertificate child) =>
        child.AuthorityKeyId is not { } aki || issuer.SubjectKeyId is not { } ski || aki.AsSpan().SequenceEqual(ski);

    private static ChainResult Ordered(List<DerCertificate> path, HashSet<DerCertificate> selfSigned)
    {
        var top = path[^1];
        var root = selfSigned.Contains(top) ? top.Der.ToArray() : null;
        var kept = path.Count > 1 && root is not null ? path.SkipLast(1) : path;
        return new ChainResult([.. kept.Select(x509 => x509.Der.ToArray())], path.Count > 1 ? top.Der.ToArray() : root, root, null);
    }

    private static ChainResult Malformed() => Broken("The certificate chain is malformed or broken.");

    private static ChainResult Broken(string problem) => new([], null, null, problem);
}
