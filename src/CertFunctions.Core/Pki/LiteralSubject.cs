using System.Text;

namespace CertFunctions.Core.Pki;

/// <summary>One attribute of a name.</summary>
/// <param name="Type">Dotted OID.</param>
internal readonly record struct NameAttribute(string Type, string Value);

/// <summary>Reads a subject written as text (RFC 4514), as cert-manager does: RDNs apart at ',' or ';', '+' inside one, '\' before what would mean something.</summary>
internal static class LiteralSubject
{
    public const int MaxLength = 4096;
    public const int MaxAttributes = 64;

    private const string Escapable = " \"#+,;<=>\\";
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The RDNs in the order of the certificate, which is the reverse of the order written; null, and what is wrong, when it is no such text.</summary>
    /// <remarks>Time grows with the length, which is bounded.</remarks>
    public static IReadOnlyList<IReadOnlyList<NameAttribute>>? TryParse(string text, out string? problem)
    {
        if (text.Length > MaxLength) { problem = $"must have at most {MaxLength} characters"; return null; }

        var rdns = new List<IReadOnlyList<NameAttribute>>();
        var rdn = new List<NameAttribute>();
        var count = 0;
        var start = 0;
        while (start <= text.Length)
        {
            var end = EndOfAttribute(text, start);
            if (Read(text.AsSpan(start, end - start), out problem) is not { } attribute) { return null; }
            if (++count > MaxAttributes) { problem = $"must have at most {MaxAttributes} attributes"; return null; }

            rdn.Add(attribute);
            if (end == text.Length || text[end] != '+') { rdns.Add(rdn); rdn = []; }
            start = end + 1;
        }

        problem = null;
        rdns.Reverse();
        return rdns;
    }

    private static int EndOfAttribute(string text, int start)
    {
        var at = start;
        while (at < text.Length && text[at] is not (',' or ';' or '+')) { at += text[at] == '\\' ? 2 : 1; }
        return Math.Min(at, text.Length);
    }

    private static NameAttribute? Read(ReadOnlySpan<char> text, out string? problem)
    {
        var equals = text.IndexOf('=');
        if (equals < 0) { problem = "must be attributes of the form key=value, apart at ',' or '+'"; return null; }

        var key = text[..equals].Trim(' ').ToString();
        var type = AttributeTypes.Keys.GetValueOrDefault(key) ?? (AttributeTypes.IsOid(key) ? key : null);
        if (type is null)
        {
            problem = $"\"{Shown(key)}\" is no attribute type: use {string.Join(", ", AttributeTypes.Keys.Keys.Order(StringComparer.Ordinal))} (upper case) or a dotted OID";
            return null;
        }

        var value = Unescape(Trim(text[(equals + 1)..]), out problem);
        if (value is null) { return null; }
        if (value.Length == 0) { problem = $"{key} must have a value"; }
        else if (!DistinguishedNames.IsText(value)) { problem = $"{key} must hold no control characters and none beyond U+FFFF"; }

        return problem is null ? new NameAttribute(type, value) : null;
    }

    /// <summary>Spaces around a value mean nothing, except a last one that is escaped.</summary>
    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> value)
    {
        value = value.TrimStart(' ');
        var trimmed = value.TrimEnd(' ');
        var backslashes = trimmed.Length - trimmed.TrimEnd('\\').Length;
        return backslashes % 2 == 1 && trimmed.Length < value.Length ? value[..(trimmed.Length + 1)] : trimmed;
    }

    private static string? Unescape(ReadOnlySpan<char> text, out string? problem)
    {
        problem = null;
        if (text.StartsWith("#")) { problem = "values in hexadecimal (#…) are not supported; write \\# for a number sign in front"; return null; }

        var octets = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '"' or '<' or '>') { problem = $"'{text[i]}' must be written as \\{text[i]}"; return null; }
            if (text[i] != '\\') { AddUtf8(octets, text[i]); continue; }

            var next = i + 1 < text.Length ? text[i + 1] : '\0';
            if (Escapable.Contains(next, StringComparison.Ordinal)) { octets.Add((byte)next); i++; }
            else if (i + 2 < text.Length && char.IsAsciiHexDigit(next) && char.IsAsciiHexDigit(text[i + 2])) { octets.AddRange(Convert.FromHexString(text.Slice(i + 1, 2))); i += 2; }
            else { problem = "after '\\' must come one of the characters \" # + , ; < = > \\ or space, or two hexadecimal digits"; return null; }
        }

        try { return Utf8.GetString([.. octets]); }
        catch (ArgumentException) { problem = "must be UTF-8"; return null; }
    }

    private static void AddUtf8(List<byte> octets, char c)
    {
        Span<byte> buffer = stackalloc byte[4];
        octets.AddRange(buffer[..Encoding.UTF8.GetBytes([c], buffer)]);
    }

    private static string Shown(string key) => key.Length > 32 ? key[..32] + "…" : key;
}
