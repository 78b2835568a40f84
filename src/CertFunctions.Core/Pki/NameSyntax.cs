using System.Buffers;

namespace CertFunctions.Core.Pki;

/// <summary>Which texts can be names in a certificate. All are ASCII there (IA5String).</summary>
internal static class NameSyntax
{
    public const int MaxDnsName = 253;
    public const int MaxMailbox = 254;
    public const int MaxUri = 2048;

    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<char> HostLetters = SearchValues.Create(LettersAndDigits + "-_.");
    private static readonly SearchValues<char> MailboxLetters = SearchValues.Create(LettersAndDigits + "!#$%&'*+-/=?^_`{|}~.");
    private static readonly SearchValues<char> SchemeLetters = SearchValues.Create(LettersAndDigits + "+-.");
    private static readonly SearchValues<char> UriLetters = SearchValues.Create(LettersAndDigits + "-._~:/?#[]@!$&'()*+,;=%");

    /// <summary>Visible ASCII: more is not asked of a DNS name, as in cert-manager; wildcards and underscores pass.</summary>
    public static bool IsVisibleAscii(string text) => text.Length > 0 && text.All(c => c is > ' ' and < (char)0x7f);

    /// <summary>Local part and domain, both dot-atoms (RFC 5322 §3.4.1), without a display name, quotes or comments.</summary>
    public static bool IsMailbox(string text)
    {
        var at = text.LastIndexOf('@');
        return text.Length <= MaxMailbox && at > 0 && IsDotted(text.AsSpan(0, at), MailboxLetters) && IsDotted(text.AsSpan(at + 1), HostLetters);
    }

    /// <summary>Absolute (RFC 3986 §4.3, RFC 5280 §4.2.1.6): a scheme and something behind it.</summary>
    public static bool IsUri(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return text.Length <= MaxUri && colon > 0 && colon + 1 < text.Length
            && char.IsAsciiLetter(text[0]) && !text.AsSpan(0, colon).ContainsAnyExcept(SchemeLetters)
            && !text.AsSpan().ContainsAnyExcept(UriLetters) && EscapesAreWhole(text)
            && Uri.TryCreate(text, UriKind.Absolute, out _);
    }

    /// <summary>A domain, with a leading dot if need be, as name constraints have it: no wildcard, for what is below is meant anyway.</summary>
    public static bool IsDomain(string text) => IsHost(text.StartsWith('.') ? text[1..] : text);

    public static bool IsHost(string text) => text.Length <= MaxDnsName && IsDotted(text, HostLetters);

    private static bool IsDotted(ReadOnlySpan<char> text, SearchValues<char> letters) =>
        !text.IsEmpty && !text.ContainsAnyExcept(letters) && text[0] != '.' && text[^1] != '.' && text.IndexOf("..") < 0;

    private static bool EscapesAreWhole(string text)
    {
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', at + 1))
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2])) { return false; }
        }

        return true;
    }
}
