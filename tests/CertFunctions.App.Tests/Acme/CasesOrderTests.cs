using CertFunctions.AwkwardCa;

namespace CertFunctions.App.Tests.Acme;

/// <summary>Rows 13 to 16 of acme-cases: an order that takes its time, fails or expires.</summary>
public sealed class CasesOrderTests
{
    [Theory]
    [InlineData(20, 25, 40)]
    [InlineData(240, 2, 4)]
    public async Task Row_13_an_order_that_is_processed_for_ten_minutes_is_polled_as_the_CA_says(int seconds, int least, int most)
    {
        await using var house = await AcmeHouse.StartAsync();
        (house.Ca.Awkward.ProcessingFor, house.Ca.Awkward.PollRetryAfter) = (TimeSpan.FromMinutes(10), $"{seconds}");

        await house.WithReadyAsync("web", "web.test");

        Assert.Single(house.Stored("web"));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.Equal(1, house.Ca.Log.Count("finalize"));
        var finalized = house.Ca.Log.Of("finalize")[0].Time;
        var looks = house.Ca.Log.Of("order").Select(call => call.Time).Where(time => time > finalized).Prepend(finalized).ToList();
        Assert.InRange(looks.Count - 1, least, most);
        Assert.All(looks.Zip(looks.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(seconds), $"{pair.First:T} {pair.Second:T}"));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(150)]
    public async Task A_validation_that_takes_long_is_asked_for_as_the_CA_says_and_its_answer_stays(int seconds)
    {
        await using var house = await AcmeHouse.StartAsync();
        (house.Ca.Awkward.ValidationTakes, house.Ca.Awkward.PollRetryAfter) = (TimeSpan.FromMinutes(12), $"{seconds}");

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunForAsync(TimeSpan.FromMinutes(11));
        Assert.NotEmpty(await house.NamesAsync("http01/"));

        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(1));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.Equal(1, house.Ca.Log.Count("challenge"));
        Assert.Empty(await house.NamesAsync("http01/"));
    }

    [Fact]
    public async Task Row_14_past_the_poll_s_deadline_the_order_is_kept_and_looked_at_again()
    {
        await using var house = await AcmeHouse.StartAsync();
        (house.Ca.Awkward.ProcessingFor, house.Ca.Awkward.PollRetryAfter) = (TimeSpan.FromHours(6), null);

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilAsync(() => house.WaitsForAsync("web", "OrderProcessing"), TimeSpan.FromHours(1));
        var request = (await house.FindAsync(App.CertificateRequests.CertificateRequestKind.Kind, "web-1"))!;

        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(8));
        Assert.Equal(request.Metadata.Uid, (await house.FindAsync(App.CertificateRequests.CertificateRequestKind.Kind, "web-1"))!.Metadata.Uid);
        Assert.Single(house.Stored("web"));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.Equal(1, house.Ca.Log.Count("finalize"));
        Assert.InRange(house.Ca.Log.Count("order"), 5, 400);
    }

    [Fact]
    public async Task Row_14_an_order_that_is_never_done_has_failed_when_it_expires()
    {
        await using var house = await AcmeHouse.StartAsync();
        (house.Ca.Awkward.ProcessingFor, house.Ca.Awkward.PollRetryAfter, house.Ca.Awkward.OrderLife) = (TimeSpan.FromDays(10), "600", TimeSpan.FromHours(8));

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilAsync(() => house.FailedAsync("web", "OrderExpired"), TimeSpan.FromHours(10));

        Assert.Empty(house.Stored("web"));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
    }

    [Fact]
    public async Task Row_15_a_failed_challenge_is_told_by_name_in_the_CA_s_words_and_backs_off()
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.FailValidation = validation => validation.Identifier.Value == "web.test" ? null
            : validation.Identifier.Value == "a.test" ? Boulder.HttpNotFound("a.test", validation.Token) : Boulder.HttpTimeout(validation.Identifier.Value, validation.Token);

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test", "a.test", "b.test"]);
        await house.RunUntilAsync(() => house.FailedAsync("web", "ChallengeFailed"), TimeSpan.FromMinutes(5));

        var message = (await house.ConditionAsync("web", "Issuing"))!.Message!;
        Assert.Contains("a.test: unauthorized: 203.0.113.7: Invalid response from http://a.test/", message, StringComparison.Ordinal);
        Assert.Contains("b.test: connection: 203.0.113.7: Fetching http://b.test/", message, StringComparison.Ordinal);
        Assert.Empty(house.Stored("web"));
        await house.RunForAsync(TimeSpan.FromMinutes(50));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.Empty(await house.NamesAsync("http01/"));

        house.Ca.Awkward.FailValidation = null;
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task Row_15_no_name_fails_more_than_three_times_an_hour_however_often_somebody_asks()
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.FailValidation = validation => Boulder.HttpNotFound(validation.Identifier.Value, validation.Token);

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"]);
        for (var i = 0; i < 8; i++)
        {
            await house.RunForAsync(TimeSpan.FromMinutes(5));
            await house.PostAsync("Certificate", "web", "renew");
        }

        await house.RunForAsync(TimeSpan.FromHours(3));
        var failures = house.Ca.Book.Validations.Select(each => each.Time).ToList();
        Assert.True(failures.Count >= 3);
        Assert.All(failures, first => Assert.InRange(failures.Count(each => each >= first && each < first.AddMinutes(59.9)), 1, 3));
    }

    [Fact]
    public async Task Row_15_an_error_after_finalize_is_the_order_s_own()
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.FailIssuance = _ => Boulder.Caa("a.test", "b.test");

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["a.test", "b.test"]);
        await house.RunUntilAsync(() => house.FailedAsync("web", "caa"), TimeSpan.FromMinutes(5));

        var message = (await house.ConditionAsync("web", "Issuing"))!.Message!;
        Assert.Contains("CAA record for a.test prevents issuance", message, StringComparison.Ordinal);
        Assert.Contains("CAA record for b.test prevents issuance", message, StringComparison.Ordinal);
        await house.RunForAsync(TimeSpan.FromMinutes(50));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
    }

    [Theory]
    [InlineData("authorization", "authorizations are gone", "forget")]
    [InlineData("challenge", "the challenge is gone", "forget")]
    [InlineData("finalize", "the order is gone", "forget")]
    [InlineData("challenge", "the authorization ran out", "expire authorizations")]
    [InlineData("authorization", "the authorization ran out before it was read", "expire authorizations")]
    [InlineData("finalize", "the order ran out", "expire orders")]
    [InlineData("challenge", "the order ran out early", "expire orders")]
    public async Task Row_16_what_expires_or_is_gone_between_two_steps_is_ordered_anew(string at, string because, string what)
    {
        await using var house = await AcmeHouse.StartAsync();
        var isDone = false;
        house.Ca.OnRequest = call =>
        {
            if (call.Resource != at || isDone) { return Task.FromResult<AcmeFault?>(null); }
            isDone = true;
            if (what == "forget") { house.Ca.Book.ForgetOrders(); }
            else if (what == "expire orders") { house.Ca.Book.ExpireOrders(); }
            else { house.Ca.Book.ExpireAuthorizations(); }
            return Task.FromResult<AcmeFault?>(null);
        };

        await house.WithReadyAsync("web", "web.test");

        Assert.True(house.Ca.Log.Count("newOrder") <= 2, because);
        Assert.Null((await house.CertificateAsync("web")).Status!.FailedIssuanceAttempts);
        Assert.Single(house.Stored("web"));
    }
}
