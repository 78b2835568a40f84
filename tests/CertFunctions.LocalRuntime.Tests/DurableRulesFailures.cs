using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace CertFunctions.LocalRuntime.Tests;

/// <summary>How failures travel (functions-api-surface.md §7.7, §8).</summary>
public sealed class DurableRulesFailures
{
    public sealed class CustomException(string message, Exception? inner = null) : Exception(message, inner);

    [Fact]
    public async Task A_failed_activity_is_seen_as_TaskFailedException_with_its_whole_chain()
    {
        TaskFailedException? seen = null;
        await using var host = await WorkflowHost.StartAsync(h => h
            .Activity<string>("Fail", _ => throw new CustomException("boom", new ArgumentException("bad", new FormatException("worse"))))
            .Orchestrator("Catch", async context =>
            {
                try { await context.CallActivityAsync("Fail"); }
                catch (TaskFailedException exception) { seen = exception; }
                return "caught";
            }));

        var end = await host.RunAsync("Catch");

        Assert.Equal("caught", end.ReadOutputAs<string>());
        Assert.NotNull(seen);
        Assert.Equal("Task 'Fail' (#0) failed with an unhandled exception: boom", seen.Message);
        Assert.Equal(("Fail", 0), (seen.TaskName, seen.TaskId));
        Assert.Equal("DurableTask.Core.Exceptions.TaskFailedException", seen.InnerException?.GetType().FullName);
        Assert.Equal(typeof(CustomException).FullName, seen.FailureDetails.ErrorType);
        Assert.Equal("System.ArgumentException", seen.FailureDetails.InnerFailure?.ErrorType);
        Assert.Equal("System.FormatException", seen.FailureDetails.InnerFailure?.InnerFailure?.ErrorType);
        Assert.NotNull(seen.FailureDetails.StackTrace);
        Assert.True(seen.FailureDetails.IsCausedBy<CustomException>());
        Assert.False(seen.FailureDetails.IsCausedBy<ArgumentException>());
        Assert.True(seen.FailureDetails.IsCausedBy<Exception>());
    }

    [Fact]
    public async Task An_aggregate_keeps_only_its_first_inner_failure()
    {
        TaskFailureDetails? seen = null;
        await using var host = await WorkflowHost.StartAsync(h => h
            .Activity<string>("Fail", _ => throw new AggregateException(new FormatException("a"), new ArgumentException("b")))
            .Orchestrator("Catch", async context =>
            {
                try { await context.CallActivityAsync("Fail"); }
                catch (TaskFailedException exception) { seen = exception.FailureDetails; }
                return null;
            }));

        await host.RunAsync("Catch");

        Assert.Equal("System.AggregateException", seen?.ErrorType);
        Assert.Equal("System.FormatException", seen?.InnerFailure?.ErrorType);
        Assert.Null(seen?.InnerFailure?.InnerFailure);
    }

    [Fact]
    public async Task An_activity_failure_that_escapes_fails_the_orchestration_with_the_bare_message()
    {
        await using var host = await WorkflowHost.StartAsync(h => h
            .Activity<string>("Fail", _ => throw new CustomException("boom"))
            .Orchestrator("Escape", async context =>
            {
                await context.CallActivityAsync("Fail");
                return null;
            }));

        var end = await host.RunAsync("Escape");

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Equal("Microsoft.DurableTask.TaskFailedException", end.FailureDetails?.ErrorType);
        Assert.Equal(typeof(CustomException).FullName, end.FailureDetails?.InnerFailure?.ErrorType);
        Assert.Equal("Task 'Fail' (#0) failed with an unhandled exception: boom", end.SerializedOutput);
        Assert.Throws<System.Text.Json.JsonException>(() => end.ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_own_exception_fails_the_orchestration_with_its_type_and_inner()
    {
        await using var host = await WorkflowHost.StartAsync(h => h
            .Orchestrator("Own", _ => throw new CustomException("mine", new FormatException("inner"))));

        var end = await host.RunAsync("Own");

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Equal(typeof(CustomException).FullName, end.FailureDetails?.ErrorType);
        Assert.Equal("System.FormatException", end.FailureDetails?.InnerFailure?.ErrorType);
        Assert.Equal("mine", end.SerializedOutput);
    }

    [Fact]
    public async Task A_failed_child_shows_its_own_details_and_no_inner_exception()
    {
        TaskFailedException? seen = null;
        await using var host = await WorkflowHost.StartAsync(h => h
            .Orchestrator("Child", _ => throw new CustomException("child", new FormatException("inner")))
            .Orchestrator("Parent", async context =>
            {
                try { await context.CallSubOrchestratorAsync("Child"); }
                catch (TaskFailedException exception) { seen = exception; }
                return null;
            }));

        await host.RunAsync("Parent");

        Assert.NotNull(seen);
        Assert.Null(seen.InnerException);
        Assert.Equal(typeof(CustomException).FullName, seen.FailureDetails.ErrorType);
        Assert.Equal("System.FormatException", seen.FailureDetails.InnerFailure?.ErrorType);
    }

    [Fact]
    public async Task A_terminated_child_fails_the_call_without_details()
    {
        TaskFailedException? seen = null;
        await using var host = await WorkflowHost.StartAsync(h => h
            .Orchestrator("Child", async context => await context.WaitForExternalEvent<string>("never"))
            .Orchestrator("Parent", async context =>
            {
                try { await context.CallSubOrchestratorAsync("Child", new SubOrchestrationOptions(instanceId: "the-child")); }
                catch (TaskFailedException exception) { seen = exception; }
                return null;
            }));
        var parent = await host.Client.ScheduleNewOrchestrationInstanceAsync("Parent", TestContext.Current.CancellationToken);
        await host.Client.WaitForInstanceStartAsync("the-child", TestContext.Current.CancellationToken);

        await host.Client.TerminateInstanceAsync("the-child", TestContext.Current.CancellationToken);
        await host.EndAsync(parent);

        Assert.NotNull(seen);
        Assert.Null(seen.FailureDetails);
        Assert.Equal("Task 'Child' (#0) failed with an unhandled exception.", seen.Message);
    }

    [Fact]
    public async Task An_unknown_activity_fails_at_once_whatever_the_retry_policy()
    {
        TaskFailedException? seen = null;
        await using var host = await WorkflowHost.StartAsync(h => h.Orchestrator("Call", async context =>
        {
            try { await context.CallActivityAsync("Nobody", options: TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromHours(1)))); }
            catch (TaskFailedException exception) { seen = exception; }
            return null;
        }));

        await host.RunAsync("Call");

        Assert.Equal("ActivityTaskNotFound", seen?.FailureDetails.ErrorType);
    }

