using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using NCrontab;

namespace CertFunctions.App.Health;

/// <summary>The app's timers, found by their triggers, so that a new one cannot be forgotten.</summary>
public static class TimerFunctions
{
    /// <summary>Function name to the setting that holds its schedule.</summary>
    public static FrozenDictionary<string, string> Settings { get; } = typeof(TimerFunctions).Assembly.GetExportedTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Select(method => (Function: method.GetCustomAttribute<FunctionAttribute>()?.Name, Trigger: method.GetParameters().Select(each => each.GetCustomAttribute<TimerTriggerAttribute>()).FirstOrDefault(each => each is not null)))
        .Where(each => each is { Function: not null, Trigger: not null })
        .ToFrozenDictionary(each => each.Function!, each => each.Trigger!.Schedule.Trim('%'), StringComparer.Ordinal);

    /// <summary>The occurrence that is <paramref name="count"/> after a moment; null when the schedule cannot be read, or has no such occurrence.</summary>
    public static DateTimeOffset? Occurrence(IConfiguration configuration, string timer, DateTimeOffset after, int count)
    {
        var text = configuration[Settings[timer]] ?? "";
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval)) { return after + (count * interval); }

        var seconds = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 6;
        if (CrontabSchedule.TryParse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = seconds }) is not { } cron) { return null; }

        var moment = after.UtcDateTime;
        for (var number = 0; number < count; number++)
        {
            moment = cron.GetNextOccurrence(moment);
            if (moment == DateTime.MaxValue) { return null; }
        }

        return new DateTimeOffset(DateTime.SpecifyKind(moment, DateTimeKind.Utc));
    }
}
