using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Api.OpenApi;

/// <summary>The OpenAPI schema of a kind, from the very JSON shape that reads and writes it.</summary>
public sealed class SchemaWriter(string kind, JsonSerializerOptions options, XmlComments comments)
{
    /// <summary>What a record's members are; those that are refused are left out.</summary>
    public JsonObject Object(JsonTypeInfo shape, string path = "")
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var member in shape.Properties)
        {
            var place = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (FieldSupport.NotYet(kind, place) is not null) { continue; }

            var schema = Of(member.PropertyType, place);
            if (Description(member) is { Length: > 0 } text) { schema["description"] = text; }
            properties[member.Name] = schema;
            if (member.IsRequired) { required.Add(member.Name); }
        }

        var result = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (comments.Of(shape.Type) is { Length: > 0 } about) { result["description"] = about; }
        if (required.Count > 0) { result["required"] = required; }
        return result;
    }

    private JsonObject Of(Type declared, string path)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>))
        {
            return new JsonObject { ["type"] = "array", ["items"] = Of(type.GetGenericArguments()[0], path) };
        }

        return type == typeof(ValueMap) ? new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" } }
            : type == typeof(string) || type == typeof(TimeSpan) ? new JsonObject { ["type"] = "string" }
            : type == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
            : type == typeof(int) ? new JsonObject { ["type"] = "integer", ["format"] = "int32" }
            : type == typeof(long) ? new JsonObject { ["type"] = "integer", ["format"] = "int64" }
            : type == typeof(ReadOnlyMemory<byte>) ? new JsonObject { ["type"] = "string", ["format"] = "byte" }
            : type == typeof(DateTimeOffset) ? new JsonObject { ["type"] = "string", ["format"] = "date-time" }
            : options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Object } shape ? Object(shape, path)
            : new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };   // a converter of its own
    }

    private string Description(JsonPropertyInfo member) => member.AttributeProvider is MemberInfo found
        ? comments.Of(found, Nullable.GetUnderlyingType(member.PropertyType) ?? Item(member.PropertyType))
        : "";

    private static Type Item(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>) ? type.GetGenericArguments()[0] : type;
}
