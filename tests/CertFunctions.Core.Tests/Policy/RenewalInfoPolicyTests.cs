using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

/// <summary>RFC 9773 §4.2 and rows 25 to 28 of acme-cases. The certificate lives from 1 January to 1 April 2026.</summary>
public sealed class RenewalInfoPolicyTests
{
    private const string Id = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE";
    private const string Server = "https://ca.test/dir";

    private static readonly AriStatus Unasked = new() { Id = Id, Directory = Server };

    public static TheoryData<string, string, string, string, bool> Windows => new()
    {
        // because                                            start                     end                       now                     believed
        { "two days around two thirds of life",               "2026-03-01T00:00:00Z",   "2026-03-03T00:00:00Z",   "2026-01-10T00:00:00Z", true },
        { "it has begun",                                     "2026-03-01T00:00:00Z",   "2026-03-03T00:00:00Z",   "2026-03-02T00:00:00Z", true },
        { "it is over: an incident",                          "2026-01-09T23:00:00Z",   "2026-01-09T23:30:00Z",   "2026-01-10T00:00:00Z", true },
        { "it ends after the certificate",                    "2026-03-01T00:00:00Z",   "2027-03-03T00:00:00Z",   "2026-01-10T00:00:00Z", true },
        { "it ends when it starts",                           "2026-03-01T00:00:00Z",   "2026-03-01T00:00:00Z",   "2026-01-10T00:00:00Z", false },
        { "it ends before it starts",                         "2026-03-03T00:00:00Z",   "2026-03-01T00:00:00Z",   "2026-01-10T00:00:00Z", false },
        { "nothing is left of it in whole seconds",           "2026-03-01T00:00:00.1Z", "2026-03-01T00:00:00.9Z", "2026-01-10T00:00:00Z", false },
        { "it starts when the certificate ends",              "2026-04-01T00:00:00Z",   "2026-04-02T00:00:00Z",   "2026-01-10T00:00:00Z", false },
        { "it starts in another age",                         "9999-01-01T00:00:00Z",   "9999-12-31T23:59:59Z",   "2026-01-10T00:00:00Z", false },
        { "it starts with the certificate: so would the next one's", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-10T00:00:00Z", false },
        { "it starts before all certificates",                "0001-01-01T00:00:00Z",   "0001-01-02T00:00:00Z",   "2026-01-10T00:00:00Z", false },
    };

    [Theory, MemberData(nameof(Windows))]
    public void Believes_a_window_when_it_makes_sense(string because, string start, string end, string now, bool believed) =>
        Assert.True(believed == (Moved(Unasked, start, end, now) is not null), because);

    [Fact]
    public void Spreads_certificates_evenly_over_the_window()
    {
        var (start, end) = (Some.At("2026-03-01T00:00:00Z"), Some.At("2026-03-03T00:00:00Z"));

        var chosen = Enumerable.Range(0, 10_000)
            .Select(number => Unasked with { Id = $"{Id}{number}" })
            .Select(each => RenewalInfoPolicy.Move(Status(each), each.Id, start, end, explanation: null, Some.At("2026-01-10T00:00:00Z"))!.SelectedTime!.Value).ToList();

        Assert.All(chosen, each => Assert.InRange(each, start, end.AddSeconds(-1)));
        Assert.All(chosen.GroupBy(each => (int)((each - start) / TimeSpan.FromHours(4.8))), tenth => Assert.InRange(tenth.Count(), 800, 1200));
    }

    [Fact]
    public void Chooses_the_same_moment_again() =>
        Assert.Equal(Moved(Unasked, "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z", "2026-01-10T00:00:00Z"), Moved(Unasked, "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z", "2026-02-10T00:00:00Z"));

    public static TheoryData<string, string, string, string, bool> Moves => new()
    {
        // because                                   start                   end                     now                     kept (chosen was 2026-03-02 12:00)
        { "row 27: the moment is still inside",      "2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z", "2026-01-10T00:00:00Z", true },
        { "it is the first of the new window",       "2026-03-02T12:00:00Z", "2026-03-04T00:00:00Z", "2026-01-10T00:00:00Z", true },
        { "it is the end of the new window",         "2026-02-28T00:00:00Z", "2026-03-02T12:00:00Z", "2026-01-10T00:00:00Z", false },
        { "row 27: the window is later now",         "2026-03-10T00:00:00Z", "2026-03-12T00:00:00Z", "2026-01-10T00:00:00Z", false },
        { "row 27: the window is earlier now",       "2026-02-01T00:00:00Z", "2026-02-03T00:00:00Z", "2026-01-10T00:00:00Z", false },
    };

    [Theory, MemberData(nameof(Moves))]
    public void Keeps_the_moment_when(string because, string start, string end, string now, bool isKept)
    {
        var chosen = Some.At("2026-03-02T12:00:00Z");
        var before = Unasked with { SuggestedWindow = Window("2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z"), SelectedTime = chosen };

        var after = Moved(before, start, end, now)!;

        Assert.True(isKept == (after.SelectedTime == chosen), because);
        Assert.InRange(after.SelectedTime!.Value, Some.At(start), Some.At(end).AddSeconds(-1));
        Assert.False(RenewalInfoPolicy.IsIncident(after));
    }

    [Fact]
    public void Chooses_in_what_is_left_of_a_window_that_has_begun()
    {
        var after = Enumerable.Range(0, 100).Select(number => Unasked with { Id = $"{Id}{number}" })
            .Select(each => Moved(each, "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z", "2026-03-02T18:00:00Z")!.SelectedTime!.Value);

        Assert.All(after, each => Assert.InRange(each, Some.At("2026-03-02T18:00:00Z"), Some.At("2026-03-02T23:59:59Z")));
    }

    [Fact]
    public void An_incident_is_dealt_with_within_the_hour_but_not_all_at_once()
    {
        var now = Some.At("2026-01-10T00:00:00Z");
        var after = Enumerable.Range(0, 1000).Select(number => Unasked with { Id = $"{Id}{number}" })
            .Select(each => RenewalInfoPolicy.Move(Status(each), each.Id, now.AddHours(-1), now.AddMinutes(-30), explanation: null, now)!).ToList();

        Assert.All(after, each => Assert.True(RenewalInfoPolicy.IsIncident(each)));
        Assert.All(after.GroupBy(each => (int)((each.SelectedTime!.Value - now) / TimeSpan.FromMinutes(6))), tenth => Assert.InRange(tenth.Count(), 60, 140));
        Assert.All(after, each => Assert.InRange(each.SelectedTime!.Value, now, now.AddHours(1)));
    }

    [Fact]
    public void A_CA_that_always_says_now_does_not_get_a_new_certificate_replaced_for_six_hours()
    {
        var now = Some.Day1.AddHours(2);

        var after = RenewalInfoPolicy.Move(Status(Unasked), Id, now.AddHours(-1), now.AddMinutes(-30), explanation: null, now)!;

        Assert.InRange(after.SelectedTime!.Value, Some.Day1.AddHours(6), Some.Day1.AddHours(7));
    }

    public static TheoryData<string, string, string, string, bool> Listings => new()
    {
        // because                                            start                   end                     now                     moved (known: 1 to 3 March)
        { "it is the same",                                   "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z", "2026-01-10T00:00:00Z", false },
        { "it is the same but for a fraction of a second",    "2026-03-01T00:00:00.9Z", "2026-03-03T00:00:00Z", "2026-01-10T00:00:00Z", false },
        { "it is the same and over by now: no incident",      "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z", "2026-03-10T00:00:00Z", false },
        { "it starts earlier",                                "2026-02-28T00:00:00Z", "2026-03-03T00:00:00Z", "2026-01-10T00:00:00Z", true },
        { "it ends later",                                    "2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z", "2026-01-10T00:00:00Z", true },
        { "an incident",                                      "2026-01-09T23:00:00Z", "2026-01-09T23:30:00Z", "2026-01-10T00:00:00Z", true },
        { "it has no sense",                                  "2026-03-03T00:00:00Z", "2026-03-01T00:00:00Z", "2026-01-10T00:00:00Z", false },
    };

    [Theory, MemberData(nameof(Listings))]
    public void A_window_has_moved_when(string because, string start, string end, string now, bool moved)
    {
        var listed = RenewalInfoPolicy.Listed(Unasked with { SuggestedWindow = Window("2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z"), SelectedTime = Some.At("2026-03-02T12:00:00Z") });

        Assert.True(moved == RenewalInfoPolicy.HasMoved(listed, Some.At(start), Some.At(end), Some.At(now)), because);
    }

    [Fact]
    public void An_incident_s_window_moves_with_every_look_and_is_told_once()
    {
        var now = Some.At("2026-01-10T00:00:00Z");
        var incident = RenewalInfoPolicy.Move(Status(Unasked), Id, now.AddHours(-1), now.AddMinutes(-30), explanation: null, now)!;
        var later = now.AddHours(6);

        Assert.False(RenewalInfoPolicy.HasMoved(RenewalInfoPolicy.Listed(incident), later.AddHours(-1), later.AddMinutes(-30), later));
        Assert.Null(RenewalInfoPolicy.Move(Status(incident), Id, later.AddHours(-1), later.AddMinutes(-30), explanation: null, later));
        Assert.NotNull(Moved(incident, "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z", "2026-01-10T06:00:00Z"));   // called off
    }

    [Theory]
    [InlineData("https://ca.test/why", "https://ca.test/why")]
    [InlineData("javascript:alert(1)", null)]
    [InlineData("why", null)]
    [InlineData(null, null)]
    public void Keeps_an_explanation_that_is_a_web_page(string? told, string? kept) =>
        Assert.Equal(kept, RenewalInfoPolicy.Move(Status(Unasked), Id, Some.Day1.AddDays(60), Some.Day1.AddDays(62), told, Some.Day1.AddDays(9))!.ExplanationURL);

    [Fact]
    public void An_answer_for_another_certificate_is_dropped() =>
        Assert.Null(RenewalInfoPolicy.Move(Status(Unasked), "another", Some.Day1.AddDays(60), Some.Day1.AddDays(62), explanation: null, Some.Day1.AddDays(9)));

    public static TheoryData<string, CertificateFacts, AriStatus?> Facts => new()
    {
        { "it is from the issuer's ACME server",        Acme, Unasked },
        { "its window is known",                        Acme.WithStatus(Known(Unasked with { SelectedTime = Some.End })), Unasked with { SelectedTime = Some.End } },
        { "another leaf is stored: the window is its",  Acme.WithStatus(Known(new AriStatus { Id = "old", Directory = Server, SelectedTime = Some.End })), Unasked },
        { "it was issued by another server",            Acme with { IssuerServer = "https://other.test/dir" }, null },
        { "the issuer is gone",                         Acme with { IssuerServer = null, UsesRenewalInfo = false }, null },
        { "the issuer's renewalInformationSource is None", Acme with { UsesRenewalInfo = false }, null },
        { "the leaf names no issuer key",               Acme.WithStored(stored => stored with { RenewalId = null }), null },
        { "its id is endless",                          Acme.WithStored(stored => stored with { RenewalId = new string('a', 201) }), null },
        { "it is not from ACME",                        Acme.WithTag(Annotations.AcmeOrigin, null), null },
        { "it is a stand-in",                           Acme.WithTag(Annotations.Temporary, "true"), null },
    };

    [Theory, MemberData(nameof(Facts))]
    public void Renewal_information_is_known_when(string because, CertificateFacts facts, AriStatus? expected) => Assert.True(expected == RenewalInfoPolicy.Known(facts), because);

    [Fact]
    public void The_status_shows_it_and_the_moment_decides()
    {
        var chosen = Some.At("2026-02-10T10:00:00Z");
        var facts = Acme.WithStatus(Known(Unasked with { SuggestedWindow = Window("2026-02-10T00:00:00Z", "2026-02-11T00:00:00Z"), SelectedTime = chosen }));

        var (status, next) = CertificateStatusPolicy.After(facts, new CertificateOutcome("Rest"), place: null, TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));

        Assert.Equal((chosen, chosen, chosen), (status.RenewalTime, next, status.Acme?.Ari?.SelectedTime));
        Assert.Null(ReissuePolicy.Evaluate(facts with { Now = chosen.AddSeconds(-1) }));
        Assert.Equal("Renewing", ReissuePolicy.Evaluate(facts with { Now = chosen })?.Code);
    }

    private static CertificateFacts Acme { get; } = (Some.Facts with { IssuerServer = Server, UsesRenewalInfo = true })
        .WithTag(Annotations.AcmeOrigin, $"{Server} https://ca.test/acct/1").WithStored(stored => stored with { RenewalId = Id });

    private static Func<CertificateStatus, CertificateStatus> Known(AriStatus ari) => old => old with { Acme = new AcmeCertificateStatus { Ari = ari } };

    private static AriStatus? Moved(AriStatus known, string start, string end, string now) =>
        RenewalInfoPolicy.Move(Status(known), known.Id, Some.At(start), Some.At(end), explanation: null, Some.At(now));

    private static CertificateStatus Status(AriStatus known) => new() { NotBefore = Some.Day1, NotAfter = Some.End, Acme = new AcmeCertificateStatus { Ari = known } };

    private static SuggestedWindow Window(string start, string end) => new() { Start = Some.At(start), End = Some.At(end) };
}
