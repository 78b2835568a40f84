using System.Text.Json.Nodes;
using CertFunctions.AwkwardCa;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Acme;

/// <summary>What goes with rows 25 to 28 of acme-cases (<see cref="CasesRenewalTests"/>): the window's whole way, and when nobody is asked.</summary>
public sealed class CasesRenewalInfoTests
{
    private const string Poll = "PollRenewalInfo";

    [Fact]
    public async Task A_certificate_is_renewed_at_a_moment_of_the_CA_s_window()
    {
        await using var house = await ReadyAsync();
        var issued = Assert.Single(house.Ca.Book.Certificates);
        var (start, end) = (issued.NotBefore.AddDays(3), issued.NotBefore.AddDays(3.5));
        house.Ca.Awkward.RenewalInfo = each => each.Serial == issued.Serial ? new RenewalAnswer(start, end) { ExplanationUrl = "https://ca.test/why" } : null;

        await house.RunForAsync(TimeSpan.FromHours(10));

        var ari = (await AriAsync(house))!;
        Assert.Equal((issued.RenewalId, house.Ca.Directory.ToString(), "https://ca.test/why"), (ari.Id, ari.Directory, ari.ExplanationURL));
        Assert.Equal((start, end), (ari.SuggestedWindow!.Start, ari.SuggestedWindow.End));
        Assert.InRange(ari.SelectedTime!.Value, start, end);
        Assert.Equal(ari.SelectedTime, (await house.CertificateAsync("web")).Status!.RenewalTime);

        await house.RunUntilAsync(() => Task.FromResult(house.Stored("web").Count == 2), TimeSpan.FromDays(4));
        Assert.InRange(house.Now, ari.SelectedTime.Value, ari.SelectedTime.Value.AddMinutes(10));
        Assert.Equal(2, house.Ca.Log.Count("newOrder"));
        Assert.Equal(issued.Serial, house.Ca.Book.Orders[^1].Replaces);

        await house.RunForAsync(TimeSpan.FromHours(10));
        Assert.Equal(house.Ca.Book.Certificates[^1].RenewalId, (await AriAsync(house))!.Id);   // the new leaf has forgotten the old window
        Assert.NotEqual(start, (await AriAsync(house))!.SuggestedWindow!.Start);
    }

    [Fact]
    public async Task Row_26_a_renewal_window_does_not_hold_an_incident_up()
    {
        await using var house = await ReadyAsync(spec => spec["renewal"] = new JsonObject
        {
            ["windows"] = new JsonArray(new JsonObject { ["cron"] = "0 3 * * 0", ["windowDuration"] = "1h" }),   // Sundays: does not hold it up
        });
        await house.RunForAsync(TimeSpan.FromDays(1));
        var issued = Assert.Single(house.Ca.Book.Certificates);
        house.Ca.Awkward.RenewalInfo = each => each.Serial == issued.Serial ? RenewalAnswer.Incident(house.Now) : null;
        var began = house.Now;

        await house.RunUntilAsync(() => Task.FromResult(house.Stored("web").Count == 2), TimeSpan.FromHours(11));

        Assert.InRange(house.Now - began, TimeSpan.Zero, TimeSpan.FromHours(10));   // heard of within 6 h and the timer's 3, spread over one
        await house.RunForAsync(TimeSpan.FromDays(2));
        Assert.Equal(2, house.Ca.Log.Count("newOrder"));
        Assert.Equal(2, house.Stored("web").Count);
    }

    [Theory]
    [InlineData("the issuer's renewalInformationSource is None")]
    [InlineData("renewal.policy is Disabled")]
    [InlineData("the CA has none")]
    public async Task Nobody_is_asked_when(string because)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.HasRenewalInfo = because != "the CA has none";
        house.Timers[Poll] = TimeSpan.FromHours(3);   // as often as it takes: each step of the clock costs real time
        await house.AddIssuerAsync(change: acme => acme["renewalInformationSource"] = because.StartsWith("the issuer", StringComparison.Ordinal) ? "None" : "ARI");
        await house.AddCertificateAsync("web", ["web.test"], spec =>
        {
            if (because.StartsWith("renewal.policy", StringComparison.Ordinal)) { spec["renewal"] = new JsonObject { ["policy"] = "Disabled" }; }
        });
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(1));
        house.Ca.Awkward.RenewalInfo = _ => RenewalAnswer.Incident(house.Now);

        await house.RunForAsync(TimeSpan.FromDays(3));

        Assert.Equal(0, Questions(house));
        Assert.Single(house.Stored("web"));
    }

    /// <summary>A certificate of six days, so that little of the clock has to be walked through.</summary>
    private static async Task<AcmeHouse> ReadyAsync(Action<JsonObject>? change = null)
    {
        var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.Lifetime = TimeSpan.FromDays(6);
        house.Timers[Poll] = TimeSpan.FromHours(3);   // as often as it takes: each step of the clock costs real time
        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"], change);
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(1));
        return house;
    }

    private static async Task<AriStatus?> AriAsync(AcmeHouse house) => (await house.CertificateAsync("web")).Status!.Acme?.Ari;

    private static int Questions(AcmeHouse house) => house.Ca.Log.Calls.Count(call => call.Resource == "renewalInfo");
}
