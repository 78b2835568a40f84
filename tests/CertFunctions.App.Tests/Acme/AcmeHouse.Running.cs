using System.Text;
using System.Text.Json;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.DurableTask.Client;

namespace CertFunctions.App.Tests.Acme;

/// <summary>How time goes by in the house.</summary>
internal sealed partial class AcmeHouse
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, DateTimeOffset> _lastRun = [];

    /// <summary>Lets time go by, from one thing to do to the next, until something holds; fails with all there is to know when it does not within that time of the clock.</summary>
    public async Task RunUntilAsync(Func<Task<bool>> holds, TimeSpan within)
    {
        var deadline = Now + within;
        await SettleAsync(TimeSpan.Zero);
        while (!await holds())
        {
            if (Now >= deadline) { Assert.Fail($"Not within {within} of the clock.\n{await DescribeAsync()}"); }
            await StepAsync(deadline);
        }
    }

    public Task RunUntilReadyAsync(string name, TimeSpan within) => RunUntilAsync(() => IsReadyAsync(name), within);

    /// <summary>Lets so much time go by.</summary>
    public async Task RunForAsync(TimeSpan time)
    {
        var deadline = Now + time;
        await SettleAsync(TimeSpan.Zero);
        while (Now < deadline) { await StepAsync(deadline); }
    }

    /// <summary>One jump, at most to the deadline, and what follows from it.</summary>
    private async Task StepAsync(DateTimeOffset deadline)
    {
        var tick = await NextTickAsync();
        DateTimeOffset?[] nexts = [Time.Next, tick, .. Timers.Select(timer => (DateTimeOffset?)(_lastRun.GetValueOrDefault(timer.Key, Start) + timer.Value)), deadline];
        var next = nexts.Where(each => each is not null).Min()!.Value;
        if (next < Now) { next = Now; }

        await SettleAsync(next - Now);
        if (Time.Next is { } sooner && sooner < next) { next = sooner; }
        Time.AdvanceTo(next);
        if (tick is { } due && due <= Now) { await Next.Engine.TimerAsync(nameof(ScheduleFunctions.StartDue), Cancel); }
        foreach (var (name, period) in Timers)
        {
            if (Now < _lastRun.GetValueOrDefault(name, Start) + period) { continue; }
            _lastRun[name] = Now;
            await RunTimerAsync(name);
        }

        await SettleAsync(TimeSpan.Zero);
    }

    /// <summary>Runs a timer's function now; the clock goes on while it waits.</summary>
    public async Task RunTimerAsync(string name)
    {
        var run = Next.Engine.TimerAsync(name, Cancel);
        while (!run.IsCompleted)
        {
            await SettleAsync(TimeSpan.Zero);
            if (!run.IsCompleted && Time.Next is { } next) { Time.AdvanceTo(next); }
        }

        await run;
    }

    /// <summary>The whole minute at which <c>StartDue</c> has something to do: the first entry's, or the next when one is due and was left.</summary>
    private async Task<DateTimeOffset?> NextTickAsync()
    {
        var page = await Objects.ListAsync(DueEntry.Prefix, from: null, continuation: null, pageSize: 1, Cancel);
        if (page.Entries.Count == 0 || DueEntry.TryParse(page.Entries[0].Name) is not { } first) { return null; }

        var at = first.At > Now ? first.At : Now + TimeSpan.FromTicks(1);
        return new DateTimeOffset((at.Ticks + Minute.Ticks - 1) / Minute.Ticks * Minute.Ticks, TimeSpan.Zero);
    }

    /// <summary>Waits, in real time, until nobody does anything but wait for the clock. Before a long jump it looks longer.</summary>
    private async Task SettleAsync(TimeSpan jump)
    {
        var (quiet, needed, began) = (0, jump > TimeSpan.FromMinutes(10) ? 8 : 4, System.Diagnostics.Stopwatch.StartNew());
        var last = (-1, -1, -1);
        while (quiet < needed)
        {
            await Task.Delay(1, Cancel);
            var mark = (_processes.Sum(each => each.Engine.Steps), Ca.Log.Total, Time.Changes);
            var isBusy = _traffic.UnderWay > 0 || Ca.Log.UnderWay > 0 || Busy.Any();
            quiet = !isBusy && mark == last ? quiet + 1 : 0;
            last = mark;
            if (quiet == needed && Time.Next is null && await IsUnderWayAsync()) { quiet = 0; }
            if (began.Elapsed > Patience) { Assert.Fail($"Busy without an end: {string.Join(", ", Busy)}\n{await DescribeAsync()}"); }
        }
    }

    /// <summary>An orchestration goes on although nobody waits for the clock: it is between two steps.</summary>
    private async Task<bool> IsUnderWayAsync()
    {
        foreach (var (_, engine) in _processes)
        {
            await foreach (var instance in engine.Client.GetAllInstancesAsync(new OrchestrationQuery { Statuses = [OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Pending] })) { return true; }
        }

        return false;
    }

    private IEnumerable<string> Busy => _processes.SelectMany(each => each.Engine.Busy);

    private async Task<string> DescribeAsync()
    {
        var text = new StringBuilder().Append("Now ").AppendLine(Now.ToString("u", System.Globalization.CultureInfo.InvariantCulture));
        foreach (var name in (await NamesAsync("resources/")).Concat(await NamesAsync("due/"))) { text.AppendLine(name); }
        foreach (var name in (await NamesAsync("resources/")).Where(each => !each.Contains("/clusterissuers/", StringComparison.Ordinal)))
        {
            if (await Objects.FindAsync(name, Cancel) is { } found) { text.Append(name).Append(": ").AppendLine(JsonDocument.Parse(found.Content).RootElement.TryGetProperty("status", out var status) ? status.ToString() : "-"); }
        }

        foreach (var (_, engine) in _processes)
        {
            await foreach (var instance in engine.Client.GetAllInstancesAsync(new OrchestrationQuery { FetchInputsAndOutputs = true }))
            {
                if (!instance.IsCompleted || instance.FailureDetails is not null) { text.Append(instance.InstanceId).Append(' ').Append(instance.RuntimeStatus).Append(' ').AppendLine(instance.FailureDetails?.ToString()); }
            }
        }

        foreach (var call in Ca.Log.Calls.TakeLast(40)) { text.AppendLine(call.ToString()); }
        foreach (var line in Logs.Lines.TakeLast(25)) { text.AppendLine(line); }
        return text.ToString();
    }
}
