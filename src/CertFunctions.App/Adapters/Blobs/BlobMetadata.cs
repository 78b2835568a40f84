using System.Text;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Adapters.Blobs;

/// <summary>Metadata as HTTP headers keep it: <c>~_</c> is a space at an edge or after another, <c>~.</c> an empty value, <c>~~</c> a tilde.</summary>
/// <remarks>
/// The service trims header values, and the signature no longer matches (azure-sdk-for-net#28485). At most two characters stand for one, so 4 KiB fit into the
/// service's 8. Keys need nothing.
/// </remarks>
internal static class BlobMetadata
{
    public static Dictionary<string, string> Encode(ValueMap metadata) => metadata.ToDictionary(pair => pair.Key, pair => Encode(pair.Value));

    public static ValueMap Decode(IEnumerable<KeyValuePair<string, string>>? metadata) =>
        ValueMap.From((metadata ?? []).Select(pair => KeyValuePair.Create(pair.Key.ToLowerInvariant(), Decode(pair.Value))));

    private static string Encode(string value)
    {
        if (value.Length == 0) { return "~."; }

        var encoded = new StringBuilder(value.Length);
        for (var index = 0; index < value.Length; index++)
        {
            var isExposed = index == 0 || index == value.Length - 1 || value[index - 1] == ' ';
            encoded.Append(value[index] switch { '~' => "~~", ' ' when isExposed => "~_", var plain => plain.ToString() });
        }

        return encoded.ToString();
    }

    private static string Decode(string value)
    {
        if (!value.Contains('~', StringComparison.Ordinal)) { return value; }

        var decoded = new StringBuilder(value.Length);
        for (var index = 0; index < value.Length; index++)
        {
            if (value[index] != '~' || index == value.Length - 1) { decoded.Append(value[index]); continue; }

            decoded.Append(value[++index] switch { '_' => " ", '.' => "", var plain => plain.ToString() });
        }

        return decoded.ToString();
    }
}
