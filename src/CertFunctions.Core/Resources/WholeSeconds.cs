using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CertFunctions.Core.Resources;

/// <summary>Times are stored, and compared with what was stored, in whole seconds.</summary>
public static class WholeSeconds
{
    public static DateTimeOffset InWholeSeconds(this DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
}

/// <summary>Reads and writes times as RFC 3339 UTC with whole seconds, as Kubernetes does.</summary>
public sealed class WholeSecondsConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}
