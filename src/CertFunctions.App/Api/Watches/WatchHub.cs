using System.Collections.Concurrent;
using System.Diagnostics;
using CertFunctions.App.Api.Limits;
using CertFunctions.App.Api.Lists;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Api.Watches;

/// <summary>Looks at the store for all who watch a kind, and only while somebody does.</summary>
public sealed class WatchHub(KindHandler handler, IObjectStore objects, IOptions<ApiOptions> options, TimeProvider time, ILogger<WatchHub> log)
{
    private const int PageSize = 5000;
    private const int MostBodies = 256;
    private const int MostKept = 16;

    // A look may cost at most a tenth of the time.
    private const int LooksPerPace = 10;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<(string Name, string Version), Lazy<Task<string?>>> _bodies = new();
    private readonly LinkedList<Snapshot> _kept = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<Snapshot>? _looking;
    private Task<Snapshot>? _next;
    private TimeSpan _cost;
    private int _watchers;
    private bool _isLooping;

    public KindHandler Handler => handler;

    /// <summary>Keeps the looks going until the returned value is disposed.</summary>
    public IDisposable Join()
    {
        lock (_gate)
        {
            _watchers++;
            if (!_isLooping)
            {
                _isLooping = true;
                _ = Task.Run(LoopAsync);
            }
        }

        return new Place(this);
    }

    /// <summary>A snapshot taken no earlier than this call; callers at the same time share it.</summary>
    public Task<Snapshot> LookAsync()
    {
        lock (_gate)
        {
            if (_looking is null or { IsCompleted: true } && _next is null) { return _looking = Task.Run(TakeAsync); }

            return _next ??= _looking!.ContinueWith(_ => FollowAsync(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
        }
    }

    /// <summary>The newest snapshot, as soon as it is another than <paramref name="seen"/>.</summary>
    public async Task<Snapshot> AfterAsync(Snapshot seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_kept.First?.Value is { } newest && newest != seen) { return newest; }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The last snapshot before a resource got this version: from there on, nothing that its reader has not seen is missed. Null when that is too long ago.</summary>
    public Snapshot? Before(string version)
    {
        lock (_gate)
        {
            for (var at = _kept.Last; at?.Previous is { } later; at = later)
            {
                if (Snapshot.Changes(at.Value, later.Value).Any(change => change.After?.ETag.Value == version)) { return at.Value; }
            }

            return null;
        }
    }

    /// <summary>A resource as JSON text, read once for all who watch; null when it is gone by now.</summary>
    public async Task<string?> BodyAsync(ObjectEntry entry)
    {
        if (_bodies.Count > MostBodies) { _bodies.Clear(); }

        var key = (entry.Name, entry.ETag.Value);
        try
        {
            return await _bodies.GetOrAdd(key, _ => new(async () => (await handler.GetAsync(ResourceLists.NameOf(entry), CancellationToken.None))?.ToJsonString())).Value;
        }
        catch
        {
            _bodies.TryRemove(key, out _);
            throw;
        }
    }

    private async Task LoopAsync()
    {
        while (true)
        {
            var pace = options.Value.WatchPace;
            await Task.Delay(_cost * LooksPerPace > pace ? _cost * LooksPerPace : pace, time);
            lock (_gate)
            {
                if (_watchers == 0)
                {
                    _isLooping = false;
                    _kept.Clear();
                    _bodies.Clear();
                    return;
                }
            }

            try { await LookAsync(); }
            catch (Exception failure) { log.LookFailed(failure, handler.Kind.Plural); }
        }
    }

    private Task<Snapshot> FollowAsync()
    {
        lock (_gate)
        {
            (_looking, _next) = (Task.Run(TakeAsync), null);
            return _looking;
        }
    }

    private async Task<Snapshot> TakeAsync()
    {
        var clock = Stopwatch.StartNew();
        var found = new List<ObjectEntry>();
        string? continuation = null;
        do
        {
            var page = await objects.ListAsync(handler.Kind.ObjectPrefix, from: null, continuation, PageSize, CancellationToken.None);
            found.AddRange(page.Entries);
            continuation = page.Continuation;
        }
        while (continuation is not null);

        _cost = clock.Elapsed;
        return Keep(new Snapshot(found));
    }

    private Snapshot Keep(Snapshot taken)
    {
        lock (_gate)
        {
            if (_kept.First?.Value is { } newest && newest.IsSame(taken)) { return newest; }

            _kept.AddFirst(taken);
            while (_kept.Count > MostKept || (_kept.Count > 2 && _kept.Sum(each => each.Entries.Count) > 30_000)) { _kept.RemoveLast(); }

            _changed.SetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return taken;
        }
    }

    private void Leave()
    {
        lock (_gate) { _watchers--; }
    }

    private sealed class Place(WatchHub hub) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) { hub.Leave(); }
        }
    }
}
