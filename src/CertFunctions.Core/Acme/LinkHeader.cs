namespace CertFunctions.Core.Acme;

/// <summary>Reads <c>Link</c> headers (RFC 8288 §3): several links may share one header.</summary>
internal static class LinkHeader
{
    private const int Most = 32;

    /// <summary>Targets whose <c>rel</c> has the wanted word, in the order given; what cannot be read is left out.</summary>
    public static IReadOnlyList<Uri> Find(IEnumerable<string> headers, string relation, Uri requested)
    {
        var found = new List<Uri>();
        foreach (var link in headers.SelectMany(Split))
        {
            var end = link.IndexOf('>', StringComparison.Ordinal);
            if (!link.StartsWith('<') || end < 0 || !Relations(link[(end + 1)..]).Contains(relation, StringComparer.OrdinalIgnoreCase)) { continue; }
            if (Uri.TryCreate(requested, link[1..end], out var target) && !found.Contains(target) && found.Count < Most) { found.Add(target); }
        }

        return found;
    }

    private static IEnumerable<string> Relations(string parameters) =>
        (from parameter in Divide(parameters, ';')
         let parts = parameter.Split('=', 2)
         where parts.Length == 2 && parts[0].Trim().Equals("rel", StringComparison.OrdinalIgnoreCase)
         select parts[1].Trim().Trim('"').Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .FirstOrDefault() ?? [];   // §3.3: the first counts

    private static IEnumerable<string> Split(string header) => Divide(header, ',');

    /// <summary>The parts between separators that stand neither in quotes nor in angle brackets, trimmed.</summary>
    private static IEnumerable<string> Divide(string text, char separator)
    {
        var start = 0;
        char closing = default;
        for (var i = 0; i < text.Length; i++)
        {
            if (closing != default)
            {
                if (text[i] == closing) { closing = default; }
            }
            else if (text[i] is '"' or '<')
            {
                closing = text[i] == '"' ? '"' : '>';
            }
            else if (text[i] == separator)
            {
                yield return text[start..i].Trim();
                start = i + 1;
            }
        }

        yield return text[start..].Trim();
    }
}
