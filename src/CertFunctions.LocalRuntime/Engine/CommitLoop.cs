using System.Threading.Channels;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>
/// The only user of the store. Work of many instances that is waiting at the same moment shares one transaction, which is where the
/// speed comes from; what follows from a piece of work happens after that transaction is on disk, in the order of the work.
/// </summary>
internal sealed class CommitLoop(HistoryStore store)
{
    private const int MostPerTransaction = 500;

    private readonly Channel<Work> _queue = Channel.CreateUnbounded<Work>(new UnboundedChannelOptions { SingleReader = true });
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Finishes what is queued and takes no more.</summary>
    public Task StopAsync()
    {
        _queue.Writer.TryComplete();
        return _loop;
    }

    /// <summary>Queues work.</summary>
    /// <param name="write">Runs inside the transaction. Must decide (and throw) before it writes.</param>
    /// <param name="committed">Runs once it is durable.</param>
    /// <param name="failed">Runs when nothing of it is stored.</param>
    public void Enqueue(Action<HistoryStore> write, Action committed, Action<Exception> failed)
    {
        if (!_queue.Writer.TryWrite(new Work(write, committed, failed)))
        {
            failed(new ObjectDisposedException(nameof(DurableEngine), "The durable engine has stopped."));
        }
    }

    /// <summary>Runs work and waits until it is durable.</summary>
    /// <param name="after">Runs on the loop once it is durable, before later work is seen.</param>
    public Task<T> RunAsync<T>(Func<HistoryStore, T> write, Action<T>? after = null)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        T result = default!;
        Enqueue(
            s => result = write(s),
            () =>
            {
                after?.Invoke(result);
                done.SetResult(result);
            },
            done.SetException);
        return done.Task;
    }

    private async Task RunAsync()
    {
        var batch = new List<Work>(MostPerTransaction);
        while (await _queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MostPerTransaction && _queue.Reader.TryRead(out var work)) { batch.Add(work); }
            Commit(batch);
        }
    }

    private void Commit(List<Work> batch)
    {
        try
        {
            store.Begin();
            try
            {
                foreach (var work in batch) { work.Write(store); }
                store.Commit();
            }
            catch
            {
                store.Rollback();
                throw;
            }
        }
        catch (Exception) when (batch.Count > 1)
        {
            // One of them fails: each alone, so that the others do not suffer.
            foreach (var work in batch) { Commit([work]); }
            return;
        }
        catch (Exception failure)
        {
            batch[0].Failed(failure);
            return;
        }

        foreach (var work in batch) { work.Committed(); }
    }

    private sealed record Work(Action<HistoryStore> Write, Action Committed, Action<Exception> Failed);
}
