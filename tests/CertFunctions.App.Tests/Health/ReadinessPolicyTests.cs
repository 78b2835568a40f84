using CertFunctions.App.Health;

namespace CertFunctions.App.Tests.Health;

public sealed class ReadinessPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimerFacts OnTime = new("StartDue", Now.AddMinutes(-1), Now.AddMinutes(7));

    public static TheoryData<string, ReadinessFacts, string[]> Cases => new()
    {
        { "all is well", Facts([OnTime]), [] },
        { "at the bound a timer is not late yet", Facts([OnTime with { Bound = Now }]), [] },
        { "past the bound it is", Facts([OnTime with { Bound = Now.AddSeconds(-1) }]), ["timer/StartDue TimerLate"] },
        { "one that never ran and should have", Facts([OnTime with { Last = null, Bound = Now.AddSeconds(-1) }]), ["timer/StartDue NeverRan"] },
        { "one that never ran and has time", Facts([OnTime with { Last = null }]), [] },
        { "nobody knows when it would be late", Facts([OnTime with { Bound = null }]), ["timer/StartDue ScheduleUnreadable"] },
        { "each timer counts", Facts([OnTime, new("SweepState", Now.AddHours(-9), Now.AddHours(-6))]), ["timer/SweepState TimerLate"] },
        { "a run may take long", Facts([OnTime]) with { MostOverdue = Web(Now.AddHours(-2)) }, [] },
        { "but not longer than the lag", Facts([OnTime]) with { MostOverdue = Web(Now.AddHours(-2).AddSeconds(-1)) }, ["due Overdue"] },
        { "a vault that refuses", Facts([OnTime]) with { Unreached = [("vault/system", "Refused")] }, ["vault/system Refused"] },
        { "a store that says nothing of timers", Facts(null) with { Unreached = [("store", "TimedOut")] }, ["store TimedOut"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Says_what_failed(string because, ReadinessFacts facts, string[] failed)
    {
        var report = ReadinessPolicy.Decide(facts, TimeSpan.FromHours(2));

        Assert.Equal(failed, (report.Failed ?? []).Select(each => $"{each.Check} {each.Reason}"));
        Assert.True(report.Status == (failed.Length == 0 ? "ready" : "unready"), because);
    }

    [Fact]
    public void Names_the_most_overdue_only_when_something_failed()
    {
        var late = Facts([OnTime with { Bound = Now.AddSeconds(-1) }]) with { MostOverdue = Web(Now.AddMinutes(-12)) };

        Assert.Equal(new MostOverdue("Certificate", "shop", "web", Now.AddMinutes(-12), "00:12:00"), ReadinessPolicy.Decide(late, TimeSpan.FromHours(2)).MostOverdue);
        Assert.Null(ReadinessPolicy.Decide(late with { Timers = [OnTime] }, TimeSpan.FromHours(2)).MostOverdue);
    }

    private static ReadinessFacts Facts(IReadOnlyList<TimerFacts>? timers) => new(Now, timers, MostOverdue: null, Unreached: []);

    private static OverdueResource Web(DateTimeOffset due) => new("Certificate", "shop", "web", due);
}
