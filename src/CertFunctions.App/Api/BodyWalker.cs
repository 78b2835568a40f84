using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Api;

/// <summary>Compares a body with the JSON shape of its kind and names every unknown, missing or ill-typed member; System.Text.Json alone stops at the first.</summary>
public sealed class BodyWalker(string kind, JsonSerializerOptions options, FieldValidation validation = FieldValidation.Strict)
{
    private static readonly string[] Dropped = ["ownerReferences", "finalizers", "managedFields"];
    private static readonly string[] Ours = ["uid", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName", "selfLink"];

    private readonly List<Violation> _problems = [];
    private readonly List<string> _warnings = [];

    /// <summary>What was dropped and is worth a word.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Walks the body and removes from it what callers do not own (status, uid, timestamps).</summary>
    public IReadOnlyList<Violation> Walk(JsonObject body, JsonTypeInfo shape)
    {
        body.Remove("status");
        if (body["metadata"] is JsonObject metadata)
        {
            foreach (var name in Dropped.Where(name => metadata.ContainsKey(name)))
            {
                if (metadata[name] is not (null or JsonArray { Count: 0 })) { _warnings.Add($"metadata.{name} is not kept by this server and was dropped"); }
                metadata.Remove(name);
            }

            foreach (var name in Ours) { metadata.Remove(name); }
        }

        Object(body, shape, "");
        return _problems;
    }

    private void Object(JsonObject body, JsonTypeInfo shape, string path)
    {
        foreach (var (name, value) in body.ToArray())
        {
            var member = shape.Properties.FirstOrDefault(each => each.Name == name);
            var place = path.Length == 0 ? name : $"{path}.{name}";
            var treatment = FieldSupport.TreatmentOf(kind, place);
            if (treatment is FieldTreatment.Ignored) { body.Remove(name); }
            else if (treatment is FieldTreatment.NotYet) { _problems.Add(new(place, "FieldValueForbidden", FieldSupport.NotYet(kind, place)!)); }
            else if (member is null) { Unknown(body, name, place); }
            else if (value is null) { body.Remove(name); }
            else { Value(value, member.PropertyType, place); }
        }

        foreach (var member in shape.Properties.Where(each => each.IsRequired && !body.ContainsKey(each.Name)))
        {
            _problems.Add(new(path.Length == 0 ? member.Name : $"{path}.{member.Name}", "FieldValueRequired", "Required value"));
        }
    }

    private void Unknown(JsonObject body, string name, string place)
    {
        if (validation is FieldValidation.Strict) { _problems.Add(new(place, "FieldValueForbidden", "unknown field")); return; }
        if (validation is FieldValidation.Warn) { _warnings.Add($"unknown field \"{place}\""); }

        body.Remove(name);
    }

    private void Value(JsonNode value, Type declared, string path)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>)) { List(value, type.GetGenericArguments()[0], path); }
        else if (type == typeof(ValueMap)) { Map(value, path); }
        else if (type == typeof(string)) { Check(IsText(value), "a string", path); }
        else if (type == typeof(bool)) { Check(value.GetValueKind() is JsonValueKind.True or JsonValueKind.False, "true or false", path); }
        else if (type == typeof(int) || type == typeof(long)) { Check(TryDeserialize(value, type), "a whole number", path); }
        else if (type == typeof(TimeSpan)) { Check(TryDeserialize(value, type), "a duration such as \"2160h\" or \"1h30m\"", path); }
        else if (type == typeof(ReadOnlyMemory<byte>)) { Check(TryDeserialize(value, type), "base64 text", path); }
        else if (type == typeof(AnyJson)) { return; }
        else if (type == typeof(DateTimeOffset)) { Check(TryDeserialize(value, type), "a time in RFC 3339 form", path); }
        else if (options.GetTypeInfo(type) is { Kind: not JsonTypeInfoKind.Object }) { Check(TryDeserialize(value, type), "another shape", path); }   // a converter of its own
        else if (value is JsonObject inner) { Object(inner, options.GetTypeInfo(type), path); }
        else { Check(ok: false, "an object", path); }
    }

    private void List(JsonNode value, Type item, string path)
    {
        if (value is not JsonArray list) { Check(ok: false, "a list", path); return; }

        for (var index = 0; index < list.Count; index++)
        {
            if (list[index] is { } each) { Value(each, item, $"{path}[{index}]"); }
            else { Check(ok: false, "a value, not null", $"{path}[{index}]"); }
        }
    }

    private void Map(JsonNode value, string path)
    {
        if (value is not JsonObject map) { Check(ok: false, "an object of strings", path); return; }

        foreach (var (name, each) in map) { Check(each is not null && IsText(each), "a string (quote it)", $"{path}[{name}]"); }
    }

    private bool TryDeserialize(JsonNode value, Type type)
    {
        try { value.Deserialize(options.GetTypeInfo(type)); return true; }
        catch (Exception failure) when (failure is JsonException or FormatException or InvalidOperationException or NotSupportedException) { return false; }
    }

    /// <summary>Half a character (an escaped lone surrogate) parses as JSON and fails only when it is read.</summary>
    private static bool IsText(JsonNode value)
    {
        try { return value.GetValueKind() is JsonValueKind.String && value.GetValue<string>() is not null; }
        catch (InvalidOperationException) { return false; }
    }

    private void Check(bool ok, string wanted, string path)
    {
        if (!ok) { _problems.Add(new(path, "FieldValueInvalid", $"expected {wanted}")); }
    }
}
