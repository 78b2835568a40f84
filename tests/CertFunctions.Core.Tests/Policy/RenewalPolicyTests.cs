using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class RenewalPolicyTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly CertificateSpec Plain = A.Certificate().Spec;

    public static TheoryData<string, TimeSpan, CertificateSpec, string> Times => new()
    {
        // because                                          lifetime                     asked                                                     expected
        { "nothing is asked: two thirds in",                TimeSpan.FromDays(90),       Plain,                                                    "2026-03-02T00:00:00Z" },
        { "the asked lead time fits",                       TimeSpan.FromDays(90),       Plain with { RenewBefore = TimeSpan.FromDays(20) },       "2026-03-12T00:00:00Z" },
        { "a zero lead time is ignored",                    TimeSpan.FromDays(90),       Plain with { RenewBefore = TimeSpan.Zero },               "2026-03-02T00:00:00Z" },
        { "a negative lead time is ignored",                TimeSpan.FromDays(90),       Plain with { RenewBefore = -Hour },                       "2026-03-02T00:00:00Z" },
        { "it would precede the issuance: no loop",         TimeSpan.FromDays(6),        Plain with { RenewBefore = TimeSpan.FromDays(20) },       "2026-01-05T00:00:00Z" },
        { "it is the whole lifetime: no loop",              TimeSpan.FromDays(6),        Plain with { RenewBefore = TimeSpan.FromDays(6) },        "2026-01-05T00:00:00Z" },
        { "a tenth is to be left",                          TimeSpan.FromDays(90),       Plain with { RenewBeforePercentage = 10 },                "2026-03-23T00:00:00Z" },
        { "the lead time wins over the percentage",         TimeSpan.FromDays(90),       Plain with { RenewBefore = TimeSpan.FromDays(20), RenewBeforePercentage = 10 }, "2026-03-12T00:00:00Z" },
        { "an over-long lead time leaves the percentage",   TimeSpan.FromDays(10),       Plain with { RenewBefore = TimeSpan.FromDays(20), RenewBeforePercentage = 10 }, "2026-01-10T00:00:00Z" },
        { "0 percent is ignored",                           TimeSpan.FromDays(90),       Plain with { RenewBeforePercentage = 0 },                 "2026-03-02T00:00:00Z" },
        { "100 percent is ignored",                         TimeSpan.FromDays(90),       Plain with { RenewBeforePercentage = 100 },               "2026-03-02T00:00:00Z" },
        { "fractions of a second are dropped",              TimeSpan.FromSeconds(100),   Plain,                                                    "2026-01-01T00:01:06Z" },
        { "a certificate without an end in sight",          At("9999-12-31T23:59:59Z") - Some.Day1, Plain with { RenewBeforePercentage = 99 },     "2105-09-28T10:19:11Z" },
    };

    [Theory, MemberData(nameof(Times))]
    public void Renewal_time_when(string because, TimeSpan lifetime, CertificateSpec spec, string expected)
    {
        var moment = RenewalPolicy.RenewalTime(Some.Day1, Some.Day1 + lifetime, spec);

        Assert.True(moment == new RenewalMoment(At(expected)), $"{because}: {moment.At:u} {moment.WindowProblem}");
    }

    [Fact]
    public void Never_by_itself_when_disabled() =>
        Assert.Equal(new RenewalMoment(At: null), RenewalPolicy.RenewalTime(Some.Day1, Some.End, Plain with { Renewal = new Renewal { Policy = "Disabled" } }));

    public static TheoryData<string, RenewalWindow[], string> Windows => new()
    {
        // Due at 2026-03-02 00:00 UTC, a Monday; ends at 2026-04-01 00:00 UTC.
        { "no window: when due",                            [], "2026-03-02T00:00:00Z" },
        { "one is open: when due",                          [Window("0 23 * * *", 2)], "2026-03-02T00:00:00Z" },
        { "one opens just then",                            [Window("0 0 * * *", 1)], "2026-03-02T00:00:00Z" },
        { "its end counts as open",                         [Window("0 23 * * *", 1)], "2026-03-02T00:00:00Z" },
        { "it has just closed: the next",                   [Window("59 22 * * *", 1)], "2026-03-02T22:59:00Z" },
        { "Saturdays at three",                             [Window("0 3 * * SAT", 2)], "2026-03-07T03:00:00Z" },
        { "the earliest of several",                        [Window("0 3 * * 6", 2), Window("30 1 4 * *", 1)], "2026-03-04T01:30:00Z" },
        { "one of several is open",                         [Window("0 3 * * 6", 2), Window("0 20 * * *", 6)], "2026-03-02T00:00:00Z" },
        { "one that is open for longer than its period",    [Window("0 0 1 * *", 24 * 40)], "2026-03-02T00:00:00Z" },
        { "open for longer than anything lasts",            [Window("0 0 1 1 *", 800_000)], "2026-03-02T00:00:00Z" },
        { "in the zone's own time: New York is 5 h behind", [Window("0 3 * * *", 1, "America/New_York")], "2026-03-02T08:00:00Z" },
        { "a zone with half hours",                         [Window("0 3 * * *", 1, "Asia/Kolkata")], "2026-03-02T21:30:00Z" },
    };

    [Theory, MemberData(nameof(Windows))]
    public void Renewal_starts_in_a_window_when(string because, RenewalWindow[] windows, string expected)
    {
        var moment = RenewalPolicy.RenewalTime(Some.Day1, Some.End, Plain with { Renewal = new Renewal { Windows = [.. windows] } });

        Assert.True(moment == new RenewalMoment(At(expected)), $"{because}: {moment.At:u} {moment.WindowProblem}");
    }

    public static TheoryData<string, RenewalWindow> Unfit => new()
    {
        { "it opens after the end only",    Window("0 0 2 4 *", 1) },
        { "it opens at the very end",       Window("0 0 1 4 *", 1) },
        { "such a day does not exist",      Window("0 0 31 2 *", 1) },
        { "the cron cannot be read",        Window("every day", 1) },
        { "the zone does not exist",        Window("0 0 * * *", 1, "Europe/Atlantis") },
    };

    [Theory, MemberData(nameof(Unfit))]
    public void Tells_that_no_window_fits_and_renews_when_due(string because, RenewalWindow window)
    {
        var moment = RenewalPolicy.RenewalTime(Some.Day1, Some.End, Plain with { Renewal = new Renewal { Windows = [window] } });

        Assert.True(moment is { At: { } at, WindowProblem: not null } && at == At("2026-03-02T00:00:00Z"), because);
    }

    private static RenewalWindow Window(string cron, double hours, string? zone = null) => new() { Cron = cron, WindowDuration = hours * Hour, Timezone = zone };

    private static DateTimeOffset At(string text) => Some.At(text);
}
