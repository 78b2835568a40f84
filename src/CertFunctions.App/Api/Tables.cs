using System.Globalization;
using System.Text.Json.Nodes;
using CertFunctions.App.Api.Lists;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>Lists as <c>kubectl get</c> prints them, made from listing metadata alone: 1,000 rows are one listing, not 1,000 reads.</summary>
public static class Tables
{
    /// <summary>Decided by what the client accepts, never by who it says it is.</summary>
    public static bool IsWanted(HttpRequest request) => request.Headers.Accept.ToString().Contains("as=Table", StringComparison.Ordinal);

    /// <summary>The table without its rows.</summary>
    public static JsonObject Head(ResourceKind kind, JsonObject metadata) => new()
    {
        ["kind"] = "Table",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = metadata,
        ["columnDefinitions"] = new JsonArray(
        [
            Definition("Name", "string", "name", 0), .. kind.Columns.Select(each => Definition(each.Name, "string", "", each.Priority)), Definition("Age", "date", "", 0),
        ]),
    };

    /// <param name="whole">The resource itself, when the client asked for it; null: its metadata, as far as listed.</param>
    public static JsonObject Row(ResourceKind kind, ObjectEntry entry, DateTimeOffset now, JsonNode? whole = null)
    {
        var listed = entry.Metadata;
        return new JsonObject
        {
            ["cells"] = new JsonArray(
            [
                JsonValue.Create(entry.Name.Split('/')[^1]),
                .. kind.Columns.Select(column => (JsonNode?)JsonValue.Create(ResourceStore.Unescape(listed.Find(column.Key)) ?? "")),
                JsonValue.Create(Age(now - (Time(listed.Find("created")) ?? now))),
            ]),
            ["object"] = whole ?? Partial(kind, entry, "PartialObjectMetadata", "meta.k8s.io/v1"),
        };
    }

    /// <summary>A resource as far as the listing tells: its metadata.</summary>
    public static JsonObject Partial(ResourceKind kind, ObjectEntry entry, string kindName, string apiVersion)
    {
        var parts = entry.Name.Split('/');
        var listed = entry.Metadata;
        var metadata = new JsonObject { ["name"] = parts[^1] };
        if (kind.IsNamespaced) { metadata["namespace"] = parts[^2]; }

        metadata["uid"] = listed.Find("uid");
        metadata["resourceVersion"] = entry.ETag.Value;
        if (long.TryParse(listed.Find("generation"), CultureInfo.InvariantCulture, out var generation)) { metadata["generation"] = generation; }
        foreach (var (member, key) in ((string, string)[])[("creationTimestamp", "created"), ("deletionTimestamp", "deleted")])
        {
            if (Time(listed.Find(key)) is { } time) { metadata[member] = time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture); }
        }

        if (ListedLabels.TryRead(listed) is { Count: > 0 } labels)
        {
            metadata["labels"] = new JsonObject(labels.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value))));
        }

        return new JsonObject { ["kind"] = kindName, ["apiVersion"] = apiVersion, ["metadata"] = metadata };
    }

    /// <summary>As kubectl writes ages: two units where the second still matters.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 0 } => "0s",
        { TotalMinutes: < 2 } => $"{(int)age.TotalSeconds}s",
        { TotalMinutes: < 10 } => Two((int)age.TotalMinutes, "m", age.Seconds, "s"),
        { TotalHours: < 3 } => $"{(int)age.TotalMinutes}m",
        { TotalHours: < 8 } => Two((int)age.TotalHours, "h", age.Minutes, "m"),
        { TotalHours: < 48 } => $"{(int)age.TotalHours}h",
        { TotalDays: < 8 } => Two((int)age.TotalDays, "d", age.Hours, "h"),
        { TotalDays: < 2 * 365 } => $"{(int)age.TotalDays}d",
        { TotalDays: < 8 * 365 } => Two((int)age.TotalDays / 365, "y", (int)age.TotalDays % 365, "d"),
        _ => $"{(int)age.TotalDays / 365}y",
    };

    private static string Two(int first, string firstUnit, int second, string secondUnit) =>
        second == 0 ? $"{first}{firstUnit}" : $"{first}{firstUnit}{second}{secondUnit}";

    private static JsonObject Definition(string name, string type, string format, int priority) =>
        new() { ["name"] = name, ["type"] = type, ["format"] = format, ["description"] = "", ["priority"] = priority };

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
