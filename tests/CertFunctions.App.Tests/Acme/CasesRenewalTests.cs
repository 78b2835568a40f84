using System.Globalization;
using System.Text.Json.Nodes;
using CertFunctions.AwkwardCa;

namespace CertFunctions.App.Tests.Acme;

/// <summary>Rows 25 to 28 of acme-cases: when the CA wants a certificate replaced (RFC 9773).</summary>
public sealed class CasesRenewalTests
{
    private static readonly TimeSpan SixHours = TimeSpan.FromHours(6);

    public static TheoryData<string> Senseless => ["malformed", "500", "404", "end before start", "end at start", "start after the certificate's end", "no such thing", "started before the certificate"];

    [Theory]
    [MemberData(nameof(Senseless))]
    public async Task Row_25_senseless_information_leaves_the_ordinary_date(string what)
    {
        await using var house = await StartAsync();
        house.Ca.Awkward.HasRenewalInfo = what != "no such thing";
        house.Ca.Awkward.RenewalInfo = certificate => what switch
        {
            "malformed" => new RenewalAnswer(house.Now, house.Now) { Body = "{\"suggestedWindow\":{\"start\":\"soon\"}}" },
            "500" => new RenewalAnswer(house.Now, house.Now) { Status = 500 },
            "404" => new RenewalAnswer(house.Now, house.Now) { Status = 404 },
            "end before start" => new RenewalAnswer(house.Now.AddDays(2), house.Now.AddDays(1)),
            "end at start" => new RenewalAnswer(house.Now.AddDays(2), house.Now.AddDays(2)),
            "started before the certificate" => new RenewalAnswer(certificate.NotBefore.AddDays(-2), certificate.NotBefore.AddDays(-1)),
            _ => new RenewalAnswer(certificate.NotAfter.AddDays(1), certificate.NotAfter.AddDays(2)),
        };
        await house.WithReadyAsync("web", "web.test");

        await house.RunForAsync(TimeSpan.FromDays(3));
        var status = (await house.CertificateAsync("web")).Status!;
        Assert.Equal(2.0 / 3, (status.RenewalTime!.Value - status.NotBefore!.Value) / (status.NotAfter!.Value - status.NotBefore.Value), 3);
        Assert.Single(house.Stored("web"));

        house.Timers["PollRenewalInfo"] = TimeSpan.FromDays(20);
        await house.RunForAsync(status.RenewalTime.Value - house.Now + TimeSpan.FromHours(1));
        Assert.Equal(2, house.Stored("web").Count);
        Assert.True(await house.IsReadyAsync("web"));
    }

    [Fact]
    public async Task Row_26_an_incident_replaces_the_fleet_now_but_not_all_at_once()
    {
        await using var house = await StartAsync();
        await house.AddIssuerAsync();
        string[] names = ["a", "b", "c", "d", "e", "f"];
        foreach (var name in names)
        {
            await house.AddCertificateAsync(name, [$"{name}.test"]);
            await house.RunUntilReadyAsync(name, TimeSpan.FromHours(1));
        }

        await house.RunForAsync(TimeSpan.FromDays(1));
        var old = house.Ca.Book.Certificates.Select(each => each.Serial).ToHashSet();
        house.Ca.Awkward.RenewalInfo = certificate => old.Contains(certificate.Serial) ? RenewalAnswer.Incident(house.Now) : null;
        await house.RunForAsync(TimeSpan.FromHours(12));

        Assert.All(names, name => Assert.Equal(2, house.Stored(name).Count));
        var orders = house.Ca.Log.Of("newOrder").Skip(names.Length).Select(call => call.Time).ToList();
        Assert.Equal(names.Length, orders.Count);
        Assert.True(orders.Distinct().Count() >= names.Length - 2, string.Join(' ', orders));
        Assert.All(house.Ca.Book.Orders.Skip(names.Length), order => Assert.NotNull(order.Replaces));

        await house.RunForAsync(TimeSpan.FromDays(3));
        Assert.All(names, name => Assert.Equal(2, house.Stored(name).Count));   // the new ones are not what the incident is about
    }

    [Fact]
    public async Task Row_26_a_CA_that_always_says_now_is_not_flooded()
    {
        await using var house = await StartAsync();
        house.Ca.Awkward.RenewalInfo = _ => RenewalAnswer.Incident(house.Now);
        await house.WithReadyAsync("web", "web.test");
        await house.RunForAsync(TimeSpan.FromDays(2));

        Assert.InRange(house.Ca.Log.Count("newOrder"), 2, 10);
        Assert.True(await house.IsReadyAsync("web"));
    }

