using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Schedule;

/// <summary>Runs several processes over one store, one store call at a time, in an order drawn from a seed. A process may die before or after any call.</summary>
public sealed class Interleaving(Random random)
{
    /// <summary>How much of a model's schedules to explore: all of them in <c>tests/run.sh</c>, a tenth while one works.</summary>
    public static int Schedules(int all) => Environment.GetEnvironmentVariable("MODEL_SCHEDULES") == "all" ? all : all / 10;

    private readonly List<Waiting> _waiting = [];
    private readonly List<Task> _processes = [];

    public InMemoryObjectStore Store { get; } = new();

    public bool IsIdle => _waiting.Count == 0;

    /// <summary>A process waits to do this: time-outs bound how long, so a model does not let hours pass meanwhile.</summary>
    public bool IsWaitingFor(string call) => _waiting.Exists(waiting => waiting.Name == call);

    /// <summary>The store as the processes see it.</summary>
    public IObjectStore Stepped => new SteppedStore(this);

    /// <summary>Any port as the processes see it: every call waits for its turn.</summary>
    public TPort Step<TPort>(TPort port)
        where TPort : class => SteppedPort.Of(port, this);

    /// <summary>Starts a process; it runs until its first store call and then waits for its turn.</summary>
    public void Start(Func<IObjectStore, Task> process) => _processes.Add(process(new SteppedStore(this)));

    /// <summary>Lets one waiting process do its next call; with a small chance it dies before or after it.</summary>
    public void Step(double deathRate)
    {
        var index = random.Next(_waiting.Count);
        var chosen = _waiting[index];
        _waiting.RemoveAt(index);
        var fate = random.NextDouble();
        if (fate < deathRate / 2) { return; }

        chosen.Act();
        if (fate >= deathRate) { chosen.Resume(); }
        foreach (var failed in _processes.Where(process => process.IsFaulted)) { failed.GetAwaiter().GetResult(); }
        _processes.RemoveAll(process => process.IsCompleted);
    }

    internal Task<T> CallAsync<T>(string name, Func<Task<T>> call)
    {
        var done = new TaskCompletionSource<T>();
        Task<T>? result = null;
        _waiting.Add(new Waiting(name, () => result = call(), () => Finish(result!, done)));
        return done.Task;
    }

    private Task<T> Call<T>(Func<InMemoryObjectStore, Task<T>> call, [System.Runtime.CompilerServices.CallerMemberName] string name = "") => CallAsync(name, () => call(Store));

    private static void Finish<T>(Task<T> result, TaskCompletionSource<T> done)
    {
        if (result.IsFaulted) { done.SetException(result.Exception!.InnerExceptions); }
        else { done.SetResult(result.Result); }
    }

    private sealed record Waiting(string Name, Action Act, Action Resume);

    private sealed class SteppedStore(Interleaving steps) : IObjectStore
    {
        public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) =>
            steps.Call(store => store.FindAsync(name, cancellationToken));

        public Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken) =>
            steps.Call(store => store.PutIfAbsentAsync(name, content, metadata, cancellationToken));

        public Task<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken) =>
            steps.Call(store => store.PutIfMatchAsync(name, content, metadata, expected, cancellationToken));

        public Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken) =>
            steps.Call(store => store.DeleteIfMatchAsync(name, expected, cancellationToken));

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => steps.Call(async store =>
        {
            await store.DeleteAsync(name, cancellationToken);
            return true;
        });

        public Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken) =>
            steps.Call(store => store.ListAsync(prefix, from, continuation, pageSize, cancellationToken));
    }
}
