using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CertFunctions.Core.Resources;

/// <summary>Durations as Kubernetes writes them: Go strings, units <c>ns us µs ms s m h</c> (no <c>d</c>), canonical form <c>2160h0m0s</c>.</summary>
/// <remarks>Source: Go <c>time.ParseDuration</c> and <c>Duration.String</c>. Resolution here is 100 ns.</remarks>
public static class GoDuration
{
    // Longest first, so that "ms" is not taken for "m".
    private static readonly (string Unit, decimal Ticks)[] Units =
        [("ns", 0.01m), ("us", 10m), ("µs", 10m), ("μs", 10m), ("ms", 10_000m), ("s", 10_000_000m), ("m", 600_000_000m), ("h", 36_000_000_000m)];

    private static readonly SearchValues<char> Number = SearchValues.Create("0123456789.");

    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (string.IsNullOrEmpty(text) || text.Length > 64) { return false; }

        var rest = text.AsSpan();
        var negative = rest[0] is '-';
        if (rest[0] is '-' or '+') { rest = rest[1..]; }
        if (rest.SequenceEqual("0")) { return true; }
        if (rest.IsEmpty) { return false; }

        var ticks = 0m;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Number);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) { return false; }

            rest = rest[digits..];
            var unit = FindUnit(rest);
            if (unit.Unit is null) { return false; }

            rest = rest[unit.Unit.Length..];
            if (number > long.MaxValue / unit.Ticks) { return false; }

            ticks += number * unit.Ticks;
            if (ticks > TimeSpan.MaxValue.Ticks) { return false; }
        }

        duration = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) { return "0s"; }

        var size = duration.Duration();
        var text = new StringBuilder(duration < TimeSpan.Zero ? "-" : "");
        if (size < TimeSpan.FromSeconds(1))
        {
            return text.Append((size.Ticks / 10_000m).ToString("0.####", CultureInfo.InvariantCulture)).Append("ms").ToString();
        }

        var hours = (long)size.TotalHours;
        if (hours > 0) { text.Append(CultureInfo.InvariantCulture, $"{hours}h"); }
        if (hours > 0 || size.Minutes > 0) { text.Append(CultureInfo.InvariantCulture, $"{size.Minutes}m"); }

        var seconds = size.Seconds + ((size.Ticks % TimeSpan.TicksPerSecond) / (decimal)TimeSpan.TicksPerSecond);
        return text.Append(seconds.ToString("0.#######", CultureInfo.InvariantCulture)).Append('s').ToString();
    }

    private static (string? Unit, decimal Ticks) FindUnit(ReadOnlySpan<char> text)
    {
        foreach (var (unit, ticks) in Units)
        {
            if (text.StartsWith(unit, StringComparison.Ordinal)) { return (unit, ticks); }
        }

        return (null, 0);
    }
}

/// <summary>Reads and writes a <see cref="TimeSpan"/> as a Go duration.</summary>
public sealed class GoDurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String && GoDuration.TryParse(reader.GetString(), out var duration)
            ? duration
            : throw new JsonException("Expected a duration such as \"2160h\" or \"1h30m\".");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(GoDuration.Format(value));
}
