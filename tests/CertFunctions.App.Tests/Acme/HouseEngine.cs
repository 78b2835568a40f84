using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using CertFunctions.App.Api;
using CertFunctions.LocalRuntime.Engine;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Tests.Acme;

/// <summary>The app's orchestrators and activities on the durable engine, history and all, without a host.</summary>
internal sealed class HouseEngine : IAsyncDisposable
{
    private static readonly Dictionary<string, MethodInfo> Functions = typeof(ResourceKind).Assembly.GetTypes().Where(type => type.IsVisible)
        .SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FunctionAttribute>() is not null)
        .ToDictionary(method => method.GetCustomAttribute<FunctionAttribute>()!.Name);

    private readonly IServiceProvider _services;
    private readonly VirtualTime _time;
    private readonly DurableEngine _engine;
    private readonly ConcurrentDictionary<VirtualTime.Waiter, string> _running = new();
    private int _steps;

    public HouseEngine(IServiceProvider services, VirtualTime time)
    {
        (_services, _time) = (services, time);
        var tasks = new EngineTasks();
        foreach (var (name, method) in Functions)
        {
            var first = method.GetParameters()[0];
            if (first.GetCustomAttribute<OrchestrationTriggerAttribute>() is not null) { tasks.AddOrchestrator(name, context => OrchestrateAsync(method, context)); }
            if (first.GetCustomAttribute<ActivityTriggerAttribute>() is not null) { tasks.AddActivity(name, first.ParameterType, call => ActAsync(name, method, call)); }
        }

        var options = new DurableEngineOptions { StopPatience = TimeSpan.FromMilliseconds(100) };
        _engine = new DurableEngine(options, tasks, new Converter(services.GetRequiredService<IOptions<JsonSerializerOptions>>().Value), time, NullLoggerFactory.Instance);
    }

    public DurableTaskClient Client => _engine.Client;

    /// <summary>Episodes and activities begun and ended so far.</summary>
    public int Steps => Volatile.Read(ref _steps);

    /// <summary>Activities that do something else than wait for the clock.</summary>
    public IEnumerable<string> Busy => _running.Where(each => !each.Key.Waits).Select(each => each.Value);

    /// <summary>Called before an activity runs and after it, with its name: a test throws, as a process does that dies.</summary>
    public Action<string, bool>? AroundActivity { get; set; }

    public Task StartAsync(CancellationToken cancellationToken) => _engine.StartAsync(cancellationToken);

    /// <summary>Runs a function that a timer would.</summary>
    public async Task TimerAsync(string name, CancellationToken cancellationToken)
    {
        var waiter = _time.Enter();
        _running[waiter] = name;
        try { await CallAsync(Functions[name], new TimerInfo(), cancellationToken); }
        finally { _running.TryRemove(waiter, out _); }
    }

    public async ValueTask DisposeAsync() => await _engine.DisposeAsync();

    private Task<object?> OrchestrateAsync(MethodInfo method, TaskOrchestrationContext context)
    {
        Interlocked.Increment(ref _steps);
        var arguments = method.GetParameters().Select(parameter => parameter.ParameterType == typeof(TaskOrchestrationContext)
            ? context
            : typeof(TaskOrchestrationContext).GetMethod(nameof(TaskOrchestrationContext.GetInput))!.MakeGenericMethod(parameter.ParameterType).Invoke(context, null)).ToArray();
        return ResultAsync((Task)method.Invoke(obj: null, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null)!);
    }

    private async Task<object?> ActAsync(string name, MethodInfo method, ActivityInvocation call)
    {
        var waiter = _time.Enter();
        _running[waiter] = name;
        Interlocked.Increment(ref _steps);
        try
        {
            AroundActivity?.Invoke(name, false);
            var result = await CallAsync(method, call.Input, call.CancellationToken);
            AroundActivity?.Invoke(name, true);
            return result;
        }
        finally
        {
            _running.TryRemove(waiter, out _);
            Interlocked.Increment(ref _steps);
        }
    }

    private Task<object?> CallAsync(MethodInfo method, object? input, CancellationToken cancellationToken)
    {
        var instance = method.IsStatic ? null : ActivatorUtilities.CreateInstance(_services, method.DeclaringType!);
        var arguments = method.GetParameters().Select((parameter, index) => index == 0 ? input
            : parameter.ParameterType == typeof(CancellationToken) ? cancellationToken
            : parameter.ParameterType == typeof(DurableTaskClient) ? Client
            : _services.GetService(parameter.ParameterType)).ToArray();
        return ResultAsync((Task)method.Invoke(instance, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null)!);
    }

    private static async Task<object?> ResultAsync(Task task)
    {
        await task;
        return task.GetType().GetProperty("Result") is { PropertyType.Name: not "VoidTaskResult" } result ? result.GetValue(task) : null;
    }

    /// <summary>The worker's (functions-api-surface §7.1).</summary>
    private sealed class Converter(JsonSerializerOptions options) : DataConverter
    {
        private readonly JsonSerializerOptions _options = new(options) { PropertyNameCaseInsensitive = true };

        public override string? Serialize(object? value) => value is null ? null : JsonSerializer.Serialize(value, value.GetType(), _options);

        public override object? Deserialize(string? data, Type targetType) => data is null ? null : JsonSerializer.Deserialize(data, targetType, _options);
    }
}
