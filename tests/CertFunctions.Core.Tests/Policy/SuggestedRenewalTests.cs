using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

/// <summary>When a certificate is renewed whose CA suggests a moment. It lives from 1 January to 1 April 2026; a third is left on 2 March, a twentieth on 27 March at noon.</summary>
public sealed class SuggestedRenewalTests
{
    private static readonly CertificateSpec Plain = A.Certificate().Spec;
    private static readonly CertificateSpec Nights = Plain with { Renewal = new Renewal { Windows = [new RenewalWindow { Cron = "0 3 * * *", WindowDuration = TimeSpan.FromHours(1) }] } };

    public static TheoryData<string, CertificateSpec, string, string?> Times => new()
    {
        // because                                            asked                                                    suggested                expected
        { "the suggestion alone decides, earlier",            Plain,                                                   "2026-02-10T12:00:00Z",  "2026-02-10T12:00:00Z" },
        { "and later than a third of life",                   Plain,                                                   "2026-03-20T12:00:00Z",  "2026-03-20T12:00:00Z" },
        { "row 28: but it waits no longer than a twentieth",  Plain,                                                   "2026-03-30T12:00:00Z",  "2026-03-27T12:00:00Z" },
        { "an explicit lead time is earlier",                 Plain with { RenewBefore = TimeSpan.FromDays(60) },      "2026-02-10T12:00:00Z",  "2026-01-31T00:00:00Z" },
        { "an explicit lead time is later",                   Plain with { RenewBefore = TimeSpan.FromDays(20) },      "2026-02-10T12:00:00Z",  "2026-02-10T12:00:00Z" },
        { "an explicit lead time of hours is what is asked",  Plain with { RenewBefore = TimeSpan.FromHours(6) },      "2026-03-31T23:00:00Z",  "2026-03-31T18:00:00Z" },
        { "a percentage counts as explicit",                  Plain with { RenewBeforePercentage = 50 },               "2026-03-20T12:00:00Z",  "2026-02-15T00:00:00Z" },
        { "a senseless lead time does not",                   Plain with { RenewBefore = TimeSpan.FromDays(200) },     "2026-03-20T12:00:00Z",  "2026-03-20T12:00:00Z" },
        { "Disabled wins",                                    Plain with { Renewal = new Renewal { Policy = "Disabled" } }, "2026-02-10T12:00:00Z", null },
        { "windows hold for a suggestion",                    Nights,                                                  "2026-02-10T12:00:00Z",  "2026-02-11T03:00:00Z" },
        { "the suggestion lies in a window",                  Nights,                                                  "2026-02-10T03:30:00Z",  "2026-02-10T03:30:00Z" },
        { "windows hold for the last twentieth",              Nights,                                                  "2026-03-30T12:00:00Z",  "2026-03-28T03:00:00Z" },
    };

    [Theory, MemberData(nameof(Times))]
    public void Renewal_time_when(string because, CertificateSpec spec, string suggested, string? expected)
    {
        var at = Some.At(suggested);
        var ari = new AriStatus { Id = "id", Directory = "d", SuggestedWindow = new SuggestedWindow { Start = at.AddHours(-1), End = at.AddHours(1) }, SelectedTime = at };

        var moment = RenewalPolicy.RenewalTime(Some.Day1, Some.End, spec, ari);

        Assert.True(moment == new RenewalMoment(expected is null ? null : Some.At(expected)), $"{because}: {moment.At:u} {moment.WindowProblem}");
    }

    public static TheoryData<string, CertificateSpec, string?> Incidents => new()
    {
        { "row 26: now",                        Plain,                                                        "2026-01-20T12:20:00Z" },
        { "windows do not hold an incident up", Nights,                                                       "2026-01-20T12:20:00Z" },
        { "nor does a lead time",               Plain with { RenewBefore = TimeSpan.FromDays(1) },            "2026-01-20T12:20:00Z" },
        { "Disabled wins",                      Plain with { Renewal = new Renewal { Policy = "Disabled" } }, null },
    };

    [Theory, MemberData(nameof(Incidents))]
    public void An_incident_s_renewal_time_when(string because, CertificateSpec spec, string? expected)
    {
        var found = Some.At("2026-01-20T12:00:00Z");
        var ari = new AriStatus { Id = "id", Directory = "d", SuggestedWindow = new SuggestedWindow { Start = found.AddHours(-1), End = found.AddMinutes(-30) }, SelectedTime = found.AddMinutes(20) };

        Assert.True(RenewalPolicy.RenewalTime(Some.Day1, Some.End, spec, ari) == new RenewalMoment(expected is null ? null : Some.At(expected)), because);
    }

    [Fact]
    public void Without_a_moment_the_formula_decides() =>
        Assert.Equal(Some.At("2026-03-02T00:00:00Z"), RenewalPolicy.RenewalTime(Some.Day1, Some.End, Plain, new AriStatus { Id = "id", Directory = "d" }).At);
}
