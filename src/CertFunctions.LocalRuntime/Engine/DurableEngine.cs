using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>Runs durable orchestrations on one SQLite file: replays them from their history, and outlives <c>kill -9</c>.</summary>
/// <remarks>
/// Unfinished instances live in memory, everything they need is also on disk. An episode replays the whole history on one thread, its
/// news and decisions are committed together, and only then are activities handed out, timers armed and messages delivered.
/// So an activity may run twice after a kill, and a result counts once it is recorded.
/// </remarks>
public sealed class DurableEngine : IAsyncDisposable
{
    private readonly DurableEngineOptions _options;
    private readonly EngineTasks _tasks;
    private readonly DataConverter _converter;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _log;
    private readonly Channel<Instance> _ready = Channel.CreateUnbounded<Instance>();
    private readonly ActivityPool _activities;
    private List<Task> _workers = [];
    private HistoryStore? _store;
    private FileStream? _ownership;
    private long _number;
    private int _stopped;

    public DurableEngine(DurableEngineOptions options, EngineTasks tasks, DataConverter converter, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _tasks, _converter, _time, _loggers) = (options, tasks, converter, time, loggers);
        _log = loggers.CreateLogger<DurableEngine>();
        _activities = new ActivityPool(options, tasks, converter, Deliver);
        Client = new EngineClient(this, converter);
    }

    /// <summary>Starts, asks and ends instances. Usable once the engine has started.</summary>
    public DurableTaskClient Client { get; }

    internal ConcurrentDictionary<string, Instance> Live { get; } = new(StringComparer.Ordinal);

    internal CommitLoop Commits { get; private set; } = null!;

    internal Pulses Pulses { get; } = new();

    internal DateTime Now => _time.GetUtcNow().UtcDateTime;

    /// <summary>Opens the history, brings back every unfinished instance, and starts to work.</summary>
    /// <exception cref="InvalidOperationException">Another engine has the file.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Own();
        _store = new HistoryStore(_options.DatabasePath);
        Commits = new CommitLoop(_store);
        Commits.Start();
        _number = Math.Max(await Commits.RunAsync(store => store.LastNumber()), Now.Ticks);

        await Commits.RunAsync(
            store => store.Unfinished().Select(row => Load(store, row)).ToList(),
            loaded => loaded.ForEach(instance => Live[instance.Row.Id] = instance));
        foreach (var instance in Live.Values) { Resume(instance); }

        _workers = [.. Enumerable.Range(0, _options.MaxConcurrentOrchestrations).Select(_ => Task.Run(RunEpisodesAsync, CancellationToken.None))];
        _activities.Start();
    }

    /// <summary>Stops gracefully: running activities get <see cref="DurableEngineOptions.StopPatience"/>; what is cut off runs again at the next start.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 1 || _store is null) { return; }

        await _activities.StopAsync();
        _ready.Writer.TryComplete();
        await Task.WhenAll(_workers);
        await Commits.StopAsync();
        foreach (var instance in Live.Values) { instance.Leave(); }
        _store.Dispose();
        if (_ownership is not null) { await _ownership.DisposeAsync(); }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _activities.Dispose();
    }

    /// <summary>Numbers for generations and messages: growing, also over restarts.</summary>
    internal long NextNumber() => Interlocked.Increment(ref _number);

    internal void Deliver(Instance instance, HistoryEvent message)
    {
        if (instance.Deliver(message)) { _ready.Writer.TryWrite(instance); }
    }

    /// <summary>Hands over a stored message, unless that generation is gone.</summary>
    internal void Deliver(string id, long key, HistoryEvent message)
    {
        if (Live.TryGetValue(id, out var instance) && instance.Row.Key == key) { Deliver(instance, message); }
    }

    /// <summary>Takes a stored, new instance to work.</summary>
    internal void Adopt(InstanceRow row)
    {
        if (Live.TryGetValue(row.Id, out var replaced)) { replaced.Leave(); }
        var instance = new Instance(row);
        Live[row.Id] = instance;
        Begin(instance);
    }

    internal void Forget(string id)
    {
        if (Live.TryRemove(id, out var instance)) { instance.Leave(); }
        Pulses.Pulse(id);
    }

    private static Instance Load(HistoryStore store, InstanceRow row)
    {
        var instance = new Instance(row);
        instance.History.AddRange(store.History(row.Key));
        instance.PutBack(store.Messages(row.Key));
        if (instance.History.Count > 0)
        {
            var status = row.Status is OrchestrationRuntimeStatus.Pending ? OrchestrationRuntimeStatus.Running : row.Status;
            instance.Row = row with { Status = status, Updated = instance.History[^1].At };
        }

        return instance;
    }

    private void Own()
    {
        if (_options.DatabasePath is ":memory:") { return; }
        try
        {
            _ownership = new FileStream(_options.DatabasePath + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException($"Another durable engine works on '{Path.GetFileName(_options.DatabasePath)}'.", exception);
        }
    }

    private void Resume(Instance instance)
    {
        if (instance.History.Count == 0) { Begin(instance); }
        else { _ready.Writer.TryWrite(instance); }   // replayed without news, to learn what it waits for
    }

    private void Begin(Instance instance)
    {
        var start = new HistoryEvent(EventKind.Started);
        if (instance.Row.StartAt is { } at) { Arm(instance, -1, at, () => BeginNow(instance, start)); }
        else { BeginNow(instance, start); }
    }

    private void BeginNow(Instance instance, HistoryEvent start)
    {
        // Messages that came before the start wait behind it.
        instance.PutBack([start]);
        if (instance.Release()) { _ready.Writer.TryWrite(instance); }
    }

    private async Task RunEpisodesAsync()
    {
        await foreach (var instance in _ready.Reader.ReadAllAsync())
        {
            if (instance.Gone) { continue; }
            new Episode(this, instance, instance.Take()).Run(Now);
        }
    }

    internal OrchestrationRun NewRun(Instance instance)
    {
        var key = instance.Row.Key;
        return new OrchestrationRun(instance.Row, _tasks, _converter, _loggers, () =>
        {
            if (instance.Row.Key == key) { Deliver(instance, new HistoryEvent(EventKind.ForeignAccess)); }
        });
    }

    /// <summary>After a commit: hands out what the instance waits for and lets it go on.</summary>
    internal void Proceed(Instance instance, IEnumerable<HistoryEvent> open)
    {
        var timers = new HashSet<int>();
        foreach (var call in open)
        {
            if (call.Kind is EventKind.ActivityScheduled && instance.Dispatched.Add(call.Task)) { _activities.Enqueue(instance, call); }
            if (call.Kind is EventKind.TimerCreated)
            {
                timers.Add(call.Task);
                if (instance.Dispatched.Add(call.Task))
                {
                    var due = new DateTime(long.Parse(call.Data!, CultureInfo.InvariantCulture), DateTimeKind.Utc);
                    Arm(instance, call.Task, due, () => Deliver(instance, new HistoryEvent(EventKind.TimerFired, call.Task)));
                }
            }
        }

        foreach (var cancelled in instance.Timers.Keys.Where(task => !timers.Contains(task)).ToList())
        {
            if (instance.Timers.Remove(cancelled, out var timer)) { timer.Dispose(); }
        }

        GoOn(instance);
    }

    internal void GoOn(Instance instance)
    {
        if (instance.Release()) { _ready.Writer.TryWrite(instance); }
    }

    /// <summary>The commit did not happen: the same messages again, a little later.</summary>
    internal void TryAgain(Instance instance, IEnumerable<HistoryEvent> messages, Exception failure)
    {
        if (Volatile.Read(ref _stopped) == 1) { return; }
#pragma warning disable CA1848, CA2254 // rare
        _log.LogError(failure, "History of {Instance} could not be written; trying again.", instance.Row.Id);
#pragma warning restore CA1848, CA2254
        instance.PutBack(messages);
        _ = Task.Delay(TimeSpan.FromSeconds(1), _time).ContinueWith(_ => _ready.Writer.TryWrite(instance), TaskScheduler.Default);
    }

    private void Arm(Instance instance, int task, DateTime due, Action fire)
    {
        if (due <= Now)
        {
            fire();
            return;
        }

        // Timers of the platform are limited to 49 days and may be a little early: look again each time.
        ITimer? timer = null;
        timer = _time.CreateTimer(
            _ =>
            {
                if (instance.Gone) { return; }
                if (due <= Now) { fire(); }
                else { timer?.Change(Wait(), Timeout.InfiniteTimeSpan); }
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        instance.Timers[task] = timer;
        timer.Change(Wait(), Timeout.InfiniteTimeSpan);

        TimeSpan Wait() => due <= Now ? TimeSpan.Zero : due - Now < TimeSpan.FromDays(20) ? due - Now + TimeSpan.FromMilliseconds(1) : TimeSpan.FromDays(20);
    }
}
