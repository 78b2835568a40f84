using System.Buffers;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>When a renewal window is open. It opens at each instant whose wall clock, in the window's time zone, matches its cron expression.</summary>
/// <remarks>
/// So a time that the clock skips opens nothing on that day, and a time that it shows twice opens twice: as in robfig/cron, which cert-manager uses.
/// </remarks>
public sealed class WindowSchedule
{
    // As robfig/cron: an expression without a match in five years has none.
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(5 * 366);

    private const int MaxZone = 64;

    private static readonly SearchValues<char> ZoneLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");

    private readonly CronExpression _cron;
    private readonly TimeZoneInfo _zone;
    private readonly TimeSpan _duration;

    private WindowSchedule(CronExpression cron, TimeZoneInfo zone, TimeSpan duration) => (_cron, _zone, _duration) = (cron, zone, duration);

    /// <summary>Null and what is wrong, fit for a message, when cron or time zone cannot be read.</summary>
    public static WindowSchedule? TryRead(RenewalWindow window, out string? problem)
    {
        if (!TryFindZone(window.TimezoneOrDefault(), out var zone))
        {
            problem = $"\"{window.Timezone}\" is not a time zone of the IANA database";
            return null;
        }

        return CronExpression.TryParse(window.Cron, out problem) is { } cron ? new WindowSchedule(cron, zone, window.WindowDuration) : null;
    }

    public static bool TryFindZone(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        // The letters first: names are looked up as files.
        zone = null;
        return name.Length is > 0 and <= MaxZone && !name.AsSpan().ContainsAnyExcept(ZoneLetters) && name[0] != '/' && name != "Local"
            && TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone);
    }

    /// <summary>The end of a window still counts as open.</summary>
    public bool IsOpen(DateTimeOffset moment) => FirstOpening(moment - (_duration < Horizon ? _duration : Horizon), moment) is not null;

    /// <summary>The first opening at <paramref name="from"/> or later, but before <paramref name="end"/>; null when there is none.</summary>
    public DateTimeOffset? NextOpening(DateTimeOffset from, DateTimeOffset end) =>
        FirstOpening(from, end.AddTicks(-1) < from + Horizon ? end.AddTicks(-1) : from + Horizon);

    private DateTimeOffset? FirstOpening(DateTimeOffset from, DateTimeOffset last)
    {
        // Local days lie in the order of time even where a clock goes back over midnight, since no instant belongs to two days.
        for (var day = LocalDay(from); day <= LocalDay(last); day = day.AddDays(1))
        {
            if (!_cron.Matches(day)) { continue; }

            var openings = _cron.Times.SelectMany(time => Instants(day.ToDateTime(time))).Where(instant => instant >= from && instant <= last);
            if (openings.Order().Cast<DateTimeOffset?>().FirstOrDefault() is { } first) { return first; }
        }

        return null;
    }

    private DateOnly LocalDay(DateTimeOffset moment) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, _zone).DateTime);

    private IEnumerable<DateTimeOffset> Instants(DateTime wall)
    {
        if (_zone.IsInvalidTime(wall)) { return []; }

        TimeSpan[] offsets = _zone.IsAmbiguousTime(wall) ? _zone.GetAmbiguousTimeOffsets(wall) : [_zone.GetUtcOffset(wall)];
        return offsets.Select(offset => new DateTimeOffset(wall, offset).ToUniversalTime());
    }
}
