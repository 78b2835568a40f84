using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Schedule;

public sealed class StartDueTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Touches_ten_due_Certificates_of_100_000_and_reads_no_resource()
    {
        var objects = new InMemoryObjectStore();
        for (var number = 0; number < 100_000; number++)
        {
            await StoreAsync(objects, number, due: number < 10 ? Now.AddSeconds(-number) : Now.AddMinutes(1 + (number % 90_000)));
        }

        var counted = new CountingStore(objects);
        var starts = new Starts();
        await Timer(counted).StartDue(new TimerInfo(), starts, Cancel);

        Assert.Equal(Enumerable.Range(0, 10).Select(number => $"certificate:uid-{number}"), starts.Instances.Order(StringComparer.Ordinal));
        Assert.Equal(["ListAsync due/"], counted.Calls);   // one page: the first entry of the future ends the walk
    }

    [Fact]
    public async Task Moves_an_entry_aside_that_cannot_be_read_and_starts_the_others()
    {
        var objects = new InMemoryObjectStore();
        await StoreAsync(objects, 1, due: Now);
        await objects.PutIfAbsentAsync("due/0/who/put/this/here", default, Cancel);

        var starts = new Starts();
        await Timer(objects).StartDue(new TimerInfo(), starts, Cancel);

        Assert.Equal(["certificate:uid-1"], starts.Instances);
        Assert.NotNull(await objects.FindAsync("bad/due/0/who/put/this/here", Cancel));
    }

    private static ScheduleFunctions Timer(IObjectStore objects) => new(
        objects, new ResourceKinds([CertificateKind.Kind]), new RunStarter(NullLogger<RunStarter>.Instance), new FakeTimeProvider(Now),
        Options.Create(new ScheduleOptions()), NullLogger<ScheduleFunctions>.Instance);

    private static async Task StoreAsync(InMemoryObjectStore objects, int number, DateTimeOffset due)
    {
        var named = A.Certificate($"web-{number}");
        var entry = new DueEntry(due, "certificates", "ns", named.Metadata.Name, $"uid-{number}", Now.AddDays(-1), "unique").ObjectName;
        await objects.PutIfAbsentAsync(entry, default, Cancel);
        await new ResourceStore(objects).CreateAsync(CertificateKind.Kind, named with { Metadata = named.Metadata with { Uid = $"uid-{number}" } }, entry, Cancel);
    }

    private sealed class CountingStore(IObjectStore inner) : IObjectStore
    {
        public List<string> Calls { get; } = [];

        public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => Count(name).FindAsync(name, cancellationToken);

        public Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken) =>
            Count(name).PutIfAbsentAsync(name, content, metadata, cancellationToken);

        public Task<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken) =>
            Count(name).PutIfMatchAsync(name, content, metadata, expected, cancellationToken);

        public Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken) =>
            Count(name).DeleteIfMatchAsync(name, expected, cancellationToken);

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => Count(name).DeleteAsync(name, cancellationToken);

        public Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken) =>
            Count(prefix).ListAsync(prefix, from, continuation, pageSize, cancellationToken);

        private IObjectStore Count(string name, [System.Runtime.CompilerServices.CallerMemberName] string method = "")
        {
            Calls.Add($"{method} {name}");
            return inner;
        }
    }

    /// <summary>A durable client that only notes what is started.</summary>
    private sealed class Starts() : DurableTaskClient("starts")
    {
        public List<string> Instances { get; } = [];

        public override Task<string> ScheduleNewOrchestrationInstanceAsync(
            TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
        {
            Instances.Add(options!.InstanceId!);
            return Task.FromResult(options.InstanceId!);
        }

        public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default) =>
            throw new NotSupportedException();

        public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
            string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) => throw new NotSupportedException();

        public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
            string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) => throw new NotSupportedException();

        public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
            throw new NotSupportedException();

        public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
            throw new NotSupportedException();

        public override Task<OrchestrationMetadata?> GetInstancesAsync(
            string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) => throw new NotSupportedException();

        public override Microsoft.DurableTask.AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) =>
            throw new NotSupportedException();

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
