using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>Runs durable orchestrations on one SQLite file: replays them from their history, and outlives <c>kill -9</c>.</summary>
public sealed class DurableEngine : IAsyncDisposable
{
    public DurableEngine(DurableEngineOptions options, EngineTasks tasks, DataConverter converter, TimeProvider time, ILoggerFactory loggers)
    {
        _ = (options, tasks, converter, time, loggers);
        Client = null!;
    }

    public DurableTaskClient Client { get; }

    public Task StartAsync(CancellationToken cancellationToken) => throw new NotSupportedException("Comes with the next commit.");

    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => Client?.DisposeAsync() ?? ValueTask.CompletedTask;
}
