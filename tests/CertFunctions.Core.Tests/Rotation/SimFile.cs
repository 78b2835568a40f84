using CertFunctions.Core.Policy;

namespace CertFunctions.Core.Tests.Rotation;

/// <summary>What the ledger says of a file: of which version, since when it has held which CA by the store's clock, and of which rotations whoever wrote it knew.</summary>
internal sealed record Noted(int ETag, Dictionary<string, DateTimeOffset> Since, HashSet<string> Tokens);

/// <summary>One published file and its entry in the ledger.</summary>
internal sealed class SimFile(World world, string name)
{
    private Noted _ledger = new(-1, [], []);
    private DateTimeOffset _modified;

    public string Name => name;

    public Version? Current { get; private set; }

    public int ETag { get; private set; }

    /// <summary>Until when the store refuses it.</summary>
    public DateTimeOffset RefusedUntil { get; set; }

    private string? Problem { get; set; }

    /// <summary>Brings the file up to date. Null: somebody else wrote it, the run is stale.</summary>
    /// <param name="expected">The ETag that was read before anything else.</param>
    public Noted? Put(SimBundle bundle, BundleContent content, HashSet<string> tokens, int expected)
    {
        if (ETag != expected && !world.IsOff(Rule.R5_IfMatch)) { return null; }

        var anchors = content.Anchors.ToArray();
        var isKnown = _ledger.ETag == ETag;
        var isSame = Current is not null && Current.Anchors.AsSpan().SequenceEqual(anchors);
        var isFenced = tokens.Count == 0 || (isKnown && tokens.IsSubsetOf(_ledger.Tokens)) || world.IsOff(Rule.R5_HeldByARunThatKnewOfIt);
        if (isSame && isFenced) { Problem = null; return isKnown ? _ledger : new(ETag, Since(), []); }
        if (world.Now < RefusedUntil) { Problem = "refused"; return _ledger; }

        var before = Current is null ? [] : Since();
        _modified = world.IsOff(Rule.R7_StoresClock) ? world.AppNow : world.StoreNow;
        (ETag, Problem) = (ETag + 1, null);
        if (!isSame)
        {
            if (Current is not null) { Current.To = world.Now; }
            Current = new Version(bundle, name, anchors, world.Now);
            world.Versions.Add(Current);
            world.Tell(() => $"{name}: {Current.Key}");
        }

        return new(ETag, anchors.ToDictionary(id => id, id => before.GetValueOrDefault(id, _modified)), tokens);
    }

    public void Note(Noted noted) => _ledger = noted;

    public BundleHold Hold(string root, string? token)
    {
        var isKnown = world.IsOff(Rule.R5_HeldByARunThatKnewOfIt) || token is null || (_ledger.ETag == ETag && _ledger.Tokens.Contains(token));
        var holds = isKnown && Current!.Anchors.Contains(root);
        return new(name, holds ? Since().GetValueOrDefault(root) : null, world.IsOff(Rule.R7_StoresClock) ? world.AppNow : world.StoreNow, Problem);
    }

    /// <summary>Of a version that the ledger does not know, its own date.</summary>
    private Dictionary<string, DateTimeOffset> Since() => _ledger.ETag == ETag ? _ledger.Since : Current!.Anchors.ToDictionary(id => id, _ => _modified);
}
