using CertFunctions.App.Acme.Orders;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Acme;

/// <summary>After an account was limited its orders follow one by one: looking does not take a turn, passing does.</summary>
public sealed class AcmeWaitsTests
{
    private const string Account = "acme/dir/key/";

    private static readonly AcmeIdentifier[] Names = [AcmeIdentifier.Dns("a.test")];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryObjectStore _objects = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private AcmeWaits Waits => new(_objects, _time);

    [Fact]
    public async Task Only_who_passes_takes_a_turn()
    {
        await Waits.KeepAsync(Account, new AcmeProblem("rateLimited", "too many new orders", 429) { RetryAfter = TimeSpan.FromMinutes(1) }, Names, Cancel);
        Assert.NotNull(await Waits.FindAsync(Account, Names, Cancel));
        Assert.NotNull(await Waits.PassAsync(Account, Cancel));

        _time.Advance(TimeSpan.FromMinutes(1));
        for (var look = 0; look < 3; look++) { Assert.Null(await Waits.FindAsync(Account, Names, Cancel)); }   // its slots are taken: it looks, and comes again

        Assert.Null(await Waits.PassAsync(Account, Cancel));
        Assert.Equal(_time.GetUtcNow() + RateLimits.Spacing, (await Waits.PassAsync(Account, Cancel))!.Until);
        Assert.NotNull(await Waits.FindAsync(Account, Names, Cancel));

        _time.Advance(RateLimits.Spacing);
        Assert.Null(await Waits.PassAsync(Account, Cancel));
    }

    [Fact]
    public async Task Nothing_is_spaced_once_the_limit_is_long_ago()
    {
        await Waits.KeepAsync(Account, new AcmeProblem("rateLimited", "too many new orders", 429) { RetryAfter = TimeSpan.FromMinutes(1) }, Names, Cancel);
        _time.Advance(TimeSpan.FromHours(4));

        Assert.Null(await Waits.FindAsync(Account, Names, Cancel));
        for (var order = 0; order < 3; order++) { Assert.Null(await Waits.PassAsync(Account, Cancel)); }
    }
}
