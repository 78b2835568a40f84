using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Events;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Events;

/// <summary>One log line and one event a decision, and never a failure.</summary>
public sealed class EventRecorderTests
{
    private static readonly EventSubject Web = EventSubject.Of(CertificateKind.Kind, "ns", "web", "uid-1");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CountingStore _objects = new();
    private readonly Lines _lines = new();
    private readonly EventRecorder _recorder;

    public EventRecorderTests() => _recorder = new EventRecorder(_objects, _time, _lines);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_one_line_and_one_event()
    {
        await RecordAsync(Occurrence.Warning(Web, "ErrSigning", "no", "a"));

        var it = Assert.Single((await KeptAsync())!.Events);
        Assert.Equal(("ErrSigning", "no", true, 1), (it.Reason, it.Message, it.IsWarning, it.Count));
        Assert.Equal([(LogLevel.Warning, "Certificate ns/web: ErrSigning: no")], _lines.All);
        Assert.Equal(1, _objects.Writes);
    }

    [Fact]
    public async Task Records_a_decision_once_however_often_its_activity_is_repeated()
    {
        await RecordAsync(Occurrence.Normal(Web, "Issuing", "one", "a"));
        await RecordAsync(Occurrence.Normal(Web, "Requested", "two", "b"));
        await RecordAsync(Occurrence.Normal(Web, "Issuing", "one", "a"));

        Assert.Equal(["one", "two"], (await KeptAsync())!.Events.Select(each => each.Message));
        Assert.Equal(2, _objects.Writes);
        Assert.Equal(2, _lines.All.Count);
    }

    [Fact]
    public async Task Reads_what_it_wrote_itself_no_second_time()
    {
        await RecordAsync(Occurrence.Normal(Web, "Issuing", "one", "a"));
        await RecordAsync(Occurrence.Normal(Web, "Issuing", "one", "a"));
        await RecordAsync(Occurrence.Normal(Web, "Requested", "two", "b"));

        Assert.Equal((1, 2), (_objects.Reads, _objects.Writes));
    }

    [Fact]
    public async Task Keeps_what_another_process_wrote_meanwhile()
    {
        await RecordAsync(Occurrence.Normal(Web, "Issuing", "one", "a"));
        await new EventRecorder(_objects, _time, _lines).RecordAsync(Occurrence.Normal(Web, "Requested", "two", "b"), Cancel);
        await RecordAsync(Occurrence.Normal(Web, "Issued", "three", "c"));

        Assert.Equal(["one", "two", "three"], (await KeptAsync())!.Events.Select(each => each.Message));
    }

    [Fact]
    public async Task Counts_equal_ones_in_a_row()
    {
        await RecordAsync(Occurrence.Normal(Web, "Issuing", "same", "a"));
        _time.Advance(TimeSpan.FromMinutes(5));
        await RecordAsync(Occurrence.Normal(Web, "Issuing", "same", "b"));

        var it = Assert.Single((await KeptAsync())!.Events);
        Assert.Equal((2, TimeSpan.FromMinutes(5)), (it.Count, it.Last - it.First));
    }

    [Fact]
    public async Task Tells_a_wait_only_when_it_is_another_than_before()
    {
        foreach (var reason in (string[])["IssuerNotFound", "IssuerNotFound", "IssuerNotReady", "IssuerNotFound"]) { await RecordAsync(Occurrence.Normal(Web, reason, "")); }

        Assert.Equal(["IssuerNotFound", "IssuerNotReady", "IssuerNotFound"], (await KeptAsync())!.Events.Select(each => each.Reason));
    }

    [Fact]
    public async Task Keeps_the_newest_twenty()
    {
        for (var number = 0; number < 25; number++) { await RecordAsync(Occurrence.Normal(Web, "Issuing", $"{number}", $"{number}")); }

        Assert.Equal(Enumerable.Range(5, 20).Select(number => $"{number}"), (await KeptAsync())!.Events.Select(each => each.Message));
    }

