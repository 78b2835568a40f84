using System.Text.Json.Nodes;

namespace CertFunctions.App.Tests.Acme;

/// <summary>The house itself, by an issuer that asks nobody.</summary>
public sealed class HouseTests
{
    [Fact]
    public async Task A_year_of_renewals_goes_by_in_a_moment()
    {
        await using var house = await AcmeHouse.StartAsync(settings: ("Schedule:WaitMost", "90.00:00:00"));   // an issuer is looked at that often, too
        await house.ApplyAsync("Issuer", "self", new JsonObject { ["selfSigned"] = new JsonObject() });
        await house.AddCertificateAsync("web", ["web.test"], spec => spec["issuerRef"] = new JsonObject { ["name"] = "self" });

        await house.RunUntilReadyAsync("web", TimeSpan.FromMinutes(5));
        Assert.Single(house.Stored("web"));

        await house.RunForAsync(TimeSpan.FromDays(365));
        Assert.Equal(7, house.Stored("web").Count);   // 90 days of life, renewed after 60
        Assert.True(await house.IsReadyAsync("web"));
    }
}
