using System.Globalization;

namespace CertFunctions.App.Health;

/// <summary>Decides from facts whether the app does its work, and names each reason why not.</summary>
public static class ReadinessPolicy
{
    public static ReadinessReport Decide(ReadinessFacts facts, TimeSpan dueLag)
    {
        List<FailedCheck> failed =
        [
            .. facts.Unreached.Select(each => new FailedCheck(each.What, each.Code, $"The {each.What} could not be asked.")),
            .. (facts.Timers ?? []).Select(timer => Late(timer, facts.Now)).OfType<FailedCheck>(),
            .. Lag(facts, dueLag),
        ];
        if (failed.Count == 0) { return new ReadinessReport("ready", facts.Now, Failed: null, MostOverdue: null); }

        var overdue = facts.MostOverdue is { } most ? new MostOverdue(most.Kind, most.Namespace, most.Name, most.Due, Text(facts.Now - most.Due)) : null;
        return new ReadinessReport("unready", facts.Now, failed, overdue);
    }

    private static FailedCheck? Late(TimerFacts timer, DateTimeOffset now)
    {
        var check = $"timer/{timer.Name}";
        return timer switch
        {
            { Bound: null } => new(check, "ScheduleUnreadable", "Its schedule cannot be read."),
            { Last: null } when now > timer.Bound => new(check, "NeverRan", "It has not run yet."),
            _ when now > timer.Bound => new(check, "TimerLate", string.Create(CultureInfo.InvariantCulture, $"It last ran {timer.Last:yyyy-MM-ddTHH:mm:ssZ}, and should have by {timer.Bound:yyyy-MM-ddTHH:mm:ssZ}.")),
            _ => null,
        };
    }

    private static IEnumerable<FailedCheck> Lag(ReadinessFacts facts, TimeSpan bound)
    {
        if (facts.MostOverdue is not { } most || facts.Now - most.Due <= bound) { yield break; }

        yield return new("due", "Overdue", string.Create(CultureInfo.InvariantCulture, $"{most.Kind} {most.Namespace}/{most.Name} should have been looked at {Text(facts.Now - most.Due)} ago."));
    }

    private static string Text(TimeSpan late) => TimeSpan.FromSeconds(Math.Floor(late.TotalSeconds)).ToString("c", CultureInfo.InvariantCulture);
}
