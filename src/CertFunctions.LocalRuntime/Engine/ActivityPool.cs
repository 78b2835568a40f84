using System.Threading.Channels;
using Microsoft.DurableTask;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>Runs activities, a limited number at a time, and turns how they end into messages.</summary>
internal sealed class ActivityPool(DurableEngineOptions options, EngineTasks tasks, DataConverter converter, Action<Instance, HistoryEvent> deliver) : IDisposable
{
    private readonly Channel<(Instance Instance, HistoryEvent Call)> _queue = Channel.CreateUnbounded<(Instance, HistoryEvent)>();
    private readonly CancellationTokenSource _noMore = new();
    private readonly CancellationTokenSource _cut = new();
    private Task _workers = Task.CompletedTask;

    public void Start() => _workers = Task.WhenAll(Enumerable.Range(0, options.MaxConcurrentActivities).Select(_ => Task.Run(WorkAsync)));

    public void Enqueue(Instance instance, HistoryEvent call) => _queue.Writer.TryWrite((instance, call));

    /// <summary>Starts no more; waits for those that run, first patiently, then after cancelling them.</summary>
    public async Task StopAsync()
    {
        await _noMore.CancelAsync();
        if (await Task.WhenAny(_workers, Task.Delay(options.StopPatience)) == _workers) { return; }
        await _cut.CancelAsync();
        await Task.WhenAny(_workers, Task.Delay(TimeSpan.FromSeconds(1)));
    }

    public void Dispose()
    {
        _noMore.Dispose();
        _cut.Dispose();
    }

    private async Task WorkAsync()
    {
        try
        {
            while (!_noMore.IsCancellationRequested)
            {
                var (instance, call) = await _queue.Reader.ReadAsync(_noMore.Token);
                if (!instance.Gone) { await RunAsync(instance, call); }
            }
        }
        catch (OperationCanceledException) when (_noMore.IsCancellationRequested)
        {
            // Stopping; what is queued is in history and runs at the next start.
        }
    }

    private async Task RunAsync(Instance instance, HistoryEvent call)
    {
        HistoryEvent answer;
        try
        {
            if (tasks.Activity(call.Name!) is not { } activity)
            {
                throw new MissingTaskException("ActivityTaskNotFound", $"The activity '{call.Name}' is not known to this app.");
            }

            var input = converter.Deserialize(call.Data, activity.InputType);
            var result = await activity.Run(new ActivityInvocation(instance.Row.Id, call.Name!, input, _cut.Token));
            answer = new HistoryEvent(EventKind.ActivityCompleted, call.Task, call.Name, converter.Serialize(result));
        }
        catch (Exception) when (_cut.IsCancellationRequested)
        {
            return;   // not the activity's failure: it runs again at the next start
        }
        catch (Exception exception)
        {
            answer = new HistoryEvent(EventKind.ActivityFailed, call.Task, call.Name, Failure: MissingTaskException.Details(exception));
        }

        deliver(instance, answer);
    }
}
