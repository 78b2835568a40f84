using CertFunctions.App.Issuers;

namespace CertFunctions.App.Tests.Acme;

/// <summary>Many Certificates of one account, from two processes on one store.</summary>
public sealed class FleetTests
{
    [Fact]
    public async Task Two_hundred_at_once_from_two_processes_are_all_Ready_by_one_account_and_bounded_challenges()
    {
        await using var house = await AcmeHouse.StartAsync(processes: 2, more: null, ("Acme:MaxConcurrentChallenges", "20"));
        house.Ca.Awkward.ValidationTakes = TimeSpan.FromSeconds(5);
        await house.AddIssuerAsync();

        var names = Enumerable.Range(0, 200).Select(i => $"n{i:d3}").ToList();
        foreach (var name in names) { await house.AddCertificateAsync(name, [$"{name}.test"]); }
        await house.RunUntilAsync(() => Task.FromResult(names.TrueForAll(name => house.Stored(name).Count > 0)), TimeSpan.FromHours(6));
        foreach (var name in names) { await house.RunUntilReadyAsync(name, TimeSpan.FromHours(1)); }

        Assert.Single(house.Ca.Book.Accounts);
        Assert.Equal(200, house.Ca.Book.EffectiveFinalizes);
        Assert.Equal(200, house.Ca.Book.Orders.Count);
        Assert.Equal(200, house.Ca.Log.Count("newOrder"));
        Assert.All(names, name => Assert.Single(house.Stored(name)));
        Assert.InRange(MostAtOnce(house), 1, 40);   // 20 a process
        Assert.Empty(await house.NamesAsync("http01/"));
    }

    [Fact]
    public async Task One_name_wanted_by_three_Certificates_in_two_processes_is_proved_without_a_failure()
    {
        await using var house = await AcmeHouse.StartAsync(processes: 2);
        house.Ca.Awkward.ValidationTakes = TimeSpan.FromSeconds(30);
        await house.AddIssuerAsync();
        foreach (var name in (string[])["a", "b", "c"]) { await house.AddCertificateAsync(name, ["same.test"]); }
        foreach (var name in (string[])["a", "b", "c"]) { await house.RunUntilReadyAsync(name, TimeSpan.FromHours(3)); }

        Assert.All(house.Ca.Book.Validations, each => Assert.Null(each.Fault));
        Assert.Equal(3, house.Ca.Book.EffectiveFinalizes);
    }

    [Fact]
    public async Task An_issuer_deleted_and_applied_again_keeps_its_account_and_two_of_one_secret_share_it()
    {
        await using var house = await AcmeHouse.StartAsync(processes: 2);
        await house.WithReadyAsync("web", "web.test");
        await house.DeleteAsync("Issuer", AcmeHouse.Issuer);
        await house.RunUntilAsync(async () => await house.FindAsync(IssuerKind.Kind, AcmeHouse.Issuer) is null, TimeSpan.FromHours(1));

        await house.AddIssuerAsync();
        await house.AddIssuerAsync("other", acme => acme["privateKeySecretRef"] = new System.Text.Json.Nodes.JsonObject { ["name"] = $"{AcmeHouse.Issuer}-account" });
        await house.RunUntilAsync(async () => (await house.FindAsync(IssuerKind.Kind, "other"))?.Status?.Acme?.Uri is not null, TimeSpan.FromHours(1));

        Assert.Single(house.Ca.Book.Accounts);
        Assert.Equal((await house.FindAsync(IssuerKind.Kind, AcmeHouse.Issuer))!.Status!.Acme!.Uri, (await house.FindAsync(IssuerKind.Kind, "other"))!.Status!.Acme!.Uri);
    }

    /// <summary>Orders that were placed and not yet finalized, at most at a time.</summary>
    private static int MostAtOnce(AcmeHouse house)
    {
        var (open, most) = (0, 0);
        foreach (var call in house.Ca.Log.Calls.Where(call => call.IsAuthentic))
        {
            open += call.Resource switch { "newOrder" => 1, "finalize" => -1, _ => 0 };
            most = Math.Max(most, open);
        }

        return most;
    }
}
