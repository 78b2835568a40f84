using CertFunctions.Core.Ports;

namespace CertFunctions.App.Api.Watches;

/// <summary>All resources of a kind at one moment, in order of names, as listed.</summary>
public sealed class Snapshot(IReadOnlyList<ObjectEntry> entries)
{
    public static Snapshot Empty { get; } = new([]);

    public IReadOnlyList<ObjectEntry> Entries => entries;

    public bool IsSame(Snapshot other) =>
        entries.Count == other.Entries.Count && entries.Zip(other.Entries).All(pair => pair.First.Name == pair.Second.Name && pair.First.ETag == pair.Second.ETag);

    /// <summary>What happened from <paramref name="from"/> to <paramref name="to"/>; both are sorted, so one walk tells.</summary>
    public static IEnumerable<Change> Changes(Snapshot from, Snapshot to)
    {
        var (before, after) = (0, 0);
        while (before < from.Entries.Count || after < to.Entries.Count)
        {
            var order = before == from.Entries.Count ? 1
                : after == to.Entries.Count ? -1
                : string.CompareOrdinal(from.Entries[before].Name, to.Entries[after].Name);
            if (order < 0) { yield return new(from.Entries[before++], After: null); }
            else if (order > 0) { yield return new(Before: null, to.Entries[after++]); }
            else
            {
                if (from.Entries[before].ETag != to.Entries[after].ETag) { yield return new(from.Entries[before], to.Entries[after]); }
                (before, after) = (before + 1, after + 1);
            }
        }
    }
}

/// <param name="Before">Null: it was not there.</param>
/// <param name="After">Null: it is gone.</param>
public sealed record Change(ObjectEntry? Before, ObjectEntry? After)
{
    public ObjectEntry Entry => After ?? Before!;
}
