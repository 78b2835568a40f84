using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace CertFunctions.Core.Policy;

/// <summary>Names of vault objects: from namespace and secret name, without two pairs ever meeting (design §3).</summary>
public static partial class VaultNames
{
    private const int Longest = 127;
    private const int HashDigits = 16;

    /// <summary><c>{ns}--{secretName}</c> when both are plain; otherwise an escaped form that ends in <c>--</c> and 16 hex digits of SHA-256.</summary>
    /// <remarks><c>--</c> never occurs inside a plain part, so the two forms cannot meet: the escaped one holds two of it.</remarks>
    public static string ObjectName(string ns, string secretName)
    {
        var plain = $"{ns}--{secretName}";
        if (Plain().IsMatch(ns) && Plain().IsMatch(secretName) && plain.Length <= Longest) { return plain; }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{ns}/{secretName}")))[..HashDigits];
        var readable = NotPlain().Replace($"{ns}-{secretName}".ToLowerInvariant(), "-").Trim('-');
        var room = Longest - HashDigits - 4;
        return $"x--{(readable.Length > room - 1 ? readable[..(room - 1)].TrimEnd('-') : readable)}--{hash}";
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Plain();

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex NotPlain();
}
