using System.Security.Cryptography;
using System.Text;

namespace CertFunctions.Core.Policy;

/// <summary>Names vault objects after Certificates, so that no two (namespace, secretName) pairs share one.</summary>
public static class VaultNames
{
    /// <summary>What Key Vault allows: 1 to 127 of <c>[0-9A-Za-z-]</c>, compared without case.</summary>
    public const int MaxLength = 127;

    private const int MaxEscapedNamespace = 50;
    private const int MaxEscapedSecretName = 57;

    /// <summary><c>{ns}--{secretName}</c> when both are plain, it fits, and is no name of an output; otherwise both escaped, <c>--</c> and 64 bits of a hash.</summary>
    /// <remarks>A plain form holds <c>--</c> once and an escaped form twice, so the two cannot meet.</remarks>
    public static string ObjectName(string ns, string secretName)
    {
        var plain = $"{ns}--{secretName}";
        if (IsPlain(ns) && IsPlain(secretName) && !OutputNames.EndsLikeOne(secretName) && plain.Length <= MaxLength) { return plain; }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{ns}/{secretName}")).AsSpan(0, 8));
        return $"{Escape(ns, MaxEscapedNamespace)}--{Escape(secretName, MaxEscapedSecretName)}--{hash}";
    }

    private static bool IsPlain(string text) =>
        text.Length > 0 && text[0] != '-' && text[^1] != '-' && !text.Contains("--", StringComparison.Ordinal) && text.All(IsPlain);

    private static bool IsPlain(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-';

    /// <summary>For people only: the hash tells names apart. Never empty, never with <c>--</c>.</summary>
    private static string Escape(string text, int maxLength)
    {
        var words = new string([.. text.ToLowerInvariant().Select(c => IsPlain(c) ? c : '-')]).Split('-', StringSplitOptions.RemoveEmptyEntries);
        var joined = string.Join('-', words);
        var cut = joined.Length <= maxLength ? joined : joined[..maxLength].TrimEnd('-');
        return cut.Length == 0 ? "x" : cut;
    }
}
