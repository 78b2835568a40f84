using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CertFunctions.App.Api;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Bundles.Sources;

/// <summary>Texts under file names, where trust-manager's users keep CA certificates: Kubernetes' ConfigMap, as far as a Bundle needs one.</summary>
/// <param name="Uid">Null, as <paramref name="Created"/>, in what a caller sent.</param>
public sealed record ConfigMap(string Name, string Namespace, ValueMap Labels, ValueMap Annotations, ValueMap Data, string? Uid = null, DateTimeOffset? Created = null)
{
    /// <summary>Of all texts together, in bytes (Kubernetes' own limit).</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly string[] Members = ["apiVersion", "kind", "metadata", "data"];
    private static readonly string[] OfServer =
        ["uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "selfLink", "managedFields", "ownerReferences", "finalizers", "generateName"];

    /// <summary>As it is stored and shown.</summary>
    /// <param name="version">Null in the store.</param>
    public JsonObject ToJson(string? version)
    {
        var metadata = new JsonObject { ["name"] = Name, ["namespace"] = Namespace, ["uid"] = Uid, ["creationTimestamp"] = $"{Created:yyyy-MM-ddTHH:mm:ssZ}" };
        if (version is not null) { metadata["resourceVersion"] = version; }
        if (Labels.Count > 0) { metadata["labels"] = Json(Labels); }
        if (Annotations.Count > 0) { metadata["annotations"] = Json(Annotations); }

        return new JsonObject { ["kind"] = "ConfigMap", ["apiVersion"] = "v1", ["metadata"] = metadata, ["data"] = Json(Data) };
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToJson(version: null).ToJsonString());

    /// <summary>What <see cref="ToBytes"/> wrote.</summary>
    public static ConfigMap Of(StoredObject stored)
    {
        var metadata = (JsonObject)JsonNode.Parse(stored.Content.Span)!["metadata"]!;
        return new ConfigMap(
            (string)metadata["name"]!, (string)metadata["namespace"]!, Map(metadata["labels"]), Map(metadata["annotations"]), Map(metadata.Parent!["data"]),
            (string)metadata["uid"]!, metadata["creationTimestamp"]!.GetValue<DateTimeOffset>());
    }

    /// <summary>What a caller sent, and every violation; what the server owns is left out.</summary>
    /// <param name="ns">From the path.</param>
    /// <param name="name">From the path; null: from the body.</param>
    public static (ConfigMap Wish, IReadOnlyList<Violation> Violations) Read(JsonObject body, string ns, string? name, FieldValidation validation)
    {
        var problems = new List<Violation>();
        var metadata = body["metadata"] as JsonObject ?? [];
        var isStrict = validation is FieldValidation.Strict;
        if (body["binaryData"] is JsonObject { Count: > 0 }) { problems.Add(Violation.Forbidden("binaryData", "only text is kept: put PEM into data")); }
        if (body["immutable"] is JsonValue value && value.GetValueKind() is JsonValueKind.True) { problems.Add(Violation.Forbidden("immutable", "immutable ConfigMaps are not served")); }
        if (body["data"] is not (null or JsonObject)) { problems.Add(new("data", "FieldValueInvalid", "expected an object of strings")); }
        if (isStrict)
        {
            problems.AddRange(body.Select(each => each.Key).Except([.. Members, "binaryData", "immutable"]).Select(each => new Violation(each, "FieldValueForbidden", "unknown field")));
            problems.AddRange(metadata.Select(each => each.Key).Except([.. OfServer, "name", "namespace", "labels", "annotations"])
                .Select(each => new Violation($"metadata.{each}", "FieldValueForbidden", "unknown field")));
        }

        Same("apiVersion", body["apiVersion"], "v1", problems);
        Same("kind", body["kind"], "ConfigMap", problems);
        Same("metadata.namespace", metadata["namespace"], ns, problems);
        if (name is not null) { Same("metadata.name", metadata["name"], name, problems); }

        var wish = new ConfigMap(
            name ?? Text(metadata["name"]) ?? "", ns, Map("metadata.labels", metadata["labels"], problems), Map("metadata.annotations", metadata["annotations"], problems), Map("data", body["data"], problems));
        problems.AddRange(MetadataRules.Check(new ObjectMeta { Name = wish.Name, Namespace = ns, Labels = wish.Labels, Annotations = wish.Annotations }, isNamespaced: true));
        problems.AddRange(wish.Data.Keys.SelectMany(key => FileNames.Check($"data[{key}]", key)));
        if (wish.Data.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key) + (long)Encoding.UTF8.GetByteCount(pair.Value)) > MaxBytes)
        {
            problems.Add(new("data", "FieldValueTooLong", $"Too long: may not be more than {MaxBytes} bytes in all"));
        }

        return (wish, problems);
    }

    private static JsonObject Json(ValueMap map) => new(map.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value))));

    private static ValueMap Map(JsonNode? map) => ValueMap.From((map as JsonObject ?? []).Select(pair => KeyValuePair.Create(pair.Key, (string)pair.Value!)));

    private static ValueMap Map(string field, JsonNode? map, List<Violation> problems)
    {
        var found = (map as JsonObject ?? []).Where(pair => pair.Value is not null).Select(pair => (pair.Key, Text: Text(pair.Value))).ToList();
        problems.AddRange(found.Where(each => each.Text is null).Select(each => new Violation($"{field}[{each.Key}]", "FieldValueInvalid", "expected a string (quote it)")));
        return ValueMap.From(found.Where(each => each.Text is not null).Select(each => KeyValuePair.Create(each.Key, each.Text!)));
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static void Same(string field, JsonNode? given, string expected, List<Violation> problems)
    {
        if (given is not null && Text(given) is not "" && Text(given) != expected) { problems.Add(Violation.Invalid(field, Text(given) ?? "", $"must be {expected}")); }
    }
}
