using System.Diagnostics;
using Azure;
using CertFunctions.LocalVault.Faults;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.LocalRuntime.Tests.Vault;

public sealed class FaultTests
{
    private const string V = "?api-version=7.6";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_SDK_waits_as_long_as_a_429_says_and_then_gets_through()
    {
        await using var vault = await StartAsync();
        await vault.Secrets().SetSecretAsync("busy", "x", Ct);
        vault.Host.Faults!.Add(new VaultFault { Status = 429, RetryAfterSeconds = 1, Path = "/secrets/busy" });

        var clock = Stopwatch.StartNew();
        Assert.Equal("x", (await vault.Secrets(retries: 1).GetSecretAsync("busy", cancellationToken: Ct)).Value.Value);

        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(429, "429 Throttled")]
    [InlineData(500, "500 InternalServerError")]
    [InlineData(503, "503 ServiceUnavailable")]
    public async Task A_fault_meets_as_many_requests_as_it_was_told(int status, string expected)
    {
        await using var vault = await StartAsync();
        var secrets = vault.Secrets();
        vault.Host.Faults!.Add(new VaultFault { Status = status, Times = 2, Method = "PUT" });

        Assert.Equal("404 SecretNotFound", await Refused.ByAsync(() => secrets.GetSecretAsync("a", cancellationToken: Ct)));
        Assert.Equal(expected, await Refused.ByAsync(() => secrets.SetSecretAsync("a", "x", Ct)));
        Assert.Equal(expected, await Refused.ByAsync(() => secrets.SetSecretAsync("a", "x", Ct)));
        await secrets.SetSecretAsync("a", "x", Ct);
        Assert.Single(await secrets.GetPropertiesOfSecretVersionsAsync("a", Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task An_answer_is_lost_after_its_write_was_done()
    {
        await using var vault = await StartAsync();
        var secrets = vault.Secrets();
        vault.Host.Faults!.Add(new VaultFault { Status = 0, AfterEffect = true, Method = "PUT" });
        vault.Host.Faults.Add(new VaultFault { Status = 503, AfterEffect = true, Method = "PUT" });

        Assert.Equal(0, (await Assert.ThrowsAsync<RequestFailedException>(() => secrets.SetSecretAsync("lost", "1", Ct))).Status);
        Assert.Equal("503 ServiceUnavailable", await Refused.ByAsync(() => secrets.SetSecretAsync("lost", "2", Ct)));

        Assert.Equal("2", (await secrets.GetSecretAsync("lost", cancellationToken: Ct)).Value.Value);
        Assert.Equal(2, (await secrets.GetPropertiesOfSecretVersionsAsync("lost", Ct).ToListAsync(Ct)).Count);
    }

    [Fact]
    public async Task Faults_can_be_asked_for_over_HTTP_when_they_are_switched_on()
    {
        await using var vault = await StartAsync();

        Assert.Equal(204, (await vault.SendAsync("POST", "faults", """{"status":503,"path":"/secrets","retryAfterSeconds":7,"times":5}""")).Status);
        var met = await vault.SendAsync("GET", "secrets" + V);
        Assert.Equal((503, "7"), (met.Status, met.Headers["Retry-After"]));

        Assert.Equal(204, (await vault.SendAsync("DELETE", "faults")).Status);
        Assert.Equal(200, (await vault.SendAsync("GET", "secrets" + V)).Status);
        Assert.Equal(400, (await vault.SendAsync("POST", "faults", """{"status":200}""")).Status);
    }

    [Fact]
    public async Task Without_the_switch_there_is_no_hook()
    {
        await using var vault = await VaultFixture.StartAsync(options => options);

        Assert.Null(vault.Host.Faults);
        Assert.Equal(404, (await vault.SendAsync("POST", "faults" + V, """{"status":503}""")).Status);
        Assert.Equal(200, (await vault.SendAsync("GET", "secrets" + V)).Status);
    }

    [Fact]
    public async Task Throttling_refuses_what_exceeds_a_limit_until_the_ten_seconds_are_over()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var vault = await VaultFixture.StartAsync(options => options with { Throttling = true, Time = time });
        const string Create = """{"policy":{"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=a","key_usage":["digitalSignature"]}}}""";
        for (var i = 0; i < 20; i++) { Assert.Equal(202, (await vault.SendAsync("POST", $"certificates/c{i}/create{V}", Create)).Status); }

        time.Advance(TimeSpan.FromSeconds(4));
        var refused = await vault.SendAsync("POST", $"certificates/c20/create{V}", Create);
        Assert.Equal((429, "Throttled", "6"), (refused.Status, refused.Error, refused.Headers["Retry-After"]));

        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(202, (await vault.SendAsync("POST", $"certificates/c20/create{V}", Create)).Status);
    }

    private static Task<VaultFixture> StartAsync() => VaultFixture.StartAsync(options => options with { Faults = true });
}
