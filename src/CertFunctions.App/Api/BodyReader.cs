using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CertFunctions.App.Api;

/// <summary>Turns a request body, JSON or YAML, into one JSON object; or says what is wrong with it.</summary>
public static class BodyReader
{
    public const int Limit = 256 * 1024;

    private const int Depth = 32;

    private static readonly UTF8Encoding Whole = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = Depth, AllowDuplicateProperties = false };

    /// <summary>The one object that a request carries; or the answer to give when it carries none.</summary>
    /// <remarks>The content type must say JSON or YAML: a web page can post any other without being asked who it is.</remarks>
    public static Task<(JsonObject? Body, IResult? Refusal)> ReadObjectAsync(HttpRequest request, CancellationToken cancellationToken) => ReadObjectAsync(request, Limit, cancellationToken);

    /// <inheritdoc cref="ReadObjectAsync(HttpRequest, CancellationToken)"/>
    /// <param name="limit">Most bytes.</param>
    public static async Task<(JsonObject? Body, IResult? Refusal)> ReadObjectAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (MediaType(request) is not { } media || !(media.EndsWith("json", StringComparison.Ordinal) || media.EndsWith("yaml", StringComparison.Ordinal)))
        {
            return (null, Statuses.UnsupportedMediaType("application/json", "application/yaml"));
        }

        if (await ReadAsync(request, limit, cancellationToken) is not { } bytes) { return (null, Statuses.TooLarge(limit)); }

        return Parse(bytes, media.EndsWith("yaml", StringComparison.Ordinal), out var problem) is { } body ? (body, null) : (null, Statuses.Malformed([problem!]));
    }

    /// <summary>The content type without its parameters, lower case; null when there is none.</summary>
    public static string? MediaType(HttpRequest request) => request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() is { Length: > 0 } media ? media : null;

    /// <returns>Null when the body is larger than <see cref="Limit"/>.</returns>
    public static Task<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellationToken) => ReadAsync(request, Limit, cancellationToken);

    /// <returns>Null when the body is larger than <paramref name="limit"/>.</returns>
    public static async Task<byte[]?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > limit) { return null; }
            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }

    public static JsonObject? Parse(byte[] body, bool isYaml, out Violation? problem)
    {
        if (ParseNode(body, isYaml, out problem) is JsonObject found) { return found; }

        problem ??= new Violation("", "FieldValueInvalid", "expected one object");
        return null;
    }

    /// <summary>Any JSON value but null, checked to the last name and string: what is returned can be read and written without surprise.</summary>
    public static JsonNode? ParseNode(byte[] body, bool isYaml, out Violation? problem)
    {
        problem = null;
        try
        {
            var node = isYaml ? FromYaml(Encoding.UTF8.GetString(body)) : JsonNode.Parse(body, documentOptions: Strict);
            problem = Half(node, "") is { } place
                ? new Violation(place, "FieldValueInvalid", "half a character")
                : node is null ? new Violation("", "FieldValueInvalid", "expected one object") : null;
            if (problem is null) { return node; }
        }
        catch (Exception failure) when (failure is JsonException or YamlException or ArgumentException or FormatException or InvalidOperationException)
        {
            problem = new Violation("", "FieldValueInvalid", failure.Message);
        }

        return null;
    }

    /// <summary>Where half a surrogate pair stands: legal JSON text that breaks whoever reads or writes it later. Null: nowhere.</summary>
    private static string? Half(JsonNode? node, string path)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, value) in map)
                {
                    Whole.GetByteCount(name);
                    if (Half(value, path.Length == 0 ? name : $"{path}.{name}") is { } inside) { return inside; }
                }

                return null;
            case JsonArray list:
                return list.Select((each, index) => Half(each, $"{path}[{index}]")).FirstOrDefault(found => found is not null);
            case JsonValue value when value.GetValueKind() is JsonValueKind.String:
                try { Whole.GetByteCount(value.GetValue<string>()); return null; }
                catch (Exception failure) when (failure is InvalidOperationException or ArgumentException) { return path; }

            default:
                return null;
        }
    }

    private static JsonNode? FromYaml(string text)
    {
        CheckDepth(text);
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return yaml.Documents switch
        {
            [var single] => Node(single.RootNode, 0),
            { Count: 0 } => null,
            _ => throw new FormatException("one document at a time, please"),
        };
    }

    /// <summary>Before the tree is built: building it recurses, and a body full of brackets would overflow the stack and end the process.</summary>
    private static void CheckDepth(string text)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > Depth + 2) { throw new FormatException($"nested deeper than {Depth} levels"); }   // the stream and the document count too
        }
    }

    private static string Key(YamlNode key) => (key as YamlScalarNode)?.Value ?? throw new FormatException("a key must be text");

    private static JsonNode? Node(YamlNode node, int depth)
    {
        if (depth > Depth) { throw new FormatException($"nested deeper than {Depth} levels"); }
        if (!node.Anchor.IsEmpty) { throw new FormatException("anchors and aliases are not accepted"); }

        return node switch
        {
            YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(Key(pair.Key), Node(pair.Value, depth + 1)))),
            YamlSequenceNode list => new JsonArray([.. list.Children.Select(each => Node(each, depth + 1))]),
            YamlScalarNode scalar => Scalar(scalar),
            _ => throw new FormatException("unexpected YAML"),
        };
    }

    /// <summary>YAML 1.2 core schema: a quoted scalar is a string, a plain one may be null, a boolean or a number.</summary>
    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not ScalarStyle.Plain) { return JsonValue.Create(text); }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }
}
