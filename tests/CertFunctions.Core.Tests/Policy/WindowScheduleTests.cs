using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class WindowScheduleTests
{
    public static TheoryData<string, string, string, string, string?> Openings => new()
    {
        // because                                          cron             zone              from                    opens
        { "spring: half past two does not exist that day",  "30 2 * * *",    "Europe/Berlin",  "2026-03-29T00:00:00Z", "2026-03-30T00:30:00Z" },
        { "spring: the hour after the gap",                 "0 3 * * *",     "Europe/Berlin",  "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z" },
        { "spring: the same clock, one hour earlier",       "0 12 * * *",    "Europe/Berlin",  "2026-03-28T12:00:00Z", "2026-03-29T10:00:00Z" },
        { "autumn: half past two, in summer time",          "30 2 * * *",    "Europe/Berlin",  "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z" },
        { "autumn: half past two again, in winter time",    "30 2 * * *",    "Europe/Berlin",  "2026-10-25T00:31:00Z", "2026-10-25T01:30:00Z" },
        { "autumn: not a third time",                       "30 2 * * *",    "Europe/Berlin",  "2026-10-25T01:31:00Z", "2026-10-26T01:30:00Z" },
        { "autumn: quarters go through both hours in order", "*/15 2 * * *", "Europe/Berlin",  "2026-10-25T00:46:00Z", "2026-10-25T01:00:00Z" },
        { "the clock goes back to midnight (Cuba)",         "30 0 * * *",    "America/Havana", "2026-11-01T04:31:00Z", "2026-11-01T05:30:00Z" },
        { "the clock goes back over midnight (Chile)",      "30 23 * * *",   "America/Santiago", "2026-04-05T02:31:00Z", "2026-04-05T03:30:00Z" },
        { "the clock skips midnight (Cairo)",               "0 0 * * *",     "Africa/Cairo",   "2026-04-23T00:00:00Z", "2026-04-24T21:00:00Z" },
        { "a leap day, two years ahead",                    "0 0 29 2 *",    "UTC",            "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z" },
        { "no match within five years is none",             "0 0 29 2 *",    "UTC",            "2096-03-01T00:00:00Z", null },
    };

    [Theory, MemberData(nameof(Openings))]
    public void Opens(string because, string cron, string zone, string from, string? opens)
    {
        var schedule = WindowSchedule.TryRead(new RenewalWindow { Cron = cron, Timezone = zone, WindowDuration = TimeSpan.FromHours(1) }, out var problem);
        Assert.Null(problem);
        var opening = schedule!.NextOpening(Some.At(from), DateTimeOffset.MaxValue);

        Assert.True(opening == (opens is null ? null : Some.At(opens)), $"{because}: {opening:u}");
    }

    public static TheoryData<string, string, string> Days => new()
    {
        { "day of month or day of week",        "0 0 13 * FRI", "2026-02-06 2026-02-13 2026-02-20 2026-02-27" },
        { "a star leaves it to the other",      "0 0 * 2 1-2",  "2026-02-02 2026-02-03 2026-02-09 2026-02-10 2026-02-16 2026-02-17 2026-02-23 2026-02-24" },
        { "a question mark is a star",          "0 0 ? 2 SUN",  "2026-02-01 2026-02-08 2026-02-15 2026-02-22" },
        { "a star with a step is no star",      "0 0 */20 * 1", "2026-02-01 2026-02-02 2026-02-09 2026-02-16 2026-02-21 2026-02-23" },
        { "a value with a step goes on",        "0 0 20/4 * *", "2026-02-20 2026-02-24 2026-02-28" },
        { "lists, ranges, names of months",     "0 0 1,3-5 jan-FEB *", "2026-02-01 2026-02-03 2026-02-04 2026-02-05" },
        { "a descriptor",                       "@weekly",      "2026-02-01 2026-02-08 2026-02-15 2026-02-22" },
    };

    [Theory, MemberData(nameof(Days))]
    public void Matches_the_days_of_February(string because, string cron, string expected)
    {
        var expression = CronExpression.TryParse(cron, out _)!;
        var days = Enumerable.Range(1, 28).Select(day => new DateOnly(2026, 2, day)).Where(expression.Matches);

        Assert.True(expected == string.Join(' ', days.Select(day => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture))), because);
    }

    [Theory]
    [InlineData("@hourly", 24)]
    [InlineData("*/15 8-17 * * *", 40)]
    [InlineData("5/30 */12 * * *", 4)]
    [InlineData("59 23 * * *", 1)]
    public void Counts_the_times_of_a_day(string cron, int count) => Assert.Equal(count, CronExpression.TryParse(cron, out _)!.Times.Count);

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("0 * * * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * * 13 *")]
    [InlineData("* * * * 7")]
    [InlineData("* * * * FRI-MON")]
    [InlineData("5-1 * * * *")]
    [InlineData("1-2-3 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("*/-1 * * * *")]
    [InlineData("+1 * * * *")]
    [InlineData("1, * * * *")]
    [InlineData("1/2/3 * * * *")]
    [InlineData("* * * MONDAY *")]
    [InlineData("@every 1h")]
    [InlineData("TZ=UTC * * * * *")]
    public void Refuses(string cron)
    {
        Assert.Null(CronExpression.TryParse(cron, out var problem));
        Assert.NotNull(problem);
    }

    [Theory]
    [InlineData("Europe/Berlin", true)]
    [InlineData("UTC", true)]
    [InlineData("Etc/GMT+5", true)]
    [InlineData("Europe/Atlantis", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("/etc/localtime", false)]
    [InlineData("", false)]
    public void Knows_the_zone(string name, bool exists) => Assert.Equal(exists, WindowSchedule.TryFindZone(name, out _));
}