    [Fact]
    public async Task Row_27_the_chosen_point_is_kept_while_the_window_holds_it_and_chosen_anew_when_not()
    {
        await using var house = await StartAsync();
        var (start, end) = (AcmeHouse.Start.AddDays(20), AcmeHouse.Start.AddDays(30));
        house.Ca.Awkward.RenewalInfo = _ => new RenewalAnswer(start, end);
        await house.WithReadyAsync("web", "web.test");
        await house.RunForAsync(TimeSpan.FromHours(13));
        var chosen = await ChosenAsync(house);
        Assert.InRange(chosen, start, end);

        (start, end) = (chosen.AddDays(-1), chosen.AddDays(1));
        await house.RunForAsync(TimeSpan.FromHours(13));
        Assert.Equal(chosen, await ChosenAsync(house));

        (start, end) = (chosen.AddDays(5), chosen.AddDays(6));
        await house.RunForAsync(TimeSpan.FromHours(13));
        var other = await ChosenAsync(house);
        Assert.InRange(other, start, end);
        Assert.Equal(other, (await house.CertificateAsync("web")).Status!.RenewalTime);

        house.Timers["PollRenewalInfo"] = TimeSpan.FromDays(20);
        await house.RunUntilAsync(() => Task.FromResult(house.Stored("web").Count == 2), other - house.Now + TimeSpan.FromHours(1));
        Assert.True(house.Now >= other);
        Assert.Equal(2, house.Ca.Log.Count("newOrder"));
    }

    [Fact]
    public async Task Row_28_with_a_twentieth_of_its_life_left_nothing_is_waited_for()
    {
        await using var house = await StartAsync();
        house.Ca.Awkward.RenewalInfo = certificate => new RenewalAnswer(certificate.NotAfter.AddHours(-2), certificate.NotAfter.AddHours(-1));
        await house.WithReadyAsync("web", "web.test");
        var first = house.Ca.Book.Certificates[0];
        await house.RunForAsync(TimeSpan.FromDays(1));
        house.Timers["PollRenewalInfo"] = TimeSpan.FromDays(20);
        await house.RunUntilAsync(() => Task.FromResult(house.Stored("web").Count == 2), TimeSpan.FromDays(90));

        var left = first.NotAfter - house.Now;
        Assert.InRange(left / (first.NotAfter - first.NotBefore), 0.045, 0.051);
        Assert.Equal(2, house.Ca.Log.Count("newOrder"));
    }

    [Fact]
    public async Task An_explicit_date_that_is_earlier_wins_and_so_does_a_policy_that_says_never()
    {
        await using var house = await StartAsync();
        await house.AddIssuerAsync();
        await house.AddCertificateAsync("early", ["early.test"], spec => spec["renewBefore"] = "2040h0m0s");
        await house.AddCertificateAsync("never", ["never.test"], spec => spec["renewal"] = new JsonObject { ["policy"] = "Disabled" });
        foreach (var name in (string[])["early", "never"]) { await house.RunUntilReadyAsync(name, TimeSpan.FromHours(1)); }

        house.Ca.Awkward.RenewalInfo = certificate => certificate.Identifiers[0].Value == "never.test" ? RenewalAnswer.Incident(house.Now) : null;
        await house.RunForAsync(TimeSpan.FromDays(8));

        Assert.Equal(2, house.Stored("early").Count);   // 90 days less 85
        Assert.Single(house.Stored("never"));
    }

    [Fact]
    public async Task It_is_asked_no_more_often_than_the_CA_says()
    {
        await using var house = await StartAsync(TimeSpan.FromMinutes(30));
        house.Ca.Awkward.RenewalInfo = certificate => new RenewalAnswer(certificate.NotAfter.AddDays(-20), certificate.NotAfter.AddDays(-19), "43200");
        await house.WithReadyAsync("web", "web.test");
        await house.RunForAsync(TimeSpan.FromDays(3));

        var times = house.Ca.Log.Of("renewalInfo").Select(call => call.Time).ToList();
        Assert.InRange(times.Count, 4, 7);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromHours(12)));
    }

    private static async Task<AcmeHouse> StartAsync(TimeSpan? every = null)
    {
        var house = await AcmeHouse.StartAsync(settings: ("Schedule:WaitMost", "90.00:00:00"));
        house.Timers["PollRenewalInfo"] = every ?? SixHours;
        return house;
    }

    private static async Task<DateTimeOffset> ChosenAsync(AcmeHouse house)
    {
        var (_, text) = await house.SendAsync("GET", $"cert-manager.io/v1/namespaces/{AcmeHouse.Namespace}/certificates/web", body: null);
        return DateTimeOffset.Parse((string)JsonNode.Parse(text)!["status"]!["acme"]!["ari"]!["selectedTime"]!, CultureInfo.InvariantCulture);
    }
}
