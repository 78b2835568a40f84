using System.Text.Json;
using System.Text.Json.Nodes;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>Reads what a verb is sent: a few texts, or nothing at all.</summary>
internal static class VerbBody
{
    /// <summary>The members of a small object, every one optional; empty when there is no body.</summary>
    public static async Task<(ValueMap Texts, IResult? Refusal)> ReadTextsAsync(HttpRequest request, IReadOnlyList<string> members, CancellationToken cancellationToken)
    {
        if (request.ContentLength is null or 0 && request.Headers.TransferEncoding.Count == 0) { return (ValueMap.Empty, null); }

        var (body, refusal) = await BodyReader.ReadObjectAsync(request, cancellationToken);
        if (refusal is not null) { return (ValueMap.Empty, refusal); }

        var problems = body!.Where(pair => !members.Contains(pair.Key)).Select(pair => new Violation(pair.Key, "FieldValueForbidden", "unknown field"))
            .Concat(body!.Where(pair => members.Contains(pair.Key) && pair.Value is not null && pair.Value.GetValueKind() is not JsonValueKind.String)
                .Select(pair => new Violation(pair.Key, "FieldValueInvalid", "expected a string")))
            .ToList();
        return problems.Count > 0
            ? (ValueMap.Empty, Statuses.Malformed(problems))
            : (ValueMap.From(body!.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, pair.Value!.GetValue<string>()))), null);
    }

    /// <summary>A whole resource put to its status: which one was read, and the conditions it should have. Nothing else of it counts.</summary>
    public static async Task<(ObjectMeta? Expected, IReadOnlyList<Condition> Conditions, IResult? Refusal)> ReadStatusAsync(
        SubresourceCall call, CancellationToken cancellationToken)
    {
        var (body, refusal) = await BodyReader.ReadObjectAsync(call.Request, cancellationToken);
        if (refusal is not null) { return (null, [], refusal); }

        var problems = new List<Violation>();
        var metadata = body!["metadata"] as JsonObject;
        Agree(metadata, "name", call.Name.Name, problems);
        Agree(metadata, "namespace", call.Name.Namespace, problems);
        var expected = new ObjectMeta { Name = call.Name.Name, Uid = Text(metadata, "uid", problems), ResourceVersion = Text(metadata, "resourceVersion", problems) };
        var conditions = Conditions((body["status"] as JsonObject)?["conditions"], problems);
        return problems.Count > 0 ? (null, [], Statuses.Malformed(problems)) : (expected, conditions, null);
    }

    private static Condition[] Conditions(JsonNode? told, List<Violation> problems)
    {
        try { return told?.Deserialize(ResourceJson.Default.ConditionArray) ?? []; }
        catch (Exception failure) when (failure is JsonException or FormatException or InvalidOperationException)
        {
            problems.Add(new("status.conditions", "FieldValueInvalid", "expected a list of conditions, each with type and status"));
            return [];
        }
    }

    private static void Agree(JsonObject? metadata, string member, string? expected, List<Violation> problems)
    {
        if (Text(metadata, member, problems) is { } told && told != expected) { problems.Add(new($"metadata.{member}", "FieldValueInvalid", $"expected \"{expected}\", as the path says")); }
    }

    private static string? Text(JsonObject? metadata, string member, List<Violation> problems)
    {
        if (metadata?[member] is not { } node) { return null; }
        if (node.GetValueKind() is JsonValueKind.String) { return node.GetValue<string>() is { Length: > 0 } text ? text : null; }

        problems.Add(new($"metadata.{member}", "FieldValueInvalid", "expected a string"));
        return null;
    }
}
