using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using NCrontab;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>When a timer is due: NCRONTAB of six fields (five: at second 0), or a TimeSpan as a constant interval. UTC.</summary>
internal sealed partial class TimerSchedule
{
    private readonly Func<DateTime, DateTime> _next;

    private TimerSchedule(string text, Func<DateTime, DateTime> next) => (Text, _next) = (text, next);

    public string Text { get; }

    /// <summary>The first occurrence after <paramref name="moment"/>.</summary>
    public DateTime Next(DateTime moment) => DateTime.SpecifyKind(_next(moment), DateTimeKind.Utc);

    /// <summary>Upstream keeps no status of a timer that recurs faster than once a minute.</summary>
    public bool IsFasterThanAMinute(DateTime now)
    {
        var first = Next(now);
        return Next(first) - first < TimeSpan.FromMinutes(1);
    }

    /// <summary>Reads the trigger's text after replacing each <c>%SETTING%</c>.</summary>
    public static TimerSchedule Parse(string functionName, string text, IConfiguration settings)
    {
        var resolved = Setting().Replace(text, match => settings[match.Groups["name"].Value]
            ?? throw new HostStartException($"Timer function {functionName}: the setting '{match.Groups["name"].Value}' named by its schedule '{text}' is missing."));

        var fields = resolved.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length;
        var cron = CrontabSchedule.TryParse(resolved, new CrontabSchedule.ParseOptions { IncludingSeconds = fields == 6 });
        if (cron is not null) { return new TimerSchedule(resolved, cron.GetNextOccurrence); }

        return TimeSpan.TryParse(resolved, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero
            ? new TimerSchedule(resolved, moment => moment + interval)
            : throw new HostStartException($"Timer function {functionName}: '{resolved}' is neither an NCRONTAB expression nor a time span.");
    }

    [GeneratedRegex("%(?<name>[^%]+)%", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Setting();
}
