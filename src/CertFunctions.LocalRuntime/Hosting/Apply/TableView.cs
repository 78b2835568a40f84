using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.LocalRuntime.Hosting.Apply;

/// <summary>Shows the API's own Tables, one for each kind; redrawn in place on a terminal, else printed when something changed.</summary>
internal sealed class TableView(TextWriter output, bool inPlace)
{
    private string _shown = "";

    public async Task ShowAsync(IReadOnlyList<Progress> objects)
    {
        var text = Text(objects);
        if (text == _shown) { return; }

        // ANSI: up as many lines as were drawn, then clear to the end.
        if (inPlace && _shown.Length > 0) { await output.WriteAsync($"\u001b[{_shown.Count(c => c == '\n')}A\u001b[J"); }
        await output.WriteAsync(text);
        await output.FlushAsync();
        _shown = text;
    }

    private static string Text(IEnumerable<Progress> objects)
    {
        var text = new StringBuilder();
        foreach (var kind in objects.Where(o => o.Table is not null).GroupBy(o => o.Target.Plural, StringComparer.Ordinal))
        {
            var columns = (JsonArray)kind.First().Table!["columnDefinitions"]!;
            var shown = Enumerable.Range(0, columns.Count).Where(i => ((int?)columns[i]!["priority"] ?? 0) == 0 && !IsAge(columns[i]!)).ToList();
            List<string[]> rows = [[kind.Key.ToUpperInvariant(), .. shown.Skip(1).Select(i => ((string)columns[i]!["name"]!).ToUpperInvariant())]];
            rows.AddRange(kind.SelectMany(o => (JsonArray)o.Table!["rows"]!).Select(row => shown.Select(i => row!["cells"]![i]?.ToString() ?? "").ToArray()));
            var widths = Enumerable.Range(0, shown.Count).Select(i => rows.Max(row => row[i].Length)).ToArray();
            foreach (var row in rows) { text.Append(string.Join("   ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd()).Append('\n'); }
            text.Append('\n');
        }

        return text.ToString();
    }

    // Would change the picture every second and says nothing here.
    private static bool IsAge(JsonNode column) => "Age".Equals((string?)column["name"], StringComparison.OrdinalIgnoreCase);
}
