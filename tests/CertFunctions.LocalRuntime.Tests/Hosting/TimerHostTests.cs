using System.Threading.Channels;
using CertFunctions.LocalRuntime.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.LocalRuntime.Tests.Hosting;

public sealed class TimerHostTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = TestHost.NewFolder();
    private readonly ArmedClock _clock = new(Noon);
    private readonly Runs _runs = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Runs_at_each_occurrence_of_the_setting_named_by_the_schedule()
    {
        await using var host = await StartAsync(typeof(EveryMinute), "0 * * * * *");

        var first = await NextRunAsync();
        var second = await NextRunAsync();

        Assert.Equal((Noon.AddMinutes(1), false), (first.At, first.Info.IsPastDue));
        Assert.Equal(Noon.AddMinutes(2), second.At);
        Assert.Equal(Noon.AddMinutes(1).UtcDateTime, second.Info.ScheduleStatus!.Last);
        Assert.Equal(Noon.AddMinutes(2).UtcDateTime, second.Info.ScheduleStatus.Next);
    }

    [Fact]
    public async Task Missed_occurrences_make_one_run_that_is_past_due()
    {
        await using (await StartAsync(typeof(EveryMinute), "0 */5 * * * *")) { await NextRunAsync(); }

        _clock.SetUtcNow(Noon.AddHours(3).AddMinutes(1));
        await using var again = await StartAsync(typeof(EveryMinute), "0 */5 * * * *");

        var caughtUp = await _runs.Channel.Reader.ReadAsync(Cancel);
        var onTime = await NextRunAsync();
        Assert.Equal((Noon.AddHours(3).AddMinutes(1), true), (caughtUp.At, caughtUp.Info.IsPastDue));
        Assert.Equal((Noon.AddHours(3).AddMinutes(5), false), (onTime.At, onTime.Info.IsPastDue));
    }

    [Fact]
    public async Task A_new_timer_is_not_past_due_and_RunOnStartup_runs_at_once()
    {
        await using var host = await StartAsync(typeof(AtStart), "0 0 * * * *");

        var run = await _runs.Channel.Reader.ReadAsync(Cancel);

        Assert.Equal((Noon, false), (run.At, run.Info.IsPastDue));
    }

    [Fact]
    public async Task A_run_is_not_overlapped_and_what_it_slept_through_is_dropped()
    {
        _runs.Gate = new TaskCompletionSource();
        await using var host = await StartAsync(typeof(EveryMinute), "0 * * * * *");
        await NextRunAsync();

        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.False(_runs.Channel.Reader.TryRead(out _));
        _runs.Gate.SetResult();

        var next = await NextRunAsync();
        Assert.True(next.At >= Noon.AddMinutes(12), $"{next.At:T}");
        Assert.Equal(1, _runs.MostAtOnce);
    }

    [Fact]
    public async Task A_failed_run_does_not_stop_the_schedule()
    {
        _runs.Fails = true;
        await using var host = await StartAsync(typeof(EveryMinute), "00:30:00");

        await NextRunAsync();
        var second = await NextRunAsync();

        Assert.Equal(Noon.AddHours(1), second.At);
    }

    [Fact]
    public void A_missing_setting_stops_the_start_naming_function_and_setting()
    {
        var builder = TestHost.NewBuilder([typeof(EveryMinute)], _folder);
        builder.Services.AddSingleton(_runs);

        var refused = Assert.Throws<HostStartException>(() => builder.Build());

        Assert.Contains("Tick", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Schedule:Tick", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AzureWebJobs.Tick.Disabled")]
    [InlineData("AzureWebJobs_Tick_Disabled")]   // as the environment of Linux holds it
    public async Task A_disabled_timer_is_not_armed(string setting)
    {
        await using var host = await TestHost.StartAsync([typeof(AtStart)], b => b.Services.AddSingleton(_runs), [$"--{setting}", "true"], _folder, _clock);

        Assert.False(_clock.Armed.Reader.TryRead(out _));   // nor was its setting asked for, which is missing
    }

    [Theory]
    [InlineData("six fields", "30 0 * * * *", "2026-01-01T12:00:30Z")]
    [InlineData("five fields start at second 0", "*/15 * * * *", "2026-01-01T12:15:00Z")]
    [InlineData("a time span is an interval", "01:30:00", "2026-01-01T13:30:00Z")]
    [InlineData("a setting may be part of it", "0 %Minute% * * * *", "2026-01-01T12:17:00Z")]
    public void Schedule_when(string because, string text, string next)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Minute", "17")]).Build();

        var schedule = TimerSchedule.Parse("Tick", text, settings);

        Assert.True(DateTimeOffset.Parse(next, System.Globalization.CultureInfo.InvariantCulture).UtcDateTime == schedule.Next(Noon.UtcDateTime), because);
    }

    private Task<TestHost> StartAsync(Type functions, string schedule) => TestHost.StartAsync(
        [functions], b => b.Services.AddSingleton(_runs), ["--Schedule:Tick", schedule], _folder, _clock);

    /// <summary>Waits until the timer is armed, moves the clock there, and takes the run.</summary>
    private async Task<Run> NextRunAsync()
    {
        Run? run;
        while (!_runs.Channel.Reader.TryRead(out run))
        {
            if (_clock.Armed.Reader.TryRead(out var due) && due > _clock.GetUtcNow()) { _clock.SetUtcNow(due); }
            await Task.Delay(5, Cancel);
        }

        return run;
    }

    /// <summary>Tells which moments are waited for; short waits are the engine's, not a timer's.</summary>
    private sealed class ArmedClock(DateTimeOffset start) : FakeTimeProvider(start)
    {
        public Channel<DateTimeOffset> Armed { get; } = Channel.CreateUnbounded<DateTimeOffset>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime >= TimeSpan.FromSeconds(30)) { Armed.Writer.TryWrite(GetUtcNow() + dueTime); }
            return timer;
        }
    }

    public sealed record Run(DateTimeOffset At, TimerInfo Info);

    public sealed class Runs
    {
        private int _now;

        public Channel<Run> Channel { get; } = System.Threading.Channels.Channel.CreateUnbounded<Run>();

        public TaskCompletionSource? Gate { get; set; }

        public bool Fails { get; set; }

        public int MostAtOnce { get; private set; }

        public async Task EnterAsync(Run run)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _now));
            Channel.Writer.TryWrite(run);
            if (Gate is not null) { await Gate.Task; }
            Interlocked.Decrement(ref _now);
            if (Fails) { throw new InvalidOperationException("on purpose"); }
        }
    }

    public sealed class EveryMinute(Runs runs, TimeProvider clock)
    {
        [Function("Tick")]
        public Task Tick([TimerTrigger("%Schedule:Tick%")] TimerInfo timer) => runs.EnterAsync(new Run(clock.GetUtcNow(), timer));
    }

    public sealed class AtStart(Runs runs, TimeProvider clock)
    {
        [Function("Tick")]
        public Task Tick([TimerTrigger("%Schedule:Tick%", RunOnStartup = true)] TimerInfo timer) => runs.EnterAsync(new Run(clock.GetUtcNow(), timer));
    }
}
