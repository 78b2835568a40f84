using System.Text.Json.Nodes;
using CertFunctions.App.Acme.Dns01;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CertFunctions.App.Tests.Acme;

/// <summary>Rows 30 to 35 of acme-cases, as an order sees them: a provider and a zone's server of a test. What real providers say is tested with them.</summary>
public sealed class CasesDnsTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Row_30_a_record_that_never_shows_ends_without_telling_the_CA_and_is_taken_away()
    {
        await using var zone = new FakeZone { Hides = true };
        await using var house = await StartAsync(zone);
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilAsync(() => house.WaitsForAsync("web", "PropagationTimeout"), TimeSpan.FromMinutes(20));

        Assert.Equal(0, house.Ca.Log.Count("challenge"));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.All(zone.Txt.Values, Assert.Empty);
        Assert.Empty(await house.NamesAsync("txt/"));
        Assert.Empty(house.Stored("web"));

        zone.Hides = false;
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(2));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
    }

    [Fact]
    public async Task Row_31_when_nobody_can_be_asked_from_here_the_CA_is_told_after_two_minutes()
    {
        var closed = new FakeZone();
        var port = closed.Port;
        await closed.DisposeAsync();
        await using var zone = new FakeZone();
        await using var house = await StartAsync(zone, port);
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilReadyAsync("web", TimeSpan.FromMinutes(10));

        Assert.True(house.Ca.Log.Of("challenge")[0].Time - AcmeHouse.Start >= TimeSpan.FromMinutes(2));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.All(zone.Txt.Values, Assert.Empty);
    }

    [Fact]
    public async Task Row_32_a_throttled_provider_is_asked_again_and_what_was_not_removed_is_removed_later()
    {
        await using var zone = new FakeZone();
        var (adds, removes) = (0, 0);
        zone.Refuse = act => (act == "add" ? ++adds <= 2 : ++removes <= 3) ? new SolverOutcome("SolverThrottled", "429 by the provider", TimeSpan.FromSeconds(30)) : null;
        await using var house = await StartAsync(zone);
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(1));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));

        await house.RunUntilAsync(() => Task.FromResult(zone.Txt.Values.All(values => values.IsEmpty)), TimeSpan.FromHours(4));
    }

    [Fact]
    public async Task Row_33_a_provider_that_forbids_is_named_and_waited_for()
    {
        await using var zone = new FakeZone { Refuse = _ => new SolverOutcome("SolverForbidden", "The identity needs the role DNS Zone Contributor at zone web.test.", null) };
        await using var house = await StartAsync(zone);
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilAsync(() => house.WaitsForAsync("web", "SolverForbidden"), Soon);

        Assert.Contains("DNS Zone Contributor at zone web.test", (await house.ConditionAsync("web", "Issuing"))!.Message, StringComparison.Ordinal);
        await house.RunForAsync(TimeSpan.FromHours(5));
        Assert.InRange(house.Ca.Log.Count("newOrder"), 0, 1);
        Assert.Equal(0, house.Ca.Log.Count("challenge"));

        zone.Refuse = null;
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task Row_34_delegation_is_followed_and_a_loop_is_named()
    {
        await using var zone = new FakeZone();
        zone.Aliases["_acme-challenge.web.test"] = "_acme-challenge.proofs.web.test";
        zone.Aliases["_acme-challenge.loop.web.test"] = "_acme-challenge.loop.web.test";
        await using var house = await StartAsync(zone);
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.AddCertificateAsync("loop", ["loop.web.test"]);
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(1));
        await house.RunUntilAsync(() => house.WaitsForAsync("loop", "DelegationLoop"), Soon);

        Assert.Contains("add _acme-challenge.proofs.web.test", zone.Acts);
        Assert.All(zone.Txt.Values, Assert.Empty);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Row_35_apex_and_wildcard_stand_beside_each_other_and_both_go(bool looks)
    {
        await using var zone = new FakeZone();
        await using var house = await StartAsync(zone, looks: looks);
        house.Ca.Awkward.ValidationTakes = TimeSpan.FromSeconds(30);
        await house.AddCertificateAsync("web", ["web.test", "*.web.test"]);
        await house.RunUntilReadyAsync("web", TimeSpan.FromMinutes(10));

        Assert.Equal(2, zone.MostAtOnce);
        Assert.All(zone.Txt.Values, Assert.Empty);
        Assert.Empty(await house.NamesAsync("txt/"));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.Equal(2, house.Ca.Book.Validations.Count);
    }

    [Fact]
    public async Task Row_17_two_orders_of_one_name_do_not_take_each_other_s_record_away()
    {
        await using var zone = new FakeZone();
        await using var house = await StartAsync(zone);
        house.Ca.Awkward.ValidationTakes = TimeSpan.FromSeconds(50);
        await house.AddCertificateAsync("a", ["web.test"]);
        await house.AddCertificateAsync("b", ["web.test"]);
        await house.AddCertificateAsync("c", ["web.test", "other.web.test"]);
        foreach (var name in (string[])["a", "b", "c"]) { await house.RunUntilReadyAsync(name, TimeSpan.FromHours(2)); }

        Assert.All(house.Ca.Book.Validations, each => Assert.Null(each.Fault));
        Assert.Equal(3, house.Ca.Book.EffectiveFinalizes);
        Assert.All(zone.Txt.Values, Assert.Empty);
    }

    /// <param name="port">Where DNS is asked; null: at the zone.</param>
    private static async Task<AcmeHouse> StartAsync(FakeZone zone, int? port = null, bool looks = true)
    {
        var at = port ?? zone.Port;
        var house = await AcmeHouse.StartAsync(
            services => services.RemoveAll<IDnsProvider>().AddSingleton<IDnsProvider>(zone), ("Dns01:CheckEvery", port is null ? "00:00:10" : "00:01:00"), ("Dns01:Nameservers:0", $"127.0.0.1:{at}"), ("Dns01:AuthoritativePort", $"{at}"));
        house.Txt = name => zone.Txt.GetValueOrDefault(zone.Aliases.GetValueOrDefault(name, name)) ?? [];
        await house.AddIssuerAsync(change: acme => acme["solvers"] = new JsonArray(new JsonObject
        {
            ["dns01"] = new JsonObject { ["cnameStrategy"] = looks && port is null ? "Follow" : "None", ["rfc2136"] = new JsonObject { ["nameserver"] = $"127.0.0.1:{at}" } },
            ["waitInsteadOfSelfCheck"] = looks ? null : "0s",
        }));
        return house;
    }
}
