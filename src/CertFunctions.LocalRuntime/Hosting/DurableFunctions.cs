using System.Reflection;
using System.Text.Json;
using CertFunctions.LocalRuntime.Engine;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>Hands the app's orchestrators and activities to the durable engine, and its client to whoever asks for one.</summary>
internal sealed class DurableFunctions : IParameterSource, IAsyncDisposable
{
    private readonly IServiceProvider _services;
    private readonly FunctionInvoker _invoker;
    private readonly DurableEngine _engine;

    public DurableFunctions(IReadOnlyList<FunctionEntry> functions, IServiceProvider services, FunctionInvoker invoker, DataDirectory data)
    {
        (_services, _invoker) = (services, invoker);
        var tasks = new EngineTasks();
        foreach (var function in functions)
        {
            if (function.Trigger is OrchestrationTriggerAttribute) { tasks.AddOrchestrator(function.Name, context => OrchestrateAsync(function, context)); }
            if (function.Trigger is ActivityTriggerAttribute) { tasks.AddActivity(function.Name, function.TriggerParameter.ParameterType, call => ActAsync(function, call)); }
        }

        _engine = new DurableEngine(
            new DurableEngineOptions { DatabasePath = data.OwnPathOf("engine.db") },
            tasks,
            new WorkerConverter(services.GetRequiredService<IOptions<JsonSerializerOptions>>().Value),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>());
    }

    public Task StartAsync(CancellationToken cancellationToken) => _engine.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _engine.StopAsync(cancellationToken);

    public bool TryBind(ParameterInfo parameter, Invocation invocation, out object? value)
    {
        value = parameter.ParameterType == typeof(DurableTaskClient) ? _engine.Client : null;
        return value is not null;
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    /// <summary>One episode: the function runs inline on the engine's thread, so nothing real may be awaited around it.</summary>
    private static Task<object?> OrchestrateAsync(FunctionEntry function, TaskOrchestrationContext context)
    {
        var arguments = function.Parameters.Select(parameter => Bind(parameter, context)).ToArray();
        return ResultAsync(function.Method.Invoke(obj: null, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null));
    }

    private static object? Bind(ParameterInfo parameter, TaskOrchestrationContext context) =>
        parameter.ParameterType == typeof(TaskOrchestrationContext)
            ? context
            : typeof(TaskOrchestrationContext).GetMethod(nameof(TaskOrchestrationContext.GetInput))!.MakeGenericMethod(parameter.ParameterType).Invoke(context, null);

    private static async Task<object?> ResultAsync(object? returned)
    {
        if (returned is not Task task) { return returned; }

        await task;
        var result = task.GetType().GetProperty("Result");
        return result is null || result.PropertyType.Name == "VoidTaskResult" ? null : result.GetValue(task);
    }

    private async Task<object?> ActAsync(FunctionEntry function, ActivityInvocation call)
    {
        await using var scope = _services.CreateAsyncScope();
        var values = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["instanceId"] = call.InstanceId };
        return await _invoker.InvokeAsync(new Invocation(function, scope.ServiceProvider, call.CancellationToken) { TriggerValue = call.Input, Values = values });
    }

    /// <summary>The worker's converter: the app's JSON options, which ignore case when reading (functions-api-surface §7.1).</summary>
    private sealed class WorkerConverter(JsonSerializerOptions options) : DataConverter
    {
        private readonly JsonSerializerOptions _options = new(options) { PropertyNameCaseInsensitive = true };

        public override string? Serialize(object? value) => value is null ? null : JsonSerializer.Serialize(value, value.GetType(), _options);

        public override object? Deserialize(string? data, Type targetType) => data is null ? null : JsonSerializer.Deserialize(data, targetType, _options);
    }
}