    [Fact]
    public async Task An_unknown_orchestrator_fails_the_instance()
    {
        await using var host = await WorkflowHost.StartAsync(_ => { });

        var end = await host.RunAsync("Nobody");

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Equal("OrchestratorTaskNotFound", end.FailureDetails?.ErrorType);
    }

    [Fact]
    public async Task Retries_count_attempts_and_delays_as_one_sequence()
    {
        var calls = 0;
        TaskFailedException? seen = null;
        var waited = TimeSpan.Zero;
        await using var host = await WorkflowHost.StartAsync(h => h
            .Activity<string>("Fail", _ =>
            {
                Interlocked.Increment(ref calls);
                throw new CustomException("boom");
            })
            .Orchestrator("Retry", async context =>
            {
                var start = context.CurrentUtcDateTime;
                try { await context.CallActivityAsync("Fail", options: new TaskOptions(new RetryPolicy(3, TimeSpan.FromMilliseconds(100), 2))); }
                catch (TaskFailedException exception) { seen = exception; }
                waited = context.CurrentUtcDateTime - start;
                return context.InstanceId;
            }));

        await host.RunAsync("Retry");

        Assert.Equal(3, calls);
        Assert.Equal(4, seen?.TaskId);   // 0, 2, 4 are attempts, 1 and 3 delays
        Assert.InRange(waited, TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_retry_succeeds_once_the_activity_does()
    {
        var calls = 0;
        await using var host = await WorkflowHost.StartAsync(h => h
            .Activity<string>("Flaky", _ => Interlocked.Increment(ref calls) < 3 ? throw new CustomException("not yet") : Task.FromResult<object?>("done"))
            .Orchestrator("Retry", async context =>
                await context.CallActivityAsync<string>("Flaky", options: new TaskOptions(new RetryPolicy(3, TimeSpan.FromMilliseconds(20), 2)))));

        var end = await host.RunAsync("Retry");

        Assert.Equal("done", end.ReadOutputAs<string>());
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task A_retry_stops_when_its_predicate_says_so()
    {
        var calls = 0;
        await using var host = await WorkflowHost.StartAsync(h => h
            .Activity<string>("Fail", _ =>
            {
                Interlocked.Increment(ref calls);
                throw new CustomException("boom");
            })
            .Orchestrator("Retry", async context =>
            {
                var policy = new RetryPolicy(3, TimeSpan.FromMilliseconds(20)) { HandleFailure = failure => !failure.IsCausedBy<CustomException>() };
                await context.CallActivityAsync("Fail", options: new TaskOptions(policy));
                return null;
            }));

        var end = await host.RunAsync("Retry");

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_retry_handler_decides_each_time()
    {
        var attempts = new List<int>();
        await using var host = await WorkflowHost.StartAsync(h => h
            .Activity<string>("Fail", _ => throw new CustomException("boom"))
            .Orchestrator("Retry", async context =>
            {
                var seen = new List<int>();
                try
                {
                    await context.CallActivityAsync("Fail", options: TaskOptions.FromRetryHandler(retry =>
                    {
                        seen.Add(retry.LastAttemptNumber);
                        return retry.LastAttemptNumber < 3;
                    }));
                }
                catch (TaskFailedException) { attempts = seen; }
                return null;
            }));

        await host.RunAsync("Retry");

        Assert.Equal([1, 2, 3], attempts);
    }
}
