using System.Text.Json;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Events;

/// <summary>Tells people what was decided: one log line and one event a decision. Never fails who calls it: a lost event is a lost line, not a lost certificate.</summary>
public sealed class EventRecorder(IObjectStore objects, TimeProvider time, ILogger<EventRecorder> log)
{
    private const int MostTries = 4;

    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(5);

    /// <summary>Safe to repeat; at most one write. Call it before the act it tells of: then a repeated activity finds its event, else a crash in between loses it.</summary>
    public async Task RecordAsync(Occurrence occurrence, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = new CancellationTokenSource(MostTime, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            if (await KeepAsync(occurrence, both.Token)) { Log(occurrence); }
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            Log(occurrence);
            log.EventLost(failure, occurrence.Subject.Kind, occurrence.Subject.Namespace, occurrence.Subject.Name, occurrence.Reason);
        }
    }

    /// <returns>False when it was there already.</returns>
    private async Task<bool> KeepAsync(Occurrence occurrence, CancellationToken cancellationToken)
    {
        var name = occurrence.Subject.ObjectName;
        for (var tries = 0; tries < MostTries; tries++)
        {
            var found = await objects.FindAsync(name, cancellationToken);
            if (EventHistory.With(EventHistory.Read(found), occurrence, WholeSeconds(time.GetUtcNow())) is not { } history) { return false; }

            var content = JsonSerializer.SerializeToUtf8Bytes(history, EventJson.Default.EventHistory);
            var metadata = ValueMap.Empty.With("uid", occurrence.Subject.Uid);
            var result = found is null
                ? await objects.PutIfAbsentAsync(name, content, metadata, cancellationToken)
                : await objects.PutIfMatchAsync(name, content, metadata, found.ETag, cancellationToken);
            if (result is PutResult.Written) { return true; }
        }

        throw new TimeoutException("Others keep writing the events of the same resource.");
    }

    private void Log(Occurrence occurrence) => log.Occurred(
        occurrence.IsWarning ? LogLevel.Warning : LogLevel.Information,
        occurrence.Subject.Kind, occurrence.Subject.Namespace, occurrence.Subject.Name, occurrence.Reason, occurrence.Message);

    private static DateTimeOffset WholeSeconds(DateTimeOffset now) => now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
}

internal static partial class EventLog
{
    [LoggerMessage(EventId = 6001, Message = "{Kind} {Namespace}/{Name}: {Reason}: {Detail}")]
    public static partial void Occurred(this ILogger log, LogLevel level, string kind, string? @namespace, string name, string reason, string detail);

    [LoggerMessage(EventId = 6002, Level = LogLevel.Warning, Message = "{Kind} {Namespace}/{Name}: the event {Reason} could not be kept")]
    public static partial void EventLost(this ILogger log, Exception failure, string kind, string? @namespace, string name, string reason);

    [LoggerMessage(EventId = 6003, Level = LogLevel.Information, Message = "Removed the events of {Count} resources that are gone")]
    public static partial void EventsSwept(this ILogger log, int count);
}
