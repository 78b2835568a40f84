using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Events;

/// <summary>What happened to one resource lately, oldest first.</summary>
/// <param name="Subject">Whose; a resource made anew under the same name begins with an empty history.</param>
public sealed record EventHistory(EventSubject Subject, ValueList<EventRecord> Events)
{
    /// <summary>How many are kept.</summary>
    public const int Most = 20;

    private const int LongestMessage = 1024;

    /// <summary>What is kept; null when there is nothing, or nothing readable: then it begins anew.</summary>
    public static EventHistory? Read(StoredObject? found)
    {
        try { return found is null ? null : JsonSerializer.Deserialize(found.Content.Span, EventJson.Default.EventHistory); }
        catch (JsonException) { return null; }
    }

    /// <summary>The history with one more; null when it holds this decision already.</summary>
    public static EventHistory? With(EventHistory? history, Occurrence occurrence, DateTimeOffset now)
    {
        var events = history?.Subject.Uid == occurrence.Subject.Uid ? history.Events : [];
        var last = events.Count > 0 ? events[^1] : null;
        var (reason, message) = (OneLine(occurrence.Reason), OneLine(occurrence.Message));
        var isSame = last is not null && (last.IsWarning, last.Reason, last.Message) == (occurrence.IsWarning, reason, message);
        if (occurrence.Key is null ? isSame : events.Any(each => each.Key == occurrence.Key)) { return null; }

        return new(occurrence.Subject, isSame
            ? [.. events.SkipLast(1), last! with { Key = occurrence.Key, Count = last.Count + 1, Last = now }]
            : [.. events.TakeLast(Most - 1), new EventRecord(Id(occurrence, now), occurrence.Key, occurrence.IsWarning, reason, message, Count: 1, now, now)]);
    }

    /// <summary>The same for the same decision.</summary>
    private static string Id(Occurrence occurrence, DateTimeOffset now)
    {
        var decision = occurrence.Key ?? $"{now.UtcTicks} {occurrence.Reason} {occurrence.Message}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{occurrence.Subject.Uid} {decision}")))[..32];
    }

    /// <summary>Texts of vaults and CAs go in here: bounded, and unable to forge a line.</summary>
    private static string OneLine(string text) => string.Concat((text.Length > LongestMessage ? text[..LongestMessage] : text).Select(letter => char.IsControl(letter) ? ' ' : letter));
}

/// <param name="Id">32 hex digits: the event's uid, and the end of its name.</param>
/// <param name="Count">How often in a row, from <paramref name="First"/> to <paramref name="Last"/>.</param>
public sealed record EventRecord(string Id, string? Key, bool IsWarning, string Reason, string Message, int Count, DateTimeOffset First, DateTimeOffset Last);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventHistory))]
[JsonSerializable(typeof(EventRecord[]))]
internal sealed partial class EventJson : JsonSerializerContext;
