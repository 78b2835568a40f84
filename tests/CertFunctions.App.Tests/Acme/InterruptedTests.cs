using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CertFunctions.App.Certificates;
using CertFunctions.Core.Pki;

namespace CertFunctions.App.Tests.Acme;

/// <summary>An issuance by ACME that is edited, deleted, or broken off on its way.</summary>
public sealed class InterruptedTests
{
    [Theory]
    [InlineData("before each step", false)]
    [InlineData("after each step, its result lost", true)]
    public async Task Every_step_breaks_off_once_and_nothing_is_ordered_or_finalized_twice(string because, bool isAfter)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.ProcessingPolls = 1;
        var broken = new ConcurrentDictionary<string, bool>();
        house.AroundActivity = (name, after) =>
        {
            if (after == isAfter && broken.TryAdd(name, true)) { throw new IOException($"{name} breaks off"); }
        };

        await house.WithReadyAsync("web", "web.test", "www.test");

        Assert.Contains("FinalizeOrder", broken.Keys);
        Assert.Contains("CleanUpChallenge", broken.Keys);
        Assert.True(house.Ca.Log.Count("newOrder") == 1, because);
        Assert.Equal(1, house.Ca.Book.EffectiveFinalizes);
        Assert.Single(house.Ca.Book.Accounts);
        Assert.Single(house.Stored("web"));
        Assert.Empty(await house.NamesAsync("http01/"));
    }

    [Theory]
    [InlineData("20")]
    [InlineData("1800")]
    [InlineData(null)]
    public async Task An_edit_while_the_order_hangs_abandons_it_within_a_minute(string? retryAfter)
    {
        await using var house = await AcmeHouse.StartAsync();
        (house.Ca.Awkward.ProcessingFor, house.Ca.Awkward.PollRetryAfter) = (TimeSpan.FromHours(6), retryAfter);
        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["old.test"]);
        await house.RunForAsync(TimeSpan.FromMinutes(12));
        Assert.Equal(1, house.Ca.Book.EffectiveFinalizes);

        house.Ca.Awkward.ProcessingFor = TimeSpan.Zero;
        await house.AddCertificateAsync("web", ["new.test"]);
        await house.RunUntilAsync(() => Task.FromResult(house.Ca.Log.Of("newOrder").Any(call => call.Identifiers[0] == "new.test")), TimeSpan.FromSeconds(61));
        await house.RunUntilReadyAsync("web", TimeSpan.FromMinutes(5));

        Assert.Equal(["new.test"], X509Facts.Read(house.Stored("web").Single().Leaf).DnsNames);
        await house.RunForAsync(TimeSpan.FromDays(1));
        Assert.Single(house.Stored("web"));
    }

    [Theory]
    [InlineData("20")]
    [InlineData("300")]
    public async Task A_Certificate_deleted_while_its_challenge_is_looked_at_leaves_nothing_behind(string retryAfter)
    {
        await using var house = await AcmeHouse.StartAsync();
        (house.Ca.Awkward.ValidationTakes, house.Ca.Awkward.PollRetryAfter) = (TimeSpan.FromHours(1), retryAfter);
        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunForAsync(TimeSpan.FromMinutes(2));
        Assert.NotEmpty(await house.NamesAsync("http01/"));

        await house.DeleteAsync("Certificate", "web");
        await house.RunUntilAsync(async () => await house.FindAsync(CertificateKind.Kind, "web") is null, TimeSpan.FromMinutes(20));
        await house.RunForAsync(TimeSpan.FromHours(2));

        Assert.Empty(await house.NamesAsync("http01/"));
        Assert.Empty(await house.NamesAsync("resources/orders/"));
        Assert.Empty(await house.NamesAsync("resources/challenges/"));
        Assert.Empty(await house.NamesAsync("resources/certificaterequests/"));
        Assert.Equal(0, house.Ca.Log.Count("finalize"));
    }

    [Fact]
    public async Task An_issuer_moved_to_another_server_warns_and_renew_gets_a_certificate_from_there()
    {
        await using var house = await AcmeHouse.StartAsync();
        await using var production = await AwkwardCa.AwkwardCaServer.StartAsync(house.Time);
        production.Validate = house.Ca.Validate;
        await house.WithReadyAsync("web", "web.test");

        await house.AddIssuerAsync(change: acme =>
        {
            acme["server"] = production.Directory.ToString();
            acme["caBundle"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(production.ApiCaPem));
        });
        await house.RunForAsync(TimeSpan.FromHours(3));
        await house.PostAsync("Certificate", "web", "renew");
        await house.RunUntilAsync(() => Task.FromResult(house.Stored("web").Count == 2), TimeSpan.FromHours(1));

        Assert.Single(production.Book.Orders);
        Assert.Null(production.Book.Orders[0].Replaces);
        Assert.Null(await house.ConditionAsync("web", "AcmeServerChanged"));
        Assert.Equal(JsonValue.Create(house.Ca.Book.Accounts.Single().Thumbprint).ToString(), production.Book.Accounts.Single().Thumbprint);
    }
}
