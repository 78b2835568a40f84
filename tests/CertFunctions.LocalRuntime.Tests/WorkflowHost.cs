using CertFunctions.LocalRuntime.Engine;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using Microsoft.Extensions.Logging.Abstractions;

namespace CertFunctions.LocalRuntime.Tests;

/// <summary>Where DurableRules run. The one file to swap to run them on upstream's in-process host.</summary>
public sealed class WorkflowHost : IAsyncDisposable
{
    private readonly EngineTasks _tasks = new();
    private readonly DurableEngine _engine;

    private WorkflowHost(string database, TimeProvider? time) =>
        _engine = new DurableEngine(
            new DurableEngineOptions { DatabasePath = database, StopPatience = TimeSpan.FromMilliseconds(200) },
            _tasks, JsonDataConverter.Default, time ?? TimeProvider.System, NullLoggerFactory.Instance);

    public DurableTaskClient Client => _engine.Client;

    public static async Task<WorkflowHost> StartAsync(Action<WorkflowHost> register, string database = ":memory:", TimeProvider? time = null)
    {
        var host = new WorkflowHost(database, time);
        register(host);
        await host._engine.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public WorkflowHost Orchestrator(string name, Func<TaskOrchestrationContext, Task<object?>> run)
    {
        _tasks.AddOrchestrator(name, run);
        return this;
    }

    public WorkflowHost Activity<TInput>(string name, Func<TInput?, Task<object?>> run)
    {
        _tasks.AddActivity(name, typeof(TInput), invocation => run((TInput?)invocation.Input));
        return this;
    }

    /// <summary>Starts an instance and waits for its end.</summary>
    public async Task<OrchestrationMetadata> RunAsync(string name, object? input = null, string? id = null)
    {
        var options = id is null ? null : new StartOrchestrationOptions(InstanceId: id);
        return await EndAsync(await Client.ScheduleNewOrchestrationInstanceAsync(name, input, options, TestContext.Current.CancellationToken));
    }

    public async Task<OrchestrationMetadata> EndAsync(string id) =>
        await Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync() => await _engine.DisposeAsync();
}
