using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CertFunctions.LocalVault;

/// <summary>Key Vault's limits on names, values and tags, and ids for what is stored.</summary>
internal static partial class Rules
{
    private const int LongestValue = 25 * 1024;
    private const long LatestTime = 253_402_300_799;
    private const int MostTags = 15;
    private const int LongestTag = 256;
    private const int LongestContentType = 255;

    public static void CheckName(string name)
    {
        if (!ObjectName().IsMatch(name))
        {
            throw VaultException.BadParameter($"The request URI contains an invalid name: {name}");
        }
    }

    public static void CheckValue(string value)
    {
        if (Encoding.UTF8.GetByteCount(value) > LongestValue)
        {
            throw VaultException.BadParameter("Secret value is too large: the maximum is 25 KB.");
        }
    }

    public static void CheckContentType(string? contentType)
    {
        if (contentType?.Length > LongestContentType) { throw VaultException.BadParameter($"The content type has at most {LongestContentType} characters."); }
    }

    public static string? CheckTags(Dictionary<string, string>? tags)
    {
        if (tags is null)
        {
            return null;
        }

        if (tags.Count > MostTags)
        {
            throw VaultException.BadParameter($"Too many tags: the maximum is {MostTags}.");
        }

        if (tags.Any(tag => tag.Key.Length > LongestTag || tag.Value is null || tag.Value.Length > LongestTag))
        {
            throw VaultException.BadParameter($"A tag's name and value have at most {LongestTag} characters.");
        }

        return JsonSerializer.Serialize(tags, WireJson.Default.DictionaryStringString);
    }

    public static Dictionary<string, string>? ReadTags(string? json) =>
        json is null ? null : JsonSerializer.Deserialize(json, WireJson.Default.DictionaryStringString);

    public static void CheckTimes(Attributes? attributes)
    {
        if (attributes?.NotBefore is < 0 or > LatestTime || attributes?.Expires is < 0 or > LatestTime)
        {
            throw VaultException.BadParameter("A time (nbf, exp) is in seconds since 1970, and before the year 10000.");
        }

        if (attributes is { NotBefore: { } nbf, Expires: { } exp } && nbf >= exp)
        {
            throw VaultException.BadParameter("The expiry (exp) must be after the activation (nbf).");
        }
    }

    public static string NewVersion() =>
        Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));

    [GeneratedRegex("^[0-9a-zA-Z-]{1,127}\\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ObjectName();
}
