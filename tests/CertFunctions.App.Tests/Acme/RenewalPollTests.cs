using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Acme;

/// <summary>How CAs are asked for renewal information: all of it, not too fast, and without writing what did not move.</summary>
public sealed class RenewalPollTests
{
    private static readonly SuggestedWindow Usual = new() { Start = RenewalHouse.Start.AddDays(50), End = RenewalHouse.Start.AddDays(52) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Asks_for_10_000_certificates_whose_windows_stand_and_writes_none()
    {
        await using var house = new RenewalHouse();
        await house.AddAsync(10_000, Usual);

        await house.RunForAsync(TimeSpan.FromMinutes(30));

        Assert.Equal(10_000, house.Questions.Count);
        Assert.Equal(10_000, house.Questions.Select(each => each.Id).Distinct().Count());
        Assert.Empty(house.Written);
        Assert.Empty(house.Starts.Instances);
        Assert.InRange(house.MostPerSecond(), 10, 20);
        Assert.InRange((await house.Objects.FindAsync("checks/renewal-info", Cancel))!.Content.Length, 100_000, 200_000);   // 12 bytes each, in base64
    }

    [Fact]
    public async Task A_tick_ends_in_time_and_the_next_goes_on_where_it_stopped()
    {
        await using var house = new RenewalHouse(settings: [("RenewalInfo:PerSecond", "10"), ("RenewalInfo:TickLimit", "00:00:30")]);
        await house.AddAsync(1000, Usual);

        var began = house.Time.GetUtcNow();
        await house.TickAsync();

        Assert.InRange(house.Time.GetUtcNow() - began, TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(32));
        Assert.InRange(house.Questions.Count, 200, 301);

        house.Time.Advance(TimeSpan.FromMinutes(4));
        await house.RunForAsync(TimeSpan.FromHours(1));
        Assert.Equal(1000, house.Questions.Count);
        Assert.Equal(1000, house.Questions.Select(each => each.Id).Distinct().Count());
        Assert.InRange(house.MostPerSecond(), 5, 10);
    }

    [Fact]
    public async Task A_window_that_moved_wakes_its_Certificate_and_no_other()
    {
        await using var house = new RenewalHouse();
        await house.AddAsync(100, Usual);
        house.Answer = id => id == RenewalHouse.IdOf(7) ? RenewalHouse.Window(RenewalHouse.Start.AddDays(40), RenewalHouse.Start.AddDays(41)) : RenewalHouse.Window(Usual.Start, Usual.End);

        await house.RunForAsync(TimeSpan.FromHours(13));   // two looks

        Assert.Equal(["resources/certificates/ns/web-7"], house.Written);
        Assert.Equal(["certificate:uid-7"], house.Starts.Instances);
        var ari = (await house.CertificateAsync(7)).Status!.Acme!.Ari!;
        Assert.Equal((RenewalHouse.Start.AddDays(40), RenewalHouse.Start.AddDays(41)), (ari.SuggestedWindow!.Start, ari.SuggestedWindow.End));
        Assert.InRange(ari.SelectedTime!.Value, ari.SuggestedWindow.Start, ari.SuggestedWindow.End.AddSeconds(-1));
        var due = (await house.Objects.ListAsync("due/", from: null, continuation: null, pageSize: 10, Cancel)).Entries;
        Assert.Contains("/certificates/ns/web-7/uid-7/", Assert.Single(due).Name, StringComparison.Ordinal);   // filed, so that a lost start is made good
        Assert.EndsWith("-x", ResourceDue(await house.Objects.FindAsync("resources/certificates/ns/web-7", Cancel)), StringComparison.Ordinal);   // its own date stays
    }

    [Fact]
    public async Task A_window_is_kept_when_it_is_heard_of_first()
    {
        await using var house = new RenewalHouse();
        await house.AddAsync(3);

        await house.RunForAsync(TimeSpan.FromHours(7));

        Assert.Equal(3, house.Written.Count);
        Assert.Equal(3, house.Starts.Instances.Count);
        Assert.Equal(6, house.Questions.Count);
    }

    [Theory]
    [InlineData("the CA says when", "7200", 7200)]
    [InlineData("it says nothing", null, 6 * 3600)]
    [InlineData("it says nonsense", "soon", 6 * 3600)]
    [InlineData("not more often than every minute, and the timer comes every five", "1", 60)]
    [InlineData("at least daily", "999999", 86400)]
    public async Task Comes_again_when_the_CA_wants_it(string because, string? retryAfter, int seconds)
    {
        await using var house = new RenewalHouse();
        await house.AddAsync(5, Usual);
        house.Answer = _ => RenewalHouse.Window(Usual.Start, Usual.End, retryAfter);

        await house.RunForAsync(TimeSpan.FromSeconds(Math.Max(3600, 2.2 * seconds)));

        foreach (var each in house.Questions.GroupBy(each => each.Id))
        {
            var times = each.Select(question => question.At).ToList();
            Assert.True(times.Count >= 3, because);
            Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds) + TimeSpan.FromMinutes(6)));
        }
    }

    public static TheoryData<string, int, string, string?> Failures => new()
    {
        { "an error without words",   500, "",                                                                    null },
        { "busy",                     503, """{"type":"urn:ietf:params:acme:error:rateLimited"}""",               null },
        { "busy for two hours",       503, """{"type":"urn:ietf:params:acme:error:rateLimited"}""",               "7200" },
        { "too often",                429, """{"type":"urn:ietf:params:acme:error:rateLimited"}""",               "3600" },
        { "it knows none of them",    404, """{"type":"urn:ietf:params:acme:error:malformed"}""",                 null },
    };

    [Theory, MemberData(nameof(Failures))]
    public async Task Leaves_a_CA_alone_that_fails_and_changes_nothing(string because, int status, string body, string? retryAfter)
    {
        await using var house = new RenewalHouse();
        await house.AddAsync(500, Usual);
        house.Answer = _ => (status, body, retryAfter);

        await house.RunForAsync(TimeSpan.FromDays(1));

        Assert.True(house.Questions.Count is > 2 and < 50, $"{because}: {house.Questions.Count} questions");   // of 2,000, each tried three times at 5xx
        Assert.Empty(house.Written);
        if (retryAfter is not null) { Assert.All(Groups(house), gap => Assert.True(gap >= TimeSpan.FromSeconds(int.Parse(retryAfter, System.Globalization.CultureInfo.InvariantCulture)), because)); }

        house.Answer = _ => RenewalHouse.Window(Usual.Start, Usual.End);
        await house.RunForAsync(TimeSpan.FromDays(2));
        Assert.Equal(500, house.Questions.Select(each => each.Id).Distinct().Count());   // and comes back
    }

    [Theory]
    [InlineData("no JSON", "<html>")]
    [InlineData("no window", "{}")]
    [InlineData("no date", """{"suggestedWindow":{"start":"soon","end":"later"}}""")]
    [InlineData("it ends before it starts", """{"suggestedWindow":{"start":"2026-03-03T00:00:00Z","end":"2026-03-01T00:00:00Z"}}""")]
    [InlineData("it starts after the certificate's end", """{"suggestedWindow":{"start":"2027-03-03T00:00:00Z","end":"2027-03-05T00:00:00Z"}}""")]
    public async Task An_answer_without_sense_is_none(string because, string body)
    {
        await using var house = new RenewalHouse();
        await house.AddAsync(50, Usual);
        house.Answer = _ => (200, body, "21600");

        await house.RunForAsync(TimeSpan.FromHours(5));

        Assert.True(house.Questions.Count == 50, because);   // asked once each, like any other
        Assert.Empty(house.Written);
        Assert.Empty(house.Starts.Instances);
    }

    [Fact]
    public async Task One_certificate_that_the_CA_stumbles_over_does_not_hold_up_the_others()
    {
        await using var house = new RenewalHouse();
        await house.AddAsync(200, Usual);
        house.Answer = id => int.Parse(id["aki.".Length..], System.Globalization.CultureInfo.InvariantCulture) % 10 == 0 ? (500, "", null) : RenewalHouse.Window(Usual.Start, Usual.End);

        await house.TickAsync();

        Assert.Equal(200, house.Questions.Select(each => each.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_CA_without_renewal_information_is_looked_at_once_a_day()
    {
        await using var house = new RenewalHouse { HasRenewalInfo = false };
        await house.AddAsync(100);

        await house.RunForAsync(TimeSpan.FromHours(20));
        Assert.Empty(house.Questions);
        Assert.Empty(house.Written);

        house.HasRenewalInfo = true;
        await house.RunForAsync(TimeSpan.FromHours(6));
        Assert.Equal(100, house.Questions.Select(each => each.Id).Distinct().Count());
    }

    [Fact]
    public async Task Nobody_is_asked_for_an_issuer_that_does_not_want_it()
    {
        await using var house = new RenewalHouse();
        await house.AddAsync(10, source: "None");

        await house.RunForAsync(TimeSpan.FromHours(1));

        Assert.Empty(house.Questions);
    }

    [Fact]
    public async Task Two_processes_ask_no_more_than_one()
    {
        await using var one = new RenewalHouse();
        await using var other = new RenewalHouse(one.Objects, one.Time);
        await one.AddAsync(300, Usual);

        await Task.WhenAll(one.TickAsync(), other.TickAsync());

        Assert.Equal(300, one.Questions.Count + other.Questions.Count);
        Assert.True(one.Questions.IsEmpty || other.Questions.IsEmpty);
    }

    [Fact]
    public async Task Who_dies_in_the_middle_is_followed_by_another_a_minute_after_his_time()
    {
        await using var one = new RenewalHouse { Answer = _ => throw new InvalidOperationException("dies") };
        await using var other = new RenewalHouse(one.Objects, one.Time);
        await one.AddAsync(10, Usual);
        await Assert.ThrowsAsync<InvalidOperationException>(one.TickAsync);

        await other.TickAsync();
        Assert.Empty(other.Questions);

        one.Time.Advance(TimeSpan.FromMinutes(5));
        await other.TickAsync();
        Assert.Equal(10, other.Questions.Count);
    }

    private static string ResourceDue(StoredObject? stored) => stored!.Metadata["due"];

    /// <summary>Between questions that are not tries of one and the same.</summary>
    private static IEnumerable<TimeSpan> Groups(RenewalHouse house)
    {
        var times = house.Questions.Select(each => each.At).ToList();
        return times.Zip(times.Skip(1), (first, second) => second - first).Where(gap => gap > TimeSpan.FromSeconds(10));
    }
}
