using System.Reflection;
using CertFunctions.App.Api;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CertFunctions.App.Tests.Schedule;

/// <summary>Runs the app's orchestrators without an engine: activities at once, some of them twice. For models; it replays nothing.</summary>
/// <param name="repeats">Asked before each activity: does it run twice, its first answer lost?</param>
public sealed class DirectContext(IServiceProvider services, Func<Guid> ids, Func<bool> repeats) : TaskOrchestrationContext
{
    private static readonly Dictionary<string, MethodInfo> Functions = typeof(ResourceKind).Assembly.GetTypes().SelectMany(type => type.GetMethods())
        .Where(method => method.GetCustomAttribute<FunctionAttribute>() is not null)
        .ToDictionary(method => method.GetCustomAttribute<FunctionAttribute>()!.Name);

    /// <summary>Set by <c>ContinueAsNew</c>.</summary>
    public bool StartsOver { get; set; }

    public override TaskName Name => new("model");

    public override string InstanceId => "model";

    public override ParentOrchestrationInstance? Parent => null;

    public override DateTime CurrentUtcDateTime => services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime;

    public override bool IsReplaying => false;

    protected override ILoggerFactory LoggerFactory => NullLoggerFactory.Instance;

    public override T? GetInput<T>()
        where T : default => throw new NotSupportedException();

    public override async Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        if (repeats()) { await RunAsync(name.Name, input); }

        return (TResult)(await RunAsync(name.Name, input))!;
    }

    public override async Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null)
    {
        var task = (Task)Functions[orchestratorName.Name].Invoke(obj: null, BindingFlags.DoNotWrapExceptions, binder: null, [this, input], culture: null)!;
        await task;
        return (TResult)task.GetType().GetProperty("Result")!.GetValue(task)!;
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) => StartsOver = true;

    public override Guid NewGuid() => ids();

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override void SendEvent(string instanceId, string eventName, object payload) => throw new NotSupportedException();

    public override void SetCustomStatus(object? customStatus) => throw new NotSupportedException();

    private async Task<object?> RunAsync(string name, object? input)
    {
        var method = Functions[name];
        var instance = ActivatorUtilities.CreateInstance(services, method.DeclaringType!);
        var arguments = method.GetParameters().Select(parameter => parameter.GetCustomAttribute<ActivityTriggerAttribute>() is not null ? input
            : parameter.ParameterType == typeof(CancellationToken) ? CancellationToken.None : services.GetService(parameter.ParameterType)).ToArray();
        var task = (Task)method.Invoke(instance, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null)!;
        await task;
        return task.GetType().GetProperty("Result") is { PropertyType.Name: not "VoidTaskResult" } result ? result.GetValue(task) : null;
    }
}
