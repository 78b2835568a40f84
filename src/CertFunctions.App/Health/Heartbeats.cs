using System.Globalization;
using System.Text;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.Health;

/// <param name="Since">Of the first run ever.</param>
/// <param name="Last">Of the last run that went through.</param>
public sealed record Heartbeat(DateTimeOffset Since, DateTimeOffset Last);

/// <summary>What each timer leaves behind when it ran: <c>heartbeat/{function}</c>. It is how a process that serves requests sees that timers, which run elsewhere, still do.</summary>
public sealed class Heartbeats(IObjectStore objects, TimeProvider time)
{
    public const string Prefix = "heartbeat/";

    /// <summary>Of two at the same moment one is enough.</summary>
    public async Task BeatAsync(string timer, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var name = Prefix + timer;
        if (await objects.FindAsync(name, cancellationToken) is not { } last)
        {
            await objects.PutIfAbsentAsync(name, Bytes(new Heartbeat(now, now)), cancellationToken);
            return;
        }

        var since = Read(last)?.Since ?? now;
        await objects.PutIfMatchAsync(name, Bytes(new Heartbeat(since, now)), last.ETag, cancellationToken);
    }

    /// <summary>Null: it never ran.</summary>
    public async Task<Heartbeat?> FindAsync(string timer, CancellationToken cancellationToken) =>
        await objects.FindAsync(Prefix + timer, cancellationToken) is { } found ? Read(found) : null;

    private static byte[] Bytes(Heartbeat beat) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{beat.Since:o} {beat.Last:o}"));

    // What somebody else has put there is no heartbeat: the next run overwrites it.
    private static Heartbeat? Read(StoredObject stored) => Encoding.ASCII.GetString(stored.Content.Span).Split(' ') is [var since, var last]
        && DateTimeOffset.TryParseExact(since, "o", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first)
        && DateTimeOffset.TryParseExact(last, "o", CultureInfo.InvariantCulture, DateTimeStyles.None, out var latest)
            ? new Heartbeat(first, latest)
            : null;
}
