using CertFunctions.AwkwardCa;

namespace CertFunctions.App.Tests.Acme;

/// <summary>Rows 17 to 20 of acme-cases: orders handed out twice, answers that got lost, and a CA that lost its memory.</summary>
public sealed class CasesLossTests
{
    [Fact]
    public async Task Row_17_one_order_handed_out_twice_is_finalized_once_and_both_are_Ready()
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.ValidationTakes = TimeSpan.FromSeconds(40);
        await house.AddIssuerAsync();
        await house.RunForAsync(TimeSpan.FromMinutes(1));

        await house.AddCertificateAsync("a", ["same.test"]);
        await house.AddCertificateAsync("b", ["same.test"]);
        await house.RunUntilReadyAsync("a", TimeSpan.FromHours(2));
        await house.RunUntilReadyAsync("b", TimeSpan.FromHours(2));

        Assert.Equal(2, house.Ca.Book.Orders.Count);
        Assert.Equal(2, house.Ca.Book.EffectiveFinalizes);
        Assert.All(house.Ca.Book.Validations, each => Assert.Null(each.Fault));
        Assert.Null((await house.CertificateAsync("a")).Status!.FailedIssuanceAttempts);
        Assert.Null((await house.CertificateAsync("b")).Status!.FailedIssuanceAttempts);
        Assert.NotEqual(Core.Pki.X509Facts.Read(house.Stored("a")[0].Leaf).X5t, Core.Pki.X509Facts.Read(house.Stored("b")[0].Leaf).X5t);
        Assert.Empty(await house.NamesAsync("http01/"));
    }

    [Theory]
    [InlineData(Loss.Aborted, true)]
    [InlineData(Loss.ServerError, true)]
    [InlineData(Loss.Aborted, false)]
    public async Task Row_18_a_lost_answer_to_newOrder_costs_at_most_one_more_call(Loss loss, bool reuses)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.ReusesOrders = reuses;
        house.Ca.Awkward.Losses.Lose("newOrder", loss);

        await house.WithReadyAsync("web", "web.test");

        Assert.InRange(house.Ca.Log.Count("newOrder"), 1, 2);
        Assert.Equal(1, house.Ca.Book.EffectiveFinalizes);
    }

    [Theory]
    [InlineData(Loss.Aborted, 0)]
    [InlineData(Loss.ServerError, 0)]
    [InlineData(Loss.Aborted, 120)]
    [InlineData(Loss.ServerError, 120)]
    public async Task Row_19_a_lost_answer_to_finalize_is_found_again_by_the_order(Loss loss, int processingSeconds)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.ProcessingFor = TimeSpan.FromSeconds(processingSeconds);
        house.Ca.Awkward.Losses.Lose("finalize", loss);

        await house.WithReadyAsync("web", "web.test");

        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.Equal(1, house.Ca.Book.EffectiveFinalizes);
        Assert.Single(house.Stored("web"));
        Assert.Null((await house.CertificateAsync("web")).Status!.FailedIssuanceAttempts);
    }

    [Theory]
    [InlineData("order")]
    [InlineData("authorization")]
    [InlineData("challenge")]
    [InlineData("certificate")]
    [InlineData("newAccount")]
    public async Task Every_other_lost_answer_is_asked_for_again(string resource)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.ProcessingPolls = 1;
        house.Ca.Awkward.Losses.Lose(resource);

        await house.WithReadyAsync("web", "web.test");

        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.Equal(1, house.Ca.Book.EffectiveFinalizes);
        Assert.Single(house.Ca.Book.Accounts);
    }

    [Fact]
    public async Task Row_20_a_CA_that_lost_its_memory_gets_the_same_key_once_more()
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.WithReadyAsync("web", "web.test");
        var key = house.Ca.Book.Accounts.Single().Thumbprint;
        var calls = house.Ca.Log.Count("newAccount");
        house.Ca.Book.ForgetAccounts();

        await house.PostAsync("Certificate", "web", "renew");
        await house.RunUntilAsync(() => Task.FromResult(house.Stored("web").Count == 2), TimeSpan.FromHours(1));

        Assert.Equal(key, house.Ca.Book.Accounts.Single().Thumbprint);
        Assert.Equal(calls + 2, house.Ca.Log.Count("newAccount"));   // is it there? no: make it
        Assert.InRange(house.Ca.Log.Count("newOrder"), 2, 3);
        Assert.True(await house.IsReadyAsync("web"));
    }
}
