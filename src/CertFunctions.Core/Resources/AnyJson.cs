using System.Text.Json;
using System.Text.Json.Serialization;

namespace CertFunctions.Core.Resources;

/// <summary>A part of a manifest that is kept as it is, whatever its shape: a pod template, a webhook's configuration. Compares by its text.</summary>
/// <param name="Text">JSON without spaces between members.</param>
[JsonConverter(typeof(AnyJsonConverter))]
public sealed record AnyJson(string Text)
{
    public override string ToString() => Text;
}

/// <summary>Reads and writes whatever JSON stands there.</summary>
public sealed class AnyJsonConverter : JsonConverter<AnyJson>
{
    public override AnyJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return new AnyJson(Compact(document.RootElement));
    }

    public override void Write(Utf8JsonWriter writer, AnyJson value, JsonSerializerOptions options) => writer.WriteRawValue(value.Text);

    private static string Compact(JsonElement element)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) { element.WriteTo(writer); }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
