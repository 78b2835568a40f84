using CertFunctions.App.Acme.Challenges;
using CertFunctions.App.Acme.Orders;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Acme;

/// <summary>What a crash left of orders and challenges goes, and what is still needed stays with another date.</summary>
public sealed class TidyTests : IAsyncDisposable
{
    private const string Token = "token-of-a-challenge-0123456789";

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly InMemoryObjectStore _objects = new();
    private readonly ServiceProvider _services;
    private readonly ResourceStore _store;
    private readonly TidyActivities _tidy;

    public TidyTests()
    {
        _services = AppServices.Over(_objects, new InMemoryVault(), new FakeTimeProvider(Now));
        _store = _services.GetRequiredService<ResourceStore>();
        _tidy = ActivatorUtilities.CreateInstance<TidyActivities>(_services);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_challenge_whose_order_is_gone_goes_with_what_it_published()
    {
        await ChallengeAsync();

        await _tidy.TidyChallenge(new(Run("challenges", "proof", "c-uid"), Now, "u"), Cancel);

        Assert.Empty(await NamesAsync("http01/"));
        Assert.Empty(await NamesAsync("resources/challenges/"));
        Assert.Empty(await NamesAsync("due/"));
    }

    [Fact]
    public async Task A_challenge_that_its_order_still_needs_stays_and_is_looked_at_again()
    {
        await ChallengeAsync();
        await OrderAsync("proof");
        await RequestAsync(isIssued: false);

        await _tidy.TidyChallenge(new(Run("challenges", "proof", "c-uid"), Now, "u"), Cancel);

        Assert.Single(await NamesAsync("http01/"));
        Assert.StartsWith("due/20260101000500/challenges/ns/proof/", Assert.Single(await NamesAsync("due/")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_challenge_of_a_request_that_has_ended_goes()
    {
        await ChallengeAsync();
        await OrderAsync("proof");
        await RequestAsync(isIssued: true);

        await _tidy.TidyChallenge(new(Run("challenges", "proof", "c-uid"), Now, "u"), Cancel);

        Assert.Empty(await NamesAsync("http01/"));
        Assert.Empty(await NamesAsync("resources/challenges/"));
    }

    [Fact]
    public async Task An_order_whose_request_is_gone_goes_with_its_challenges()
    {
        await ChallengeAsync();
        await OrderAsync("proof");

        await _tidy.TidyOrder(new(Run("orders", "order", "o-uid"), Now, "u"), Cancel);

        foreach (var prefix in (string[])["http01/", "resources/challenges/", "resources/orders/", "due/"]) { Assert.Empty(await NamesAsync(prefix)); }
    }

    [Fact]
    public async Task An_order_whose_request_is_there_stays_for_a_month()
    {
        await OrderAsync(challenge: null);
        await RequestAsync(isIssued: true);

        await _tidy.TidyOrder(new(Run("orders", "order", "o-uid"), Now, "u"), Cancel);

        Assert.Single(await NamesAsync("resources/orders/"));
        Assert.StartsWith("due/20260131000000/orders/", Assert.Single(await NamesAsync("due/")), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();

    /// <summary>A run from an entry that stands in the store.</summary>
    private RunTicket Run(string plural, string name, string uid)
    {
        var entry = DueIndex.NameFor(new RunTicket(plural, "ns", name, uid, ""), Now, Now, "entry");
        _objects.PutIfAbsentAsync(entry, default, ValueMap.Empty, Cancel).GetAwaiter().GetResult();
        return new(plural, "ns", name, uid, entry);
    }

    private async Task ChallengeAsync()
    {
        await _objects.PutIfAbsentAsync($"http01/{Token}/c-uid", "key"u8.ToArray(), ValueMap.Empty.With("host", "a.test"), Cancel);
        await _store.CreateAsync(ChallengeKind.Kind, new Challenge
        {
            Metadata = new ObjectMeta { Namespace = "ns", Name = "proof", Uid = "c-uid", Generation = 1, CreationTimestamp = Now },
            Spec = new ChallengeSpec
            {
                Url = "https://ca.test/c", AuthorizationURL = "https://ca.test/a", DnsName = "a.test", Type = "HTTP-01", Token = Token, Key = "key",
                Solver = new AcmeSolver { Http01 = new Http01Solver() }, IssuerRef = new IssuerRef { Name = "acme" }, OrderName = "order",
            },
            Status = new ChallengeStatus { Presented = true, PresentedAt = Now, State = "pending" },
        }, due: null, Cancel);
    }

    private Task OrderAsync(string? challenge) => _store.CreateAsync(OrderKind.Kind, new Order
    {
        Metadata = new ObjectMeta { Namespace = "ns", Name = "order", Uid = "o-uid", Generation = 1, CreationTimestamp = Now },
        Spec = new OrderSpec { IssuerRef = new IssuerRef { Name = "acme" }, RequestName = "web-1", RequestUid = "r-uid", Server = "https://ca.test/dir" },
        Status = new OrderStatus { Authorizations = [new OrderAuthorization { Url = "https://ca.test/a", Challenge = challenge }] },
    }, due: null, Cancel);

    private Task RequestAsync(bool isIssued) => _store.CreateAsync(CertificateRequestKind.Kind, new CertificateRequest
    {
        Metadata = new ObjectMeta { Namespace = "ns", Name = "web-1", Uid = "r-uid", Generation = 1, CreationTimestamp = Now },
        Spec = new CertificateRequestSpec { Request = default, IssuerRef = new IssuerRef { Name = "acme" } },
        Status = isIssued ? new CertificateRequestStatus { Conditions = [new Condition { Type = "Ready", Status = "True", Reason = "Issued" }] } : null,
    }, due: null, Cancel);

    private async Task<IReadOnlyList<string>> NamesAsync(string prefix) => [.. (await _objects.ListAsync(prefix, null, null, 100, Cancel)).Entries.Select(entry => entry.Name)];
}
