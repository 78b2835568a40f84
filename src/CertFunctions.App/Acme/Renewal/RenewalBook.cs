using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.Acme.Renewal;

/// <summary>Which certificates were asked for, and when each may be again. One object for all: so ten thousand unmoved windows write no Certificate.</summary>
/// <remarks>Twelve bytes a certificate. Losing it costs one round of questions.</remarks>
public sealed class RenewalBook
{
    private const int EntryBytes = sizeof(ulong) + sizeof(uint);

    /// <summary>What was not asked for so long after its time is gone.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(2);

    private readonly Dictionary<ulong, uint> _checks = [];
    private readonly Dictionary<string, DirectoryRest> _directories = new(StringComparer.Ordinal);

    /// <summary>Until when somebody has the turn; null: nobody.</summary>
    public DateTimeOffset? TakenUntil { get; set; }

    /// <summary>The listing's name at which the walk goes on; null: at the beginning.</summary>
    public string? Position { get; set; }

    /// <summary>When the next walk begins, unless one is under way.</summary>
    public DateTimeOffset? NextWalk { get; set; }

    /// <summary>What it was read as; null: there was none.</summary>
    public ETag? Version { get; set; }

    /// <summary>Whether there is something to write.</summary>
    public bool IsChanged { get; set; }

    public static RenewalBook Read(StoredObject stored)
    {
        var book = new RenewalBook { Version = stored.ETag };
        try
        {
            var page = JsonSerializer.Deserialize(stored.Content.Span, RenewalBookJson.Default.RenewalBookPage)!;
            (book.TakenUntil, book.Position, book.NextWalk) = (page.TakenUntil, page.Position, page.NextWalk);
            foreach (var each in page.Directories) { book._directories[each.Url] = each; }
            for (var checks = page.Checks.AsSpan(); checks.Length >= EntryBytes; checks = checks[EntryBytes..])
            {
                book._checks[BinaryPrimitives.ReadUInt64BigEndian(checks)] = BinaryPrimitives.ReadUInt32BigEndian(checks[sizeof(ulong)..]);
            }
        }
        catch (JsonException)
        {
            book._checks.Clear();   // begun anew
        }

        return book;
    }

    public byte[] Write(DateTimeOffset now)
    {
        var oldest = Seconds(now - Kept);
        var checks = new byte[_checks.Count * EntryBytes];
        var used = 0;
        foreach (var (key, at) in _checks.Where(each => each.Value >= oldest))
        {
            BinaryPrimitives.WriteUInt64BigEndian(checks.AsSpan(used), key);
            BinaryPrimitives.WriteUInt32BigEndian(checks.AsSpan(used + sizeof(ulong)), at);
            used += EntryBytes;
        }

        var page = new RenewalBookPage(TakenUntil, Position, NextWalk, [.. _directories.Values.Where(each => each.Until > now - Kept)], checks[..used]);
        return JsonSerializer.SerializeToUtf8Bytes(page, RenewalBookJson.Default.RenewalBookPage);
    }

    public bool IsDue(RenewalTarget target, DateTimeOffset now) =>
        !(_directories.TryGetValue(target.Directory, out var rest) && rest.Until > now) && !(_checks.TryGetValue(Key(target.Id), out var at) && at > Seconds(now));

    /// <summary>The CA answered, whatever; its failures are forgotten.</summary>
    public void Answered(RenewalTarget target, DateTimeOffset next)
    {
        Postpone(target, next);
        _directories.Remove(target.Directory);
    }

    /// <summary>Not asked for before then.</summary>
    public void Postpone(RenewalTarget target, DateTimeOffset next)
    {
        _checks[Key(target.Id)] = Seconds(next.AddSeconds(1).AddTicks(-1));
        IsChanged = true;
    }

    /// <summary>The CA is not asked at all before then.</summary>
    public void Rest(string directory, DateTimeOffset until)
    {
        _directories[directory] = new DirectoryRest(directory, 0, until);
        IsChanged = true;
    }

    /// <summary>No answer, or a refusal.</summary>
    /// <returns>Until when the CA is left alone; null: it may be asked for another certificate.</returns>
    public DateTimeOffset? Failed(RenewalTarget target, DateTimeOffset next, bool isBusy, TimeSpan? asked, DateTimeOffset now)
    {
        Postpone(target, next);
        var failures = (_directories.GetValueOrDefault(target.Directory)?.Failures ?? 0) + 1;
        var wait = RenewalInfoPace.Backoff(failures, isBusy, asked);
        _directories[target.Directory] = new DirectoryRest(target.Directory, failures, now + wait);
        return wait > TimeSpan.Zero ? now + wait : null;
    }

    /// <summary>When the first of all that was put off is due again; null: nothing was.</summary>
    public DateTimeOffset? NextDue(DateTimeOffset now)
    {
        var seconds = Seconds(now);
        var times = _checks.Values.Where(each => each > seconds).Select(each => DateTimeOffset.FromUnixTimeSeconds(each))
            .Concat(_directories.Values.Where(each => each.Until > now).Select(each => each.Until));
        return times.Cast<DateTimeOffset?>().Min();
    }

    private static ulong Key(string id) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    private static uint Seconds(DateTimeOffset time) => (uint)Math.Clamp(time.ToUnixTimeSeconds(), 0, uint.MaxValue);
}

/// <summary>A CA that is left alone, or failed lately.</summary>
internal sealed record DirectoryRest(string Url, int Failures, DateTimeOffset Until);

/// <summary>The book as it is stored.</summary>
/// <param name="Checks">Eight bytes of the id's SHA-256 and four of Unix time each, big-endian.</param>
internal sealed record RenewalBookPage(DateTimeOffset? TakenUntil, string? Position, DateTimeOffset? NextWalk, DirectoryRest[] Directories, byte[] Checks);

[JsonSerializable(typeof(RenewalBookPage))]
internal sealed partial class RenewalBookJson : JsonSerializerContext;
