using CertFunctions.Core.Resources;

namespace CertFunctions.App.Api.Lists;

/// <summary>Kubernetes' label selector: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>; all terms must hold.</summary>
public sealed class LabelSelector
{
    private const int MostTerms = 100;

    private readonly IReadOnlyList<Func<ValueMap, bool>> _terms;

    private LabelSelector(IReadOnlyList<Func<ValueMap, bool>> terms) => _terms = terms;

    public bool IsEmpty => _terms.Count == 0;

    /// <summary>Null when the text is not a selector.</summary>
    public static LabelSelector? TryParse(string? text)
    {
        var terms = new List<Func<ValueMap, bool>>();
        foreach (var part in Split(text ?? ""))
        {
            if (terms.Count == MostTerms || Term(part.Trim()) is not { } term) { return null; }

            terms.Add(term);
        }

        return new LabelSelector(terms);
    }

    public bool Matches(ValueMap labels) => _terms.All(term => term(labels));

    private static Func<ValueMap, bool>? Term(string text)
    {
        if (text.StartsWith('!')) { return IsKey(text[1..].Trim(), out var absent) ? labels => !labels.ContainsKey(absent) : null; }
        if (text.EndsWith(')') && text.IndexOf('(', StringComparison.Ordinal) is > 0 and var open) { return SetTerm(text[..open].Trim(), text[(open + 1)..^1]); }
        if (text.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var equals)) { return IsKey(text, out var present) ? labels => labels.ContainsKey(present) : null; }

        var isNot = text[equals - 1] == '!';
        var value = text[(equals + 1)..].TrimStart('=').Trim();
        return IsKey(text[..(isNot ? equals - 1 : equals)].Trim(), out var key) && IsValue(value) ? labels => labels.Find(key) == value != isNot : null;
    }

    private static Func<ValueMap, bool>? SetTerm(string head, string list)
    {
        var (operation, end) = head.EndsWith(" notin", StringComparison.Ordinal) ? ("notin", 6) : head.EndsWith(" in", StringComparison.Ordinal) ? ("in", 3) : ("", 0);
        var values = list.Split(',', StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
        if (operation.Length == 0 || !IsKey(head[..^end].Trim(), out var key) || !values.All(IsValue)) { return null; }

        return operation == "in"
            ? labels => labels.Find(key) is { } found && values.Contains(found)
            : labels => labels.Find(key) is not { } found || !values.Contains(found);
    }

    /// <summary>At the commas outside of parentheses.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var (start, depth) = (0, 0);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '(') { depth++; }
            if (text[at] == ')') { depth--; }
            if (text[at] != ',' || depth > 0) { continue; }

            yield return text[start..at];
            start = at + 1;
        }

        if (text.Trim().Length > 0) { yield return text[start..]; }
    }

    private static bool IsKey(string text, out string key)
    {
        key = text;
        return text.Length > 0 && text.All(each => char.IsAsciiLetterOrDigit(each) || each is '-' or '_' or '.' or '/');
    }

    private static bool IsValue(string text) => text.All(each => char.IsAsciiLetterOrDigit(each) || each is '-' or '_' or '.');
}
