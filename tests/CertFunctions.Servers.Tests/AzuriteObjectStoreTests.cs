using System.Diagnostics;
using Azure.Storage.Blobs;
using CertFunctions.App.Adapters.Blobs;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Servers.Tests;

/// <summary>The store's contract on Azurite, and what only a store behind a network does: throttle, vanish, lose answers.</summary>
public sealed class AzuriteObjectStoreTests : ObjectStoreContract, IClassFixture<Azurite>
{
    private static readonly ReadOnlyMemory<byte> One = "one"u8.ToArray();
    private static readonly BlobPatience Quick = new() { FirstDelay = TimeSpan.FromMilliseconds(20), LongestDelay = TimeSpan.FromMilliseconds(200), Timeout = TimeSpan.FromSeconds(1) };
    private static int _containers;

    private readonly Azurite _azurite;
    private readonly string _name = $"contract-{Interlocked.Increment(ref _containers)}";

    public AzuriteObjectStoreTests(Azurite azurite)
    {
        _azurite = azurite;

        // A busy machine must not look like a lost answer: a repeated write reports a conflict with itself.
        Store = At(azurite.Address, BlobPatience.Default with { Timeout = TimeSpan.FromMinutes(2) });
    }

    protected override IObjectStore Store { get; }

    protected override int Many => 2_000;   // a deletion there costs O(all)

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(503), InlineData(429)]
    public async Task Obeys_Retry_After_when_throttled(int status)
    {
        await using var tap = await HttpTap.StartAsync(_azurite.Address);
        var store = At(tap.Address, Quick);
        await store.PutIfAbsentAsync("web", One, Cancel);
        tap.Throttle(requests: 2, retryAfterInSeconds: 1, status);

        var clock = Stopwatch.StartNew();
        Assert.NotNull(await store.FindAsync("web", Cancel));

        Assert.Equal(3, tap.Requests);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Writes_once_and_reports_it_when_throttled_before_the_write()
    {
        await using var tap = await HttpTap.StartAsync(_azurite.Address);
        var store = At(tap.Address, Quick);
        Assert.Null(await store.FindAsync("web", Cancel));
        tap.Throttle(requests: 2, retryAfterInSeconds: 0);

        Assert.IsType<PutResult.Written>(await store.PutIfAbsentAsync("web", One, Cancel));
    }

    [Fact]
    public async Task Passes_on_a_Retry_After_that_is_too_long_to_wait_for()
    {
        await using var tap = await HttpTap.StartAsync(_azurite.Address);
        var store = At(tap.Address, Quick);
        await store.FindAsync("web", Cancel);
        tap.Throttle(requests: 100, retryAfterInSeconds: 3600);

        var failure = await Assert.ThrowsAsync<ObjectStoreException>(() => store.PutIfAbsentAsync("web", One, Cancel));

        Assert.Equal(TimeSpan.FromHours(1), failure.RetryAfter);
        Assert.Equal(1, tap.Requests);
    }

    [Fact]
    public async Task Gives_up_on_a_store_that_stays_busy_after_a_bounded_number_of_tries()
    {
        await using var tap = await HttpTap.StartAsync(_azurite.Address);
        var store = At(tap.Address, Quick);
        await store.FindAsync("web", Cancel);
        tap.Throttle(requests: 100, retryAfterInSeconds: 0);

        await Assert.ThrowsAsync<ObjectStoreException>(() => store.ListAsync("a/", from: null, continuation: null, 10, Cancel));

        Assert.Equal(1 + Quick.Retries, tap.Requests);
    }

    [Fact]
    public async Task Reports_a_conflict_with_its_own_write_when_the_answer_was_lost_and_has_written_once()
    {
        await using var tap = await HttpTap.StartAsync(_azurite.Address);
        var store = At(tap.Address, Quick);
        await store.FindAsync("web", Cancel);
        tap.LoseAnswers(requests: 1, "PUT");

        Assert.IsType<PutResult.Conflict>(await store.PutIfAbsentAsync("web", One, Cancel));
        Assert.Equal(One.ToArray(), (await store.FindAsync("web", Cancel))!.Content.ToArray());
    }

    [Fact]
    public async Task Deletes_for_good_when_the_answer_was_lost()
    {
        await using var tap = await HttpTap.StartAsync(_azurite.Address);
        var store = At(tap.Address, Quick);
        var version = Assert.IsType<PutResult.Written>(await store.PutIfAbsentAsync("web", One, Cancel)).ETag;
        tap.LoseAnswers(requests: 1, "DELETE");

        Assert.True(await store.DeleteIfMatchAsync("web", version, Cancel));
        Assert.Null(await store.FindAsync("web", Cancel));
    }

    public static TheoryData<string, bool> Absences => new()
    {
        // because                            hangs
        { "connections are refused",          false },
        { "connections are left hanging",     true },
    };

    [Theory, MemberData(nameof(Absences))]
    public async Task Recovers_by_itself_from_a_store_that_vanishes_and_loses_nothing(string because, bool hangs)
    {
        await using var tap = await HttpTap.StartAsync(_azurite.Address);
        var store = At(tap.Address, Quick with { Retries = 2, Timeout = TimeSpan.FromSeconds(0.3) });
        var acknowledged = new HashSet<string>(StringComparer.Ordinal);
        var failures = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writer = Task.Run(async () =>
        {
            for (var number = 0; !stop.IsCancellationRequested; number++)
            {
                try { if (await store.PutIfAbsentAsync($"v/{number:d5}", One, Cancel) is PutResult.Written) { acknowledged.Add($"v/{number:d5}"); } }
                catch (ObjectStoreException) { failures++; }
            }
        }, Cancel);
        await UntilAsync(() => acknowledged.Count > 10);

        if (hangs) { tap.Hang(); } else { tap.Vanish(); }
        await UntilAsync(() => failures > 2);
        var before = acknowledged.Count;
        tap.Pass();
        await UntilAsync(() => acknowledged.Count > before + 10);
        await stop.CancelAsync();
        await writer;

        var stored = await Store.ListAllAsync("v/", Cancel).Select(entry => entry.Name).ToHashSetAsync(cancellationToken: Cancel);
        Assert.True(acknowledged.IsSubsetOf(stored), because);
    }

    [Fact]
    public async Task Starts_while_the_store_is_away_and_makes_the_container_when_it_is_back()
    {
        await using var tap = await HttpTap.StartAsync(_azurite.Address);
        var store = At(tap.Address, Quick with { Retries = 1 });
        tap.Vanish();
        await Assert.ThrowsAsync<ObjectStoreException>(() => store.FindAsync("web", Cancel));
        tap.Pass();

        Assert.Null(await store.FindAsync("web", Cancel));
        Assert.IsType<PutResult.Written>(await store.PutIfAbsentAsync("web", One, Cancel));
    }

    [Fact]
    public async Task Takes_a_container_that_disappears_for_a_failure_and_not_for_an_empty_store()
    {
        await Store.PutIfAbsentAsync("web", One, Cancel);
        await _azurite.Container(_name).DeleteAsync(cancellationToken: Cancel);

        await Assert.ThrowsAsync<ObjectStoreException>(() => Store.FindAsync("web", Cancel));
        await Assert.ThrowsAsync<ObjectStoreException>(() => Store.PutIfAbsentAsync("web", One, Cancel));
        await Assert.ThrowsAsync<ObjectStoreException>(() => Store.ListAsync("a/", from: null, continuation: null, 10, Cancel));
    }

    [Fact]
    public async Task Leaves_names_of_others_out_of_listings()
    {
        await Store.PutIfAbsentAsync("b/1", One, Cancel);
        await _azurite.Container(_name).UploadBlobAsync("b/ünbekannt", new BinaryData(One), Cancel);

        Assert.Equal(["b/1"], (await Store.ListAsync("b/", from: null, continuation: null, 10, Cancel)).Entries.Select(entry => entry.Name));
    }

    [Fact]
    public async Task Takes_a_lease_by_somebody_else_for_a_failure_and_not_for_a_conflict()
    {
        var version = Assert.IsType<PutResult.Written>(await Store.PutIfAbsentAsync("web", One, Cancel)).ETag;
        await new Azure.Storage.Blobs.Specialized.BlobLeaseClient(_azurite.Container(_name).GetBlobClient("web")).AcquireAsync(TimeSpan.FromSeconds(15), cancellationToken: Cancel);

        await Assert.ThrowsAsync<ObjectStoreException>(() => Store.PutIfMatchAsync("web", One, version, Cancel));
        await Assert.ThrowsAsync<ObjectStoreException>(() => Store.DeleteIfMatchAsync("web", version, Cancel));
    }

    [Fact]
    public async Task Asks_once_for_a_listing_with_its_metadata()
    {
        await using var tap = await HttpTap.StartAsync(_azurite.Address);
        var store = At(tap.Address, Quick);
        foreach (var number in Enumerable.Range(0, 50)) { await store.PutIfAbsentAsync($"b/{number}", One, ValueMap.Empty.With("n", "x"), Cancel); }
        tap.Pass();

        var page = await store.ListAsync("b/", from: null, continuation: null, 1000, Cancel);

        Assert.Equal(50, page.Entries.Count(entry => entry.Metadata.Find("n") == "x"));
        Assert.Equal(1, tap.Requests);
    }

    private BlobObjectStore At(Uri address, BlobPatience patience) =>
        new(new BlobServiceClient(Azurite.Connection(address), patience.ClientOptions()).GetBlobContainerClient(_name));

    private static async Task UntilAsync(Func<bool> isTrue)
    {
        var clock = Stopwatch.StartNew();
        while (!isTrue())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "Not within a minute.");
            await Task.Delay(20, Cancel);
        }
    }
}
