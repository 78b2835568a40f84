using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace CertFunctions.LocalRuntime.Tests;

/// <summary>Episodes, timers, children, events, generations and the client (functions-api-surface.md §7.2–7.9, §8).</summary>
public sealed class DurableRulesEpisodes
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fans_out_and_in()
    {
        await using var host = await WorkflowHost.StartAsync(h => h
            .Activity<int>("Double", n => Task.FromResult<object?>(n * 2))
            .Orchestrator("Fan", async context =>
                (await Task.WhenAll(Enumerable.Range(0, 50).Select(n => context.CallActivityAsync<int>("double", n)))).Sum()));

        Assert.Equal(2450, (await host.RunAsync("FAN")).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_child_has_a_version_5_id_and_knows_its_parent()
    {
        await using var host = await WorkflowHost.StartAsync(h => h
            .Orchestrator("Child", context => Task.FromResult<object?>($"{context.InstanceId} {context.Parent!.Name} {context.Parent.InstanceId}"))
            .Orchestrator("Parent", async context => await context.CallSubOrchestratorAsync<string>("Child")));

        var end = await host.RunAsync("Parent", id: "the-parent");

        Assert.Matches("^[0-9a-f]{12}5[0-9a-f]{19} Parent the-parent$", end.ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_unawaited_activity_keeps_the_instance_running()
    {
        var gate = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await WorkflowHost.StartAsync(h => h
            .Activity<string>("Slow", _ => gate.Task)
            .Orchestrator("Return", context =>
            {
                _ = context.CallActivityAsync("Slow");
                return Task.FromResult<object?>("returned");
            }));
        var id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Return", Cancel);

        var before = await host.Client.WaitForInstanceStartAsync(id, Cancel);
        gate.SetResult(null);

        Assert.Equal(OrchestrationRuntimeStatus.Running, before.RuntimeStatus);
        Assert.Equal("returned", (await host.EndAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_cancelled_timer_throws_and_lets_the_instance_end()
    {
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Cancel", async context =>
        {
            using var stop = new CancellationTokenSource();
            var timer = context.CreateTimer(TimeSpan.FromHours(1), stop.Token);
            await context.CreateTimer(Soon, CancellationToken.None);
            stop.Cancel();
            try { await timer; }
            catch (TaskCanceledException) { return "cancelled"; }
            return "fired";
        }));

        Assert.Equal("cancelled", (await host.RunAsync("Cancel")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_wait_for_an_event_that_does_not_come_is_cancelled()
    {
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Wait", async context =>
        {
            try { return await context.WaitForExternalEvent<int>("E", Soon); }
            catch (TaskCanceledException) { return -1; }
        }));

        Assert.Equal(-1, (await host.RunAsync("Wait")).ReadOutputAs<int>());
    }

    [Fact]
    public async Task The_newest_waiter_is_served_first_and_names_ignore_case()
    {
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Wait", async context =>
        {
            var first = context.WaitForExternalEvent<int>("E", Cancel);
            var second = context.WaitForExternalEvent<int>("e", Cancel);
            await Task.WhenAll(first, second);
            return new[] { await first, await second };
        }));
        var id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", Cancel);
        await host.Client.WaitForInstanceStartAsync(id, Cancel);

        await host.Client.RaiseEventAsync(id, "E", 1, Cancel);
        await host.Client.RaiseEventAsync(id, "E", 2, Cancel);

        var end = await host.EndAsync(id);
        Assert.Equal([2, 1], end.ReadOutputAs<int[]>()!);
    }

    [Fact]
    public async Task A_payload_of_the_wrong_type_fails_the_orchestration_past_its_catch()
    {
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Wait", async context =>
        {
            try { return await context.WaitForExternalEvent<int>("E", CancellationToken.None); }
            catch (Exception) { return -1; }
        }));
        var id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", Cancel);
        await host.Client.WaitForInstanceStartAsync(id, Cancel);

        await host.Client.RaiseEventAsync(id, "E", "text", Cancel);

        Assert.Equal("System.Text.Json.JsonException", (await host.EndAsync(id)).FailureDetails?.ErrorType);
    }

    [Theory]
    [InlineData(true, "A B")]
    [InlineData(false, "")]
    public async Task ContinueAsNew_keeps_buffered_events_when_asked(bool preserve, string expected)
    {
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Renew", async context =>
        {
            if (context.GetInput<int>() == 0)
            {
                await context.WaitForExternalEvent<string>("go", CancellationToken.None);
                context.ContinueAsNew(1, preserve);
                return null;
            }

            var seen = new List<string>();
            try
            {
                seen.Add(await context.WaitForExternalEvent<string>("E", TimeSpan.FromMilliseconds(200)));
                seen.Add(await context.WaitForExternalEvent<string>("E", TimeSpan.FromMilliseconds(200)));
            }
            catch (TaskCanceledException) { }
            return string.Join(' ', seen);
        }));
        var id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Renew", input: 0, Cancel);

        await host.Client.RaiseEventAsync(id, "E", "A", Cancel);
        await host.Client.RaiseEventAsync(id, "E", "B", Cancel);
        await host.Client.RaiseEventAsync(id, "go", "now", Cancel);

        Assert.Equal(expected, (await host.EndAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_throw_after_ContinueAsNew_fails()
    {
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Renew", context =>
        {
            context.ContinueAsNew(1);
            throw new FormatException("after");
        }));

        Assert.Equal("System.FormatException", (await host.RunAsync("Renew")).FailureDetails?.ErrorType);
    }

    [Fact]
    public async Task A_changed_orchestrator_fails_and_says_where()
    {
        var episodes = 0;
        await using var host = await WorkflowHost.StartAsync(h => h
            .Activity<string>("Noop", _ => Task.FromResult<object?>(null))
            .Orchestrator("Change", async context =>
            {
                var episode = ++episodes;
                await context.CallActivityAsync("Noop");
                if (episode < 3) { await context.CallActivityAsync("Noop"); }
                else { await context.CreateTimer(Soon, CancellationToken.None); }
                return null;
            }));

        var end = await host.RunAsync("Change");

        Assert.Equal("DurableTask.Core.Exceptions.NonDeterministicOrchestrationException", end.FailureDetails?.ErrorType);
        Assert.Equal(
            "Non-Deterministic workflow detected: A previous execution of this orchestration scheduled an activity task with sequence number 1 named 'Noop', " +
            "but the current orchestration replay instead produced a CreateTimerOrchestratorAction action with this sequence number. " +
            "Was a change made to the orchestrator code after this instance had already started running?",
            end.FailureDetails?.ErrorMessage);
    }

    [Fact]
    public async Task Awaiting_a_task_that_is_not_durable_fails_and_says_where()
    {
        var never = new TaskCompletionSource();
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Foreign", async _ =>
        {
            await never.Task;
            return null;
        }));

        var end = await host.RunAsync("Foreign");

        Assert.Contains("invalid asynchronous invocation", end.FailureDetails?.ErrorMessage);
        Assert.Contains("'Foreign'", end.FailureDetails?.ErrorMessage);
    }

    [Fact]
    public async Task Options_passed_as_input_are_refused()
    {
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Mistake", async context =>
        {
            try { await context.CallActivityAsync("Noop", input: new TaskOptions()); }
            catch (ArgumentException exception) { return exception.ParamName; }
            return null;
        }));

        Assert.Equal("input", (await host.RunAsync("Mistake")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Suspended_instances_keep_their_events_in_order_and_terminate_carries_its_output()
    {
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Two", async context =>
            await context.WaitForExternalEvent<string>("E", CancellationToken.None) + await context.WaitForExternalEvent<string>("E", CancellationToken.None)));
        var id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Two", Cancel);
        var doomed = await host.Client.ScheduleNewOrchestrationInstanceAsync("Two", Cancel);
        await host.Client.WaitForInstanceStartAsync(id, Cancel);

        await host.Client.SuspendInstanceAsync(id, Cancel);
        await host.Client.RaiseEventAsync(id, "E", "1", Cancel);
        await host.Client.RaiseEventAsync(id, "E", "2", Cancel);
        await host.Client.ResumeInstanceAsync(id, Cancel);
        await host.Client.TerminateInstanceAsync(doomed, (object?)"why", Cancel);

        Assert.Equal("12", (await host.EndAsync(id)).ReadOutputAs<string>());
        var terminated = await host.EndAsync(doomed);
        Assert.Equal((OrchestrationRuntimeStatus.Terminated, "\"why\""), (terminated.RuntimeStatus, terminated.SerializedOutput));
    }

    [Fact]
    public async Task A_second_start_is_blocked_by_the_statuses_named_and_replaces_otherwise()
    {
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Wait", async context =>
            await context.WaitForExternalEvent<string>(context.GetInput<string>()!, CancellationToken.None)));
        var options = new StartOrchestrationOptions(InstanceId: "dup-1");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", "one", options, Cancel);
        await host.Client.WaitForInstanceStartAsync("dup-1", Cancel);

        var blocked = await Assert.ThrowsAsync<DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException>(() =>
            host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", "two", options.WithDedupeStatuses(OrchestrationRuntimeStatus.Running), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", "two", options with { DedupeStatuses = ["bogus"] }, Cancel));
        await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", "three", options, Cancel);
        await host.Client.RaiseEventAsync("dup-1", "three", "replaced", Cancel);

        Assert.Equal("An orchestration with id 'dup-1' already exists. It's in the Running state.", blocked.Message);
        Assert.Equal("replaced", (await host.EndAsync("dup-1")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Queries_page_to_a_null_token_and_purging_forgets()
    {
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Done", _ => Task.FromResult<object?>(1)));
        for (var i = 0; i < 36; i++) { await host.RunAsync("Done", id: $"done-{i}"); }

        var pages = await host.Client.GetAllInstancesAsync(new OrchestrationQuery(PageSize: 5, InstanceIdPrefix: "done-")).AsPages().ToListAsync(Cancel);
        var purged = await host.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter(Statuses: [OrchestrationRuntimeStatus.Completed]), Cancel);

        Assert.Equal((8, 36), (pages.Count, pages.Sum(page => page.Values.Count)));
        Assert.Null(pages[^1].ContinuationToken);
        Assert.Equal(36, purged.PurgedInstanceCount);
        Assert.Null(await host.Client.GetInstanceAsync("done-0", Cancel));
        Assert.Equal(0, (await host.Client.PurgeInstanceAsync("done-0", Cancel)).PurgedInstanceCount);
    }

    [Fact]
    public async Task A_restart_goes_on_where_it_was_and_keeps_recorded_results()
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            var database = Path.Combine(directory.FullName, "durable.db");
            var first = 0;
            void Register(WorkflowHost h) => h
                .Activity<string>("First", _ => Task.FromResult<object?>(Interlocked.Increment(ref first)))
                .Orchestrator("Long", async context =>
                {
                    var result = await context.CallActivityAsync<int>("First");
                    context.SetCustomStatus("waiting");
                    return result + await context.WaitForExternalEvent<int>("E", CancellationToken.None);
                });
            var host = await WorkflowHost.StartAsync(Register, database);
            var id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Long", Cancel);
            while ((await host.Client.GetInstanceAsync(id, getInputsAndOutputs: true, Cancel))?.SerializedCustomStatus is null) { await Task.Delay(5, Cancel); }
            await Assert.ThrowsAsync<InvalidOperationException>(() => WorkflowHost.StartAsync(Register, database));   // one engine a file
            await host.Client.RaiseEventAsync(id, "E", 41, Cancel);
            await host.DisposeAsync();

            await using var again = await WorkflowHost.StartAsync(Register, database);

            Assert.Equal(42, (await again.EndAsync(id)).ReadOutputAs<int>());
            Assert.Equal(1, first);
        }
        finally { directory.Delete(recursive: true); }
    }

    [Fact]
    public async Task Two_thousand_orchestrations_of_three_activities_all_end_on_a_file()
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            var calls = 0;
            await using (var host = await WorkflowHost.StartAsync(
                h => h
                    .Activity<string>("Noop", _ => Task.FromResult<object?>(Interlocked.Increment(ref calls)))
                    .Orchestrator("Three", async context =>
                    {
                        for (var i = 0; i < 3; i++) { await context.CallActivityAsync("Noop", "x"); }
                        return null;
                    }),
                Path.Combine(directory.FullName, "durable.db")))
            {
                var watch = System.Diagnostics.Stopwatch.StartNew();
                var ends = await Task.WhenAll(Enumerable.Range(0, 2000).Select(_ => host.RunAsync("Three")));
                TestContext.Current.TestOutputHelper?.WriteLine($"{2000 / watch.Elapsed.TotalSeconds:F0} orchestrations/s");

                Assert.All(ends, end => Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus));
            }

            Assert.Equal(6000, calls);
        }
        finally { directory.Delete(recursive: true); }
    }
}
