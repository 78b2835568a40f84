using System.Globalization;
using System.Text.Json.Nodes;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.Api;

/// <summary>Lists as <c>kubectl get</c> prints them, made from listing metadata alone: 1,000 rows are one listing, not 1,000 reads.</summary>
public static class Tables
{
    public static JsonObject Of(ResourceKind kind, IEnumerable<ObjectEntry> entries, string? continuation, DateTimeOffset now)
    {
        var metadata = new JsonObject { ["resourceVersion"] = "" };
        if (continuation is not null) { metadata["continue"] = continuation; }

        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = new JsonArray(
            [
                Definition("Name", "string", "name", 0), .. kind.Columns.Select(each => Definition(each.Name, "string", "", each.Priority)), Definition("Age", "string", "", 0),
            ]),
            ["rows"] = new JsonArray([.. entries.Select(entry => Row(kind, entry, now))]),
        };
    }

    private static JsonObject Definition(string name, string type, string format, int priority) =>
        new() { ["name"] = name, ["type"] = type, ["format"] = format, ["description"] = "", ["priority"] = priority };

    private static JsonObject Row(ResourceKind kind, ObjectEntry entry, DateTimeOffset now)
    {
        var parts = entry.Name.Split('/');
        var created = DateTimeOffset.TryParse(entry.Metadata.Find("created"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : now;
        var metadata = new JsonObject { ["name"] = parts[^1], ["uid"] = entry.Metadata.Find("uid"), ["resourceVersion"] = entry.ETag.Value };
        if (kind.IsNamespaced) { metadata["namespace"] = parts[^2]; }

        return new JsonObject
        {
            ["cells"] = new JsonArray(
            [
                JsonValue.Create(parts[^1]),
                .. kind.Columns.Select(column => (JsonNode?)JsonValue.Create(ResourceStore.Unescape(entry.Metadata.Find(column.Key)) ?? "")),
                JsonValue.Create(Age(now - created)),
            ]),
            ["object"] = new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = metadata },
        };
    }

    /// <summary>Two digits and a unit, as kubectl writes it.</summary>
    internal static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 120 } => $"{(int)Math.Max(0, age.TotalSeconds)}s",
        { TotalMinutes: < 120 } => $"{(int)age.TotalMinutes}m",
        { TotalHours: < 48 } => $"{(int)age.TotalHours}h",
        _ => $"{(int)age.TotalDays}d",
    };
}
