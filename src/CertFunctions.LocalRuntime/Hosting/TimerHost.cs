using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>Runs the timer-triggered functions, each in a loop of its own.</summary>
internal sealed class TimerHost : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<TimerLoop> _loops;
    private Task _running = Task.CompletedTask;

    private TimerHost(IReadOnlyList<TimerLoop> loops) => _loops = loops;

    public static TimerHost Create(
        IEnumerable<FunctionEntry> functions, IConfiguration settings, IServiceProvider services, FunctionInvoker invoker, DataDirectory data) =>
        new([.. functions
            .Where(f => f.Trigger is TimerTriggerAttribute)
            .Select(f => new TimerLoop(
                f,
                TimerSchedule.Parse(f.Name, ((TimerTriggerAttribute)f.Trigger).Schedule, settings),
                new TimerStatusFile(data, f.Name),
                services,
                invoker))]);

    public void Start() => _running = Task.WhenAll(_loops.Select(loop => Task.Run(() => loop.RunAsync(_stop.Token))));

    /// <summary>Asks running functions to stop and waits for them.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(cancellationToken).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public void Dispose() => _stop.Dispose();
}

/// <summary>
/// One timer, as the WebJobs timer extension runs it: the next occurrence is armed only after the function ended, so runs never
/// overlap; occurrences missed while the process was down make one run, marked past due.
/// </summary>
internal sealed class TimerLoop(
    FunctionEntry function, TimerSchedule schedule, TimerStatusFile file, IServiceProvider services, FunctionInvoker invoker)
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(12);

    private readonly TimerTriggerAttribute _trigger = (TimerTriggerAttribute)function.Trigger;
    private readonly TimeProvider _clock = services.GetRequiredService<TimeProvider>();
    private readonly ILogger _log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Function." + function.Name);

    private DateTime Now => _clock.GetUtcNow().UtcDateTime;

    public async Task RunAsync(CancellationToken stop)
    {
        var monitored = _trigger.UseMonitor && !schedule.IsFasterThanAMinute(Now);
        var (status, isPastDue) = Begin(monitored);
        try
        {
            if (isPastDue || _trigger.RunOnStartup) { status = await OccurAsync(status, isPastDue, monitored, stop); }

            while (true)
            {
                await SleepUntilAsync(status.Next, stop);
                status = await OccurAsync(status, isPastDue: false, monitored, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private (TimerStatus Status, bool IsPastDue) Begin(bool monitored)
    {
        var now = Now;
        if (monitored && file.Read() is { } stored)
        {
            if (stored.Schedule == schedule.Text) { return (stored, now > stored.Next); }

            var next = schedule.Next(stored.LastUpdated);
            return (stored with { Schedule = schedule.Text, Next = next < now ? schedule.Next(now) : next }, false);
        }

        var fresh = new TimerStatus(schedule.Text, Last: default, schedule.Next(now), now);
        if (monitored) { file.Write(fresh); }

        return (fresh, false);
    }

    private async Task SleepUntilAsync(DateTime moment, CancellationToken stop)
    {
        while (moment - Now is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < LongestSleep ? left : LongestSleep, _clock, stop);
        }
    }

    private async Task<TimerStatus> OccurAsync(TimerStatus status, bool isPastDue, bool monitored, CancellationToken stop)
    {
        var began = Now;
        await InvokeAsync(status, isPastDue, monitored, stop);

        var ended = Now;
        var after = new TimerStatus(schedule.Text, began, schedule.Next(ended), ended);
        if (monitored) { file.Write(after); }

        return after;
    }

    private async Task InvokeAsync(TimerStatus status, bool isPastDue, bool monitored, CancellationToken stop)
    {
        var info = new TimerInfo
        {
            IsPastDue = isPastDue,
            ScheduleStatus = monitored ? new ScheduleStatus { Last = status.Last, Next = status.Next, LastUpdated = status.LastUpdated } : null,
        };
        try
        {
            await using var scope = services.CreateAsyncScope();
            await invoker.InvokeAsync(new Invocation(function, scope.ServiceProvider, stop) { TriggerValue = info });
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            _log.LogError(failure, "Timer function {Function} failed; its schedule goes on", function.Name);
        }
    }
}
