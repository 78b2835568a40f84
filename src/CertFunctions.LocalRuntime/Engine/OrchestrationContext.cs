using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>What an orchestrator sees: turns its calls into decisions of the running episode.</summary>
internal sealed class OrchestrationContext(OrchestrationRun run, ILoggerFactory loggers) : TaskOrchestrationContext
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(3);
    private static readonly byte[] GuidNamespace = new Guid("9e952958-5e33-4daf-827f-2fa12937b875").ToByteArray(bigEndian: true);

    private int _guids;

    public override TaskName Name => run.Row.Name;

    public override string InstanceId => run.Row.Id;

    public override ParentOrchestrationInstance? Parent =>
        run.Row.Parent is { } parent ? new ParentOrchestrationInstance(parent.Name, parent.Id) : null;

    public override DateTime CurrentUtcDateTime => run.Now;

    public override bool IsReplaying => run.IsReplaying;

    protected override ILoggerFactory LoggerFactory => loggers;

    public override T? GetInput<T>()
        where T : default => run.Converter.Deserialize<T>(run.Row.Input);

    public override async Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        RefuseOptionsAsInput(input, options);
        var result = await WithRetry(options, () => run.Decide(EventKind.ActivityScheduled, name, () => run.Converter.Serialize(input)).Answer.Task);
        return run.Converter.Deserialize<TResult>(result)!;
    }

    public override async Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null)
    {
        RefuseOptionsAsInput(input, options);
        run.RequireEpisodeThread();
        var id = (options as SubOrchestrationOptions)?.InstanceId ?? NewGuid().ToString("N");
        var result = await WithRetry(
            options, () => run.Decide(EventKind.ChildCreated, orchestratorName, () => run.Converter.Serialize(input), id).Answer.Task);
        return run.Converter.Deserialize<TResult>(result)!;
    }

    public override async Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        var due = fireAt.ToUniversalTime();
        while (due - CurrentUtcDateTime > LongestTimer)
        {
            await Timer(CurrentUtcDateTime + LongestTimer, cancellationToken);
        }

        await Timer(due, cancellationToken);
    }

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        run.RequireEpisodeThread();
        return run.Events.Wait<T>(eventName, cancellationToken);
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        if (instanceId[0] == '@') { throw new ArgumentException("Entities take signals, not events.", nameof(instanceId)); }
        run.Decide(EventKind.EventSent, eventName, () => run.Converter.Serialize(payload), instanceId);
    }

    public override void SetCustomStatus(object? customStatus)
    {
        run.RequireEpisodeThread();
        run.CustomStatus = run.Converter.Serialize(customStatus);
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        run.RequireEpisodeThread();
        run.NextGeneration = (run.Converter.Serialize(newInput), preserveUnprocessedEvents);
    }

    /// <summary>Name-based version 5 (RFC 9562 §5.5), so that it replays.</summary>
    public override Guid NewGuid()
    {
        run.RequireEpisodeThread();
        var name = string.Create(CultureInfo.InvariantCulture, $"{InstanceId}_{CurrentUtcDateTime:o}_{_guids++}");
#pragma warning disable CA5350 // SHA-1 is what version 5 is made of; nothing secret rests on it
        var hash = SHA1.HashData([.. GuidNamespace, .. Encoding.UTF8.GetBytes(name)]).AsSpan(0, 16);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }

    private static void RefuseOptionsAsInput(object? input, TaskOptions? options)
    {
        if (input is TaskOptions && options is null)
        {
            throw new ArgumentException("Options were passed as input; name the argument: options.", nameof(input));
        }
    }

    private Task<string?> Timer(DateTime due, CancellationToken cancellationToken)
    {
        var timer = run.Decide(EventKind.TimerCreated, null, () => due.Ticks.ToString(CultureInfo.InvariantCulture));
        cancellationToken.Register(() => run.Abandon(timer, cancellationToken));
        return timer.Answer.Task;
    }

    private Task<string?> WithRetry(TaskOptions? options, Func<Task<string?>> attempt) => options?.Retry switch
    {
        { Policy: { } policy } => Retry(policy, attempt),
        { Handler: { } handler } => Retry(handler, attempt),
        _ => attempt(),
    };

    private async Task<string?> Retry(RetryPolicy policy, Func<Task<string?>> attempt)
    {
        var first = CurrentUtcDateTime;
        for (var tried = 1; ; tried++)
        {
            TaskFailedException failure;
            try { return await attempt(); }
            catch (TaskFailedException exception) { failure = exception; }

            if (MissingTaskException.IsMissing(failure.FailureDetails) || !Wanted(policy, failure.FailureDetails) || IsOver(policy, first)) { Rethrow(failure); }
            if (tried == policy.MaxNumberOfAttempts)
            {
                await Timer(CurrentUtcDateTime, CancellationToken.None);   // upstream schedules it, so sequence numbers agree
                Rethrow(failure);
            }

            await Timer(CurrentUtcDateTime + Delay(policy, tried - 1), CancellationToken.None);
        }
    }

    private async Task<string?> Retry(AsyncRetryHandler handler, Func<Task<string?>> attempt)
    {
        var first = CurrentUtcDateTime;
        for (var tried = 1; ; tried++)
        {
            try { return await attempt(); }
            catch (TaskFailedException failure) when (!MissingTaskException.IsMissing(failure.FailureDetails))
            {
                var again = await handler(new RetryContext(this, tried, failure.FailureDetails, CurrentUtcDateTime - first, CancellationToken.None));
                if (!again) { throw; }
            }
        }
    }

    private bool IsOver(RetryPolicy policy, DateTime first) =>
        policy.RetryTimeout != System.Threading.Timeout.InfiniteTimeSpan && CurrentUtcDateTime >= first + policy.RetryTimeout;

    private static bool Wanted(RetryPolicy policy, TaskFailureDetails failure)
    {
        try { return policy.ShouldRetry(failure); }
        catch (Exception) { return false; }   // as upstream: a predicate that throws means stop
    }

    private static TimeSpan Delay(RetryPolicy policy, int failures)
    {
        var delay = policy.FirstRetryInterval.TotalMilliseconds * Math.Pow(policy.BackoffCoefficient, failures);
        var longest = policy.MaxRetryInterval == System.Threading.Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(3650) : policy.MaxRetryInterval;
        return delay < longest.TotalMilliseconds ? TimeSpan.FromMilliseconds(delay) : longest;
    }

    private static void Rethrow(Exception exception) => System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception);
}
