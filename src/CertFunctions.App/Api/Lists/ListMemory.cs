using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Api.Lists;

/// <summary>Gives a list its resourceVersion, and knows for a while which resources it held, so that a watch begins where the list ended.</summary>
/// <remarks>The version is a hash of names and versions: any instance of the app can tell whether anything changed since, this one also what.</remarks>
public sealed class ListMemory
{
    private const int MostEntries = 20_000;

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Version, IReadOnlyList<ObjectEntry> Entries)> _lists = [];

    /// <summary>The version of a whole selection, in order of names.</summary>
    public static string VersionOf(IEnumerable<ObjectEntry> entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in entries) { hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name}\n{entry.ETag.Value}\n")); }

        // Decimal, as Kubernetes' own; and greater than any that the store will ever count to.
        return (BinaryPrimitives.ReadUInt64BigEndian(hash.GetHashAndReset()) | (1UL << 63)).ToString(CultureInfo.InvariantCulture);
    }

    public string Remember(IReadOnlyList<ObjectEntry> entries)
    {
        var version = VersionOf(entries);
        if (entries.Count > MostEntries) { return version; }

        lock (_gate)
        {
            if (_lists.First?.Value.Version == version) { return version; }

            _lists.AddFirst((version, [.. entries.Select(Short)]));
            for (var total = _lists.Sum(list => list.Entries.Count + 1); total > MostEntries; total -= 1)
            {
                total -= _lists.Last!.Value.Entries.Count;
                _lists.RemoveLast();
            }
        }

        return version;
    }

    /// <summary>What a DELETED event must tell, and no more: lists are many.</summary>
    private static ObjectEntry Short(ObjectEntry entry) => entry with { Metadata = ValueMap.Empty.With("uid", entry.Metadata.Find("uid") ?? "") };

    /// <summary>Null when it was forgotten, or was another instance's.</summary>
    public IReadOnlyList<ObjectEntry>? Find(string version)
    {
        lock (_gate) { return _lists.FirstOrDefault(list => list.Version == version).Entries; }
    }
}
