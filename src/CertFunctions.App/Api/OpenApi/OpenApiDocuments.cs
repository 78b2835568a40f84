using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CertFunctions.Core.Resources;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api.OpenApi;

/// <summary>OpenAPI v3, one document a group and version: what <c>kubectl explain</c> reads, and why kubectl leaves checking fields to the server.</summary>
public sealed class OpenApiDocuments(IEnumerable<KindHandler> handlers)
{
    private readonly Lazy<Dictionary<string, string>> _documents = new(() => Make([.. handlers]));

    /// <param name="path">Below <c>/openapi</c>; null when there is no such document.</param>
    public IResult? Find(string? path) => (path ?? "").TrimEnd('/') switch
    {
        // An empty document "2.0" in protobuf: older clients insist on one before they apply.
        "v2" => Results.Bytes([0x0A, 0x03, 0x32, 0x2E, 0x30], "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"),
        "v3" => Statuses.Json(200, Index()),
        var other when other.StartsWith("v3/", StringComparison.Ordinal) && _documents.Value.TryGetValue(other[3..], out var document) => Results.Text(document, "application/json"),
        _ => null,
    };

    private JsonObject Index() => new()
    {
        ["paths"] = new JsonObject(_documents.Value.Select(each => KeyValuePair.Create<string, JsonNode?>(
            each.Key, new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{each.Key}?hash={Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(each.Value)))}" }))),
    };

    private static Dictionary<string, string> Make(IReadOnlyList<KindHandler> handlers)
    {
        var comments = XmlComments.Beside(typeof(Certificate).Assembly);
        return handlers
            .GroupBy(handler => $"apis/{handler.Kind.Group}/{handler.Kind.Version}")
            .ToDictionary(group => group.Key, group => Document(group.Key, [.. group.OrderBy(each => each.Kind.Plural, StringComparer.Ordinal)], comments).ToJsonString(), StringComparer.Ordinal);
    }

    private static JsonObject Document(string root, IReadOnlyList<KindHandler> handlers, XmlComments comments) => new()
    {
        ["openapi"] = "3.0.0",
        ["info"] = new JsonObject { ["title"] = "CertFunctions", ["version"] = "v1" },
        ["paths"] = new JsonObject(handlers.SelectMany(handler => Paths(root, handler.Kind))),
        ["components"] = new JsonObject
        {
            ["schemas"] = new JsonObject(handlers.Select(handler => KeyValuePair.Create<string, JsonNode?>(SchemaName(handler.Kind), Schema(handler, comments)))),
        },
    };

    private static JsonObject Schema(KindHandler handler, XmlComments comments)
    {
        var schema = new SchemaWriter(handler.Kind.Kind, handler.Shape.Options, comments).Object(handler.Shape);
        schema["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(handler.Kind));
        return schema;
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Paths(string root, ResourceKind kind)
    {
        var list = kind.IsNamespaced ? $"/{root}/namespaces/{{namespace}}/{kind.Plural}" : $"/{root}/{kind.Plural}";
        if (kind.IsReadOnly)
        {
            yield return new(list, new JsonObject { ["get"] = Operation(kind, "list") });
            yield return new(list + "/{name}", new JsonObject { ["get"] = Operation(kind, "get") });
            yield break;
        }

        yield return new(list, new JsonObject { ["get"] = Operation(kind, "list"), ["post"] = Operation(kind, "post", "dryRun", "fieldValidation") });
        yield return new(list + "/{name}", new JsonObject
        {
            ["get"] = Operation(kind, "get"),
            ["put"] = Operation(kind, "put", "dryRun", "fieldValidation"),
            ["patch"] = Operation(kind, "patch", "dryRun", "fieldManager", "fieldValidation", "force"),
            ["delete"] = Operation(kind, "delete", "dryRun"),
        });
    }

    private static JsonObject Operation(ResourceKind kind, string action, params string[] parameters) => new()
    {
        ["x-kubernetes-action"] = action,
        ["x-kubernetes-group-version-kind"] = GroupVersionKind(kind),
        ["parameters"] = new JsonArray([.. parameters.Select(name => new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string" } })]),
        ["responses"] = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = "OK",
                ["content"] = new JsonObject
                {
                    ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{SchemaName(kind)}" } },
                },
            },
        },
    };

    private static string SchemaName(ResourceKind kind) =>
        $"{string.Join('.', kind.Group.Split('.').Reverse())}.{kind.Version}.{kind.Kind}";

    private static JsonObject GroupVersionKind(ResourceKind kind) => new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };
}
