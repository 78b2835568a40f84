using System.Collections.Frozen;

namespace CertFunctions.Core.Pki;

/// <summary>A name as people read it, most specific part first: <c>CN=Root, O=Org, C=US</c>. For messages and aliases; never compared.</summary>
internal static class SubjectText
{
    /// <summary>In characters; what is longer is cut.</summary>
    public const int MaxLength = 200;

    private static readonly FrozenDictionary<string, string> Keys =
        AttributeTypes.Keys.ToFrozenDictionary(each => each.Value, each => each.Key);

    /// <summary>Control characters and those beyond U+FFFF show as '?'. Empty for an empty name.</summary>
    public static string Of(ReadOnlyMemory<byte> name)
    {
        var rdns = DistinguishedNames.ReadRdns(name).Reverse()
            .Select(rdn => string.Join('+', rdn.Select(each => $"{Keys.GetValueOrDefault(each.Type, each.Type)}={each.Value}")));
        var text = string.Join(", ", rdns);
        var clean = string.Create(Math.Min(text.Length, MaxLength), text, static (shown, text) =>
        {
            for (var i = 0; i < shown.Length; i++) { shown[i] = char.IsControl(text[i]) || char.IsSurrogate(text[i]) ? '?' : text[i]; }
        });
        return text.Length > MaxLength ? clean[..^1] + "…" : clean;
    }
}
