using System.Buffers;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Ports;

/// <summary>What <see cref="IObjectStore"/> accepts. Every adapter asks here, so that what a laptop stores, Azure stores too.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata</remarks>
public static class ObjectRules
{
    public const int LongestName = 900;

    public const int MostMetadata = 4096;

    public const int LargestPage = 5000;

    private const int MostSegments = 254;

    private static readonly SearchValues<char> Printable = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code)]);
    private static readonly SearchValues<char> KeyLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    /// <summary>Whether something may be stored under this name; what may not is never found.</summary>
    public static bool IsName(string name)
    {
        if (name.Length is 0 or > LongestName || name[0] == ' ' || name.AsSpan().ContainsAnyExcept(Printable) || name.Contains('\\', StringComparison.Ordinal)) { return false; }

        var segments = name.Split('/');
        return segments.Length <= MostSegments && segments.All(segment => segment.Length > 0 && segment[^1] is not ('.' or ' '));
    }

    /// <summary>Throws <see cref="ArgumentException"/> for what must not be written; a mistake of the caller, never of a user.</summary>
    public static void CheckWrite(string name, ValueMap metadata)
    {
        if (!IsName(name))
        {
            throw new ArgumentException(
                $"An object's name has 1 to {LongestName} printable ASCII characters and no backslash; its segments are not empty and end in neither dot nor space: '{name}'.", nameof(name));
        }

        foreach (var (key, value) in metadata)
        {
            if (!IsKey(key)) { throw new ArgumentException($"A metadata key has lower-case letters and digits, a letter first: '{key}'.", nameof(metadata)); }
            if (value.AsSpan().ContainsAnyExcept(Printable)) { throw new ArgumentException($"The metadata value of '{key}' is not printable ASCII.", nameof(metadata)); }
        }

        if (metadata.Sum(pair => pair.Key.Length + pair.Value.Length) > MostMetadata)
        {
            throw new ArgumentException($"The metadata of '{name}' exceeds {MostMetadata} bytes.", nameof(metadata));
        }
    }

    public static void CheckPageSize(int pageSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageSize, LargestPage);
    }

    private static bool IsKey(string key) =>
        key.Length > 0 && char.IsAsciiLetterLower(key[0]) && !key.AsSpan().ContainsAnyExcept(KeyLetters);
}
