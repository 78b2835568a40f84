using CertFunctions.Core.Resources;

namespace CertFunctions.App.Api.Lists;

/// <summary>Labels as listing metadata holds them, so that selecting by label reads no resource. Few and short ones only: metadata is small.</summary>
public static class ListedLabels
{
    /// <summary>The metadata key.</summary>
    public const string Key = "labels";

    private const int Longest = 700;
    private const string TooLong = "*";

    /// <summary><c>a=b,c=d</c>: no label holds either sign.</summary>
    public static string Write(ValueMap? labels)
    {
        var text = string.Join(',', (labels ?? ValueMap.Empty).Select(pair => $"{pair.Key}={pair.Value}"));
        return text.Length > Longest ? TooLong : text;
    }

    /// <summary>Null when the resource must be read: too long, or written before labels were listed.</summary>
    public static ValueMap? TryRead(ValueMap metadata) => metadata.Find(Key) switch
    {
        null or TooLong => null,
        "" => ValueMap.Empty,
        var text => ValueMap.From(text.Split(',').Select(each => each.Split('=', 2)).Select(pair => new KeyValuePair<string, string>(pair[0], pair[1]))),
    };
}
