namespace CertFunctions.Core.Tests.Rotation;

/// <summary>What verifiers do, by identity (the table of ca-rotation.md): an anchor verifies a chain that its key signed, under the name and key id that the chain asks for, until it expires.</summary>
internal sealed class Verifier(IReadOnlyDictionary<string, Ca> cas)
{
    private readonly Dictionary<(string Anchors, string Signer), DateTimeOffset?> _known = [];

    /// <summary>Until when clients with these anchors accept what this CA signed, as far as that hangs on CAs; null: never.</summary>
    public DateTimeOffset? Until(Version version, Ca signer)
    {
        if (!_known.TryGetValue((version.Key, signer.Id), out var until)) { _known.Add((version.Key, signer.Id), until = Find(version.Anchors, signer)); }

        return until;
    }

    private DateTimeOffset? Find(string[] anchors, Ca signer)
    {
        DateTimeOffset? until = null;
        var top = signer.Root.Pinned;
        foreach (var anchor in anchors.Select(id => cas[id]).Where(each => each.Parent is null))
        {
            var (has, asked) = (anchor.Pinned, top);
            if (has.KeyHash == asked.KeyHash && has.SubjectHash == asked.SubjectHash && has.SubjectKeyId == asked.SubjectKeyId && (until is null || has.NotAfter > until)) { until = has.NotAfter; }
        }

        for (var each = signer; each.Parent is not null; each = each.Parent) { until = Earlier(until, each.NotAfter); }

        // An intermediate among the anchors is of no use, and once expired it stands in the way of the one that is served (rule 6).
        foreach (var anchor in anchors.Select(id => cas[id]).Where(each => each.Parent is not null && each.Pinned.SubjectHash == signer.Pinned.SubjectHash && each.Key == signer.Key)) { until = Earlier(until, anchor.NotAfter); }

        return until;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset other) => one < other ? one : one is null ? null : other;
}

/// <summary>The one thing that must always hold: whoever used a bundle that was current at most P ago verifies whatever may be served.</summary>
internal static class Invariant
{
    /// <summary>Null, or who refuses what and when.</summary>
    public static string? Violation(World world)
    {
        var verifier = new Verifier(world.Cas);
        foreach (var leaf in world.Leaves)
        {
            foreach (var version in world.Versions)
            {
                if (!version.Bundle.Covers.Contains(leaf.Issuer)) { continue; }

                var from = Later(version.From, leaf.From);
                var to = Earlier(Earlier(version.To == DateTimeOffset.MaxValue ? world.Now : version.To + world.Pace.Propagation, world.Now), Earlier(leaf.To, leaf.NotAfter));
                if (from >= to) { continue; }

                var until = verifier.Until(version, leaf.Signer);
                if (until is null || until < to)
                {
                    return $"at {Later(from, until ?? from):u} a client with {version.File} of {version.From:u} [{version.Key}], current until {version.To:u}, refuses {leaf.Id} of {leaf.Certificate ?? "a person"} by {leaf.Signer.Id} "
                        + $"under {leaf.Signer.Root.Id} (issuer {leaf.Issuer}), served {leaf.From:u} to {leaf.To:u}, ends {leaf.NotAfter:u}";
                }
            }
        }

        return null;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
