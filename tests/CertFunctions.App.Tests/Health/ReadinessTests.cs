using CertFunctions.App.Certificates;
using CertFunctions.App.Health;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Health;

/// <summary>Readiness as the app wires it, over a store and vaults in memory.</summary>
public sealed class ReadinessTests : IDisposable
{
    private static readonly (string, string)[] Schedules =
    [
        ("Schedule:StartDue", "0 * * * * *"), ("Schedule:Sweep", "0 17 * * * *"), ("Schedule:CheckVaults", "30 */5 * * * *"), ("Schedule:RenewalInfo", "00:05:00"),
    ];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryObjectStore _objects = new();
    private readonly CountingAsks _asks;
    private readonly ServiceProvider _services;

    public ReadinessTests()
    {
        _asks = new CountingAsks(_objects);
        _services = AppServices.Over(_asks, new InMemoryVault(), _time, ids: null, Schedules);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Knows_every_timer_of_the_app() =>
        Assert.Superset(new SortedSet<string>(["CheckVaults", "PollRenewalInfo", "StartDue", "SweepState"]), new SortedSet<string>(TimerFunctions.Settings.Keys));

    [Fact]
    public async Task Is_unready_before_any_timer_ran_and_ready_after_the_first()
    {
        Assert.Contains("timer/StartDue NeverRan", Failed(await AskAsync()));

        await BeatAsync("StartDue");
        Assert.Empty(Failed(await AskAsync()));   // the others have until their own schedules say so
    }

    [Fact]
    public async Task A_timer_is_late_once_it_missed_three_runs_and_the_grace()
    {
        foreach (var timer in TimerFunctions.Settings.Keys) { await BeatAsync(timer); }

        _time.Advance(TimeSpan.FromMinutes(8));
        Assert.Empty(Failed(await AskAsync()));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["timer/StartDue TimerLate"], Failed(await AskAsync()));

        _time.Advance(TimeSpan.FromHours(3.5));
        Assert.Contains("timer/SweepState TimerLate", Failed(await AskAsync()));

        await BeatAsync("StartDue");
        Assert.DoesNotContain("timer/StartDue TimerLate", Failed(await AskAsync()));
    }

    [Fact]
    public async Task Names_the_most_overdue_resource_that_is_still_there()
    {
        await StoreAsync("gone", uid: "uid-1", due: -90, entryUid: "another");
        await StoreAsync("late", uid: "uid-2", due: -60);
        await StoreAsync("less", uid: "uid-3", due: -30);
        await StoreAsync("future", uid: "uid-4", due: 30);

        var most = (await AskAsync()).MostOverdue!;
        Assert.Equal(("Certificate", "ns", "late", "01:00:00"), (most.Kind, most.Namespace, most.Name, most.Late));
    }

    [Fact]
    public async Task Is_computed_once_for_all_who_ask_within_seconds()
    {
        var readiness = _services.GetRequiredService<Readiness>();
        await readiness.AskAsync();
        var asked = _asks.Count;

        for (var number = 0; number < 1000; number++) { await readiness.AskAsync(); }
        Assert.Equal(asked, _asks.Count);

        _time.Advance(TimeSpan.FromSeconds(5));
        await readiness.AskAsync();
        Assert.Equal(2 * asked, _asks.Count);
    }

    [Fact]
    public async Task Answers_within_its_time_when_the_store_does_not()
    {
        _asks.Hangs = true;

        var asking = _services.GetRequiredService<Readiness>().AskAsync();
        var second = _services.GetRequiredService<Readiness>().AskAsync();
        Assert.Same(asking, second);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["store TimedOut"], Failed(await asking));
    }

    [Fact]
    public async Task A_heartbeat_keeps_the_moment_of_the_first_run()
    {
        var start = _time.GetUtcNow();
        await BeatAsync("StartDue");
        _time.Advance(TimeSpan.FromMinutes(1));
        await BeatAsync("StartDue");

        Assert.Equal(new Heartbeat(start, start.AddMinutes(1)), await _services.GetRequiredService<Heartbeats>().FindAsync("StartDue", Cancel));
        Assert.Single((await _objects.ListAsync(Heartbeats.Prefix, from: null, continuation: null, 100, Cancel)).Entries);
    }

    public void Dispose() => _services.Dispose();

    private static IEnumerable<string> Failed(ReadinessReport report) => (report.Failed ?? []).Select(each => $"{each.Check} {each.Reason}");

    private Task BeatAsync(string timer) => _services.GetRequiredService<Heartbeats>().BeatAsync(timer, Cancel);

    private Task<ReadinessReport> AskAsync() => new Readiness(
        _services.GetRequiredService<ReadinessGatherer>(), _time, _services.GetRequiredService<Microsoft.Extensions.Options.IOptions<ReadyOptions>>()).AskAsync();

    private async Task StoreAsync(string name, string uid, int due, string? entryUid = null)
    {
        var now = _time.GetUtcNow();
        var kind = CertificateKind.Kind;
        await _objects.PutIfAbsentAsync(kind.ObjectName(new ResourceName("ns", name)), "{}"u8.ToArray(), ValueMap.From([KeyValuePair.Create("uid", uid)]), Cancel);
        await _objects.PutIfAbsentAsync(new DueEntry(now.AddMinutes(due), kind.Plural, "ns", name, entryUid ?? uid, now.AddDays(-1), "unique").ObjectName, default, Cancel);
    }

    private sealed class CountingAsks(IObjectStore inner) : IObjectStore
    {
        private int _count;

        public int Count => _count;

        public bool Hangs { get; set; }

        public async Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => await Counted(() => inner.FindAsync(name, cancellationToken));

        public Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken) => inner.PutIfAbsentAsync(name, content, metadata, cancellationToken);

        public Task<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken) => inner.PutIfMatchAsync(name, content, metadata, expected, cancellationToken);

        public Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken) => inner.DeleteIfMatchAsync(name, expected, cancellationToken);

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => inner.DeleteAsync(name, cancellationToken);

        public Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken) => Counted(() => inner.ListAsync(prefix, from, continuation, pageSize, cancellationToken));

        private Task<T> Counted<T>(Func<Task<T>> call)
        {
            Interlocked.Increment(ref _count);
            return Hangs ? new TaskCompletionSource<T>().Task : call();
        }
    }
}
