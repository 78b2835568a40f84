using System.Globalization;
using System.Text.Json.Nodes;
using CertFunctions.App.Api;

namespace CertFunctions.App.Events;

/// <summary>Events as Kubernetes writes them (core/v1 Event), one by one and as the rows of <c>kubectl get events</c>.</summary>
internal static class EventShape
{
    /// <summary>Who reports.</summary>
    public const string Component = "certfunctions";

    private const int LongestName = 253;

    /// <summary>Events of cluster-scoped resources lie in the namespace <c>default</c>, as with Kubernetes' own recorder.</summary>
    public const string ClusterNamespace = "default";

    public static JsonObject Of(EventSubject subject, EventRecord it, string version) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = Name(subject, it),
            ["namespace"] = subject.Namespace ?? ClusterNamespace,
            ["uid"] = Guid.ParseExact(it.Id, "N").ToString("D"),
            ["resourceVersion"] = version,
            ["creationTimestamp"] = Time(it.First),
        },
        ["involvedObject"] = Involved(subject),
        ["reason"] = it.Reason,
        ["message"] = it.Message,
        ["source"] = new JsonObject { ["component"] = Component },
        ["firstTimestamp"] = Time(it.First),
        ["lastTimestamp"] = Time(it.Last),
        ["count"] = it.Count,
        ["type"] = it.IsWarning ? "Warning" : "Normal",
        ["eventTime"] = null,
        ["reportingComponent"] = Component,
        ["reportingInstance"] = "",
    };

    /// <summary>The rows show what kubectl's own printer shows.</summary>
    public static JsonObject Table(IEnumerable<JsonObject> events, JsonObject metadata, DateTimeOffset now) => new()
    {
        ["kind"] = "Table",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = metadata,
        ["columnDefinitions"] = new JsonArray(
        [
            Column("Last Seen", 0), Column("Type", 0), Column("Reason", 0), Column("Object", 0), Column("Source", 1), Column("Message", 0),
            Column("First Seen", 1), Column("Count", 1), Column("Name", 1, "name"),
        ]),
        ["rows"] = new JsonArray([.. events.Select(each => Row(each, now))]),
    };

    private static JsonObject Row(JsonObject it, DateTimeOffset now) => new()
    {
        ["cells"] = new JsonArray(
            Age(it["lastTimestamp"], now), (string?)it["type"], (string?)it["reason"],
            $"{((string?)it["involvedObject"]!["kind"])!.ToLowerInvariant()}/{(string?)it["involvedObject"]!["name"]}", Component, (string?)it["message"],
            Age(it["firstTimestamp"], now), $"{(int?)it["count"]}", (string?)it["metadata"]!["name"]),
        ["object"] = new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = it["metadata"]!.DeepClone() },
    };

    private static JsonObject Column(string name, int priority, string format = "") =>
        new() { ["name"] = name, ["type"] = "string", ["format"] = format, ["description"] = "", ["priority"] = priority };

    private static JsonObject Involved(EventSubject subject)
    {
        var involved = new JsonObject { ["kind"] = subject.Kind, ["name"] = subject.Name, ["uid"] = subject.Uid, ["apiVersion"] = subject.ApiVersion };
        if (subject.Namespace is { } ns) { involved["namespace"] = ns; }
        return involved;
    }

    private static string Name(EventSubject subject, EventRecord it)
    {
        var end = "." + it.Id[..16];
        return (subject.Name.Length + end.Length > LongestName ? subject.Name[..(LongestName - end.Length)] : subject.Name) + end;
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Age(JsonNode? time, DateTimeOffset now) => Tables.Age(now - DateTimeOffset.Parse((string)time!, CultureInfo.InvariantCulture));
}
