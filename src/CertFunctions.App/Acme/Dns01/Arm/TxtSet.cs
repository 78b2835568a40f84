using System.Text.Json.Nodes;

namespace CertFunctions.App.Acme.Dns01.Arm;

/// <summary>The TXT record set at one name, as ARM shows it: values, and what belongs to others and must survive.</summary>
/// <param name="ETag">Null: there is no such set yet.</param>
internal sealed record TxtSet(IReadOnlyList<string> Values, string? ETag, JsonObject Properties)
{
    // A character string of a TXT record (RFC 1035 §3.3).
    private const int LongestChunk = 255;
    private const int TimeToLiveInSeconds = 60;

    public static TxtSet Absent { get; } = new([], null, []);

    /// <summary>Azure DNS and Azure Private DNS spell the members differently.</summary>
    public static TxtSet From(JsonNode? body)
    {
        var properties = body?["properties"] as JsonObject ?? [];
        var values = (Member(properties, "txtRecords") as JsonArray ?? [])
            .Select(record => string.Concat((record?["value"] as JsonArray ?? []).Select(chunk => chunk?.GetValue<string>())))
            .ToArray();
        return new(values, body?["etag"]?.GetValue<string>(), properties);
    }

    /// <summary>The body of a PUT; time to live and metadata stay as they are found.</summary>
    public JsonObject WithValues(IEnumerable<string> values, AzureZone zone)
    {
        var properties = new JsonObject
        {
            [zone.IsPrivate ? "ttl" : "TTL"] = Member(Properties, "ttl")?.DeepClone() ?? TimeToLiveInSeconds,
            [zone.IsPrivate ? "txtRecords" : "TXTRecords"] = new JsonArray([.. values.Select(Record)]),
        };
        if (Member(Properties, "metadata") is JsonObject metadata) { properties["metadata"] = metadata.DeepClone(); }

        return new JsonObject { ["properties"] = properties };
    }

    private static JsonNode Record(string value) =>
        new JsonObject { ["value"] = new JsonArray([.. value.Chunk(LongestChunk).Select(chunk => JsonValue.Create(new string(chunk)))]) };

    private static JsonNode? Member(JsonObject all, string name) =>
        all.FirstOrDefault(member => member.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
