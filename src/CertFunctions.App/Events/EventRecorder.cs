using System.Collections.Concurrent;
using System.Text.Json;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Events;

/// <summary>Tells people what was decided: one log line and one event a decision. Never fails who calls it: a lost event is a lost line, not a lost certificate.</summary>
public sealed class EventRecorder(IObjectStore objects, TimeProvider time, ILogger<EventRecorder> log)
{
    private const int MostTries = 4;
    private const int MostKnown = 2000;

    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(5);

    /// <summary>What this process wrote last, so that the next event of the same resource costs one write and no read. Outdated is harmless: the write is conditional.</summary>
    private readonly ConcurrentDictionary<string, (EventHistory History, ETag Version)> _known = new();

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
            var (known, version) = await FindAsync(name, cancellationToken);
            if (EventHistory.With(known, occurrence, time.GetUtcNow().InWholeSeconds()) is not { } history)
            {
                if (version is { } still) { Know(name, known!, still); }
                return false;
            }

            var content = JsonSerializer.SerializeToUtf8Bytes(history, EventJson.Default.EventHistory);
            var metadata = ValueMap.Empty.With("uid", occurrence.Subject.Uid);
            var result = version is { } expected
                ? await objects.PutIfMatchAsync(name, content, metadata, expected, cancellationToken)
                : await objects.PutIfAbsentAsync(name, content, metadata, cancellationToken);
            if (result is PutResult.Written written)
            {
                Know(name, history, written.ETag);
                return true;
            }
        }

        throw new TimeoutException("Others keep writing the events of the same resource.");
    }

    /// <summary>What is known is used once: whoever loses the race with it reads.</summary>
    private async Task<(EventHistory? History, ETag? Version)> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (_known.TryRemove(name, out var known)) { return known; }

        var found = await objects.FindAsync(name, cancellationToken);
        return (EventHistory.Read(found), found?.ETag);
    }

    private void Know(string name, EventHistory history, ETag version)
    {
        if (_known.Count >= MostKnown) { _known.Clear(); }
        _known[name] = (history, version);
    }

    private void Log(Occurrence occurrence) => log.Occurred(
        occurrence.IsWarning ? LogLevel.Warning : LogLevel.Information,
        occurrence.Subject.Kind, occurrence.Subject.Namespace, occurrence.Subject.Name, occurrence.Reason, occurrence.Message);
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
