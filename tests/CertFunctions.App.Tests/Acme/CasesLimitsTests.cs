using CertFunctions.AwkwardCa;

namespace CertFunctions.App.Tests.Acme;

/// <summary>Rows 9 to 12 of acme-cases: rate limits.</summary>
public sealed class CasesLimitsTests
{
    [Theory]
    [InlineData(90, RetryAfterForm.Seconds)]
    [InlineData(90, RetryAfterForm.HttpDate)]
    [InlineData(36 * 3600, RetryAfterForm.Seconds)]
    [InlineData(36 * 3600, RetryAfterForm.HttpDate)]
    [InlineData(2 * 3600, RetryAfterForm.None)]
    public async Task Row_09_a_rate_limit_is_waited_for_and_is_no_failed_attempt(int seconds, RetryAfterForm form)
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.AddIssuerAsync();
        var limit = new RateLimit(LimitScope.RegisteredDomain, "web.test", house.Now.AddSeconds(seconds), form);
        house.Ca.Limits.Add(limit);

        await house.AddCertificateAsync("web", ["web.test", "www.web.test"]);
        await house.RunUntilAsync(() => house.WaitsForAsync("web", "RateLimited"), TimeSpan.FromMinutes(1));
        Assert.Contains($"{limit.Until:yyyy-MM-dd HH:mm}", (await house.ConditionAsync("web", "Issuing"))!.Message, StringComparison.Ordinal);

        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(40));
        Assert.Single(limit.Hits);
        Assert.Equal(2, house.Ca.Log.Count("newOrder"));
        Assert.Single(house.Ca.Book.Orders);
        Assert.Null((await house.CertificateAsync("web")).Status!.FailedIssuanceAttempts);
        Assert.True(house.Now < limit.Until.AddMinutes(3), $"only at {house.Now}");
    }

    [Theory]
    [InlineData("as soon as you like")]
    [InlineData("-60")]
    [InlineData("0")]
    [InlineData(null)]
    public async Task Row_10_without_a_usable_Retry_After_it_keeps_its_own_pace(string? header)
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.AddIssuerAsync();
        var refusals = 3;
        house.Ca.Awkward.RefuseOrder = _ => refusals-- > 0 ? new AcmeFault("rateLimited", "Too many requests", 429) { RetryAfter = header } : null;

        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilReadyAsync("web", TimeSpan.FromDays(1));

        var times = house.Ca.Log.Of("newOrder").Select(call => call.Time).ToList();
        Assert.Equal(4, times.Count);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Row_11_a_pause_shows_its_link_whole_and_only_those_names_wait_a_day()
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.AddIssuerAsync();
        var jwt = $"eyJhbGciOiJIUzI1NiJ9.{new string('x', 400)}.sig-_9";
        var pause = new RateLimit(LimitScope.Name, "web.test", house.Now.AddDays(30)) { PauseJwt = jwt };
        house.Ca.Limits.Add(pause);

        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilAsync(() => house.WaitsForAsync("web", "ACMEPaused"), TimeSpan.FromMinutes(1));
        Assert.Contains(Boulder.UnpausePage + jwt, (await house.ConditionAsync("web", "Issuing"))!.Message, StringComparison.Ordinal);
        Assert.Null((await house.CertificateAsync("web")).Status!.FailedIssuanceAttempts);

        await house.AddCertificateAsync("other", ["other.test"]);
        await house.RunUntilReadyAsync("other", TimeSpan.FromMinutes(5));

        await house.RunForAsync(TimeSpan.FromHours(23));
        Assert.Single(pause.Hits);

        pause.Until = house.Now;
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(2));
        Assert.Equal(2, house.Ca.Log.Of("newOrder").Count(call => call.Identifiers.Contains("web.test")));
    }

    [Theory]
    [InlineData("the exact set", LimitScope.ExactSet, "a.web.test,b.web.test")]
    [InlineData("one name", LimitScope.Name, "a.web.test")]
    [InlineData("one registered domain", LimitScope.RegisteredDomain, "web.test")]
    public async Task Row_12_only_what_is_limited_waits(string because, LimitScope scope, string key)
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.AddIssuerAsync();
        var limit = new RateLimit(scope, key, house.Now.AddHours(10));
        house.Ca.Limits.Add(limit);

        await house.AddCertificateAsync("limited", ["a.web.test", "b.web.test"]);
        await house.RunUntilAsync(() => house.WaitsForAsync("limited", "RateLimited"), TimeSpan.FromMinutes(1));
        await house.AddCertificateAsync("free", [scope == LimitScope.RegisteredDomain ? "a.other.test" : "b.web.test"]);
        await house.RunUntilReadyAsync("free", TimeSpan.FromMinutes(5));
        Assert.False(await house.IsReadyAsync("limited"), because);

        await house.RunUntilReadyAsync("limited", TimeSpan.FromHours(11));
        Assert.Single(limit.Hits);
    }

    [Fact]
    public async Task Row_12_after_an_account_s_wait_one_order_goes_first_and_the_rest_follow_spaced()
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.AddIssuerAsync();
        var limit = new RateLimit(LimitScope.Account, "", house.Now.AddHours(2));
        house.Ca.Limits.Add(limit);

        string[] names = ["a", "b", "c", "d", "e"];
        await house.AddCertificateAsync("a", ["a.test"]);
        await house.RunUntilAsync(() => house.WaitsForAsync("a", "RateLimited"), TimeSpan.FromMinutes(1));
        foreach (var name in names.Skip(1)) { await house.AddCertificateAsync(name, [$"{name}.test"]); }
        await house.RunForAsync(TimeSpan.FromHours(1));
        Assert.Single(limit.Hits);

        foreach (var name in names) { await house.RunUntilReadyAsync(name, TimeSpan.FromHours(4)); }
        Assert.Single(limit.Hits);
        var times = house.Ca.Log.Of("newOrder").Select(call => call.Time).Skip(1).ToList();
        Assert.Equal(5, times.Count);
        Assert.All(times, time => Assert.True(time >= limit.Until));
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(30), $"{pair.First:T} {pair.Second:T}"));
    }
}