    [Fact]
    public async Task Begins_anew_for_a_resource_made_anew()
    {
        await RecordAsync(Occurrence.Normal(Web, "Issuing", "old", "a"));
        await RecordAsync(Occurrence.Normal(Web with { Uid = "uid-2" }, "Issuing", "new", "a"));

        Assert.Equal(["new"], (await KeptAsync())!.Events.Select(each => each.Message));
    }

    [Fact]
    public async Task Cuts_what_is_long_and_flattens_what_would_forge_a_line()
    {
        await RecordAsync(Occurrence.Normal(Web, "Issuing", "a\nb" + new string('c', 5000), "a"));

        var message = Assert.Single((await KeptAsync())!.Events).Message;
        Assert.StartsWith("a bc", message, StringComparison.Ordinal);
        Assert.Equal(1024, message.Length);
    }

    [Fact]
    public async Task Loses_the_event_and_not_the_run_when_the_store_fails()
    {
        _objects.Failure = new InvalidOperationException("the store is away");

        await RecordAsync(Occurrence.Normal(Web, "Issuing", "told all the same", "a"));

        Assert.Equal(["Certificate ns/web: Issuing: told all the same", "Certificate ns/web: the event Issuing could not be kept"], _lines.All.Select(line => line.Text));
    }

    [Fact]
    public async Task Replaces_what_it_cannot_read()
    {
        await _objects.PutIfAbsentAsync(Web.ObjectName, "{"u8.ToArray(), Cancel);

        await RecordAsync(Occurrence.Normal(Web, "Issuing", "new", "a"));

        Assert.Single((await KeptAsync())!.Events);
    }

    [Fact]
    public async Task Goes_with_its_resource_and_the_sweep_takes_what_was_left()
    {
        var store = new ResourceStore(_objects);
        var resource = A.Certificate() with { Metadata = A.Certificate().Metadata with { Uid = "uid-1" } };
        var version = await store.CreateAsync(CertificateKind.Kind, resource, due: null, Cancel);
        await RecordAsync(Occurrence.Normal(Web, "Issuing", "", "a"));
        await RecordAsync(Occurrence.Normal(Web with { Name = "gone", Uid = "uid-2" }, "Issuing", "", "a"));

        await new EventSweep(_objects, new ResourceKinds([CertificateKind.Kind]), NullLogger<EventSweep>.Instance).RunAsync(Cancel);
        var swept = await NamesAsync();
        await store.DeleteAsync(CertificateKind.Kind, new ResourceName("ns", "web"), version!.Value, Cancel);

        Assert.Equal(["events/ns/certificates/web"], swept);
        Assert.Empty(await NamesAsync());
    }

    private Task RecordAsync(Occurrence occurrence) => _recorder.RecordAsync(occurrence, Cancel);

    private async Task<EventHistory?> KeptAsync() => EventHistory.Read(await _objects.FindAsync(Web.ObjectName, Cancel));

    private async Task<List<string>> NamesAsync() =>
        [.. (await _objects.ListAsync(EventSubject.Prefix, from: null, continuation: null, pageSize: 100, Cancel)).Entries.Select(entry => entry.Name)];

    private sealed class CountingStore : IObjectStore
    {
        private readonly InMemoryObjectStore _inner = new();

        public int Reads { get; private set; }

        public int Writes { get; private set; }

        public Exception? Failure { get; set; }

        public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken)
        {
            Reads++;
            return Failure is null ? _inner.FindAsync(name, cancellationToken) : throw Failure;
        }

        public Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken)
        {
            Writes++;
            return _inner.PutIfAbsentAsync(name, content, metadata, cancellationToken);
        }

        public Task<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken)
        {
            Writes++;
            return _inner.PutIfMatchAsync(name, content, metadata, expected, cancellationToken);
        }

        public Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken) => _inner.DeleteIfMatchAsync(name, expected, cancellationToken);

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => _inner.DeleteAsync(name, cancellationToken);

        public Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken) =>
            _inner.ListAsync(prefix, from, continuation, pageSize, cancellationToken);
    }

    private sealed class Lines : ILogger<EventRecorder>
    {
        public List<(LogLevel Level, string Text)> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add((logLevel, formatter(state, exception)));
    }
}
