using System.Collections.Immutable;
using CertFunctions.App.Health;
using CertFunctions.Core.Ports;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Health;

public sealed class LeaveHeartbeatTests
{
    private readonly InMemoryObjectStore _objects = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LeaveHeartbeat Middleware => new(new Heartbeats(_objects, new FakeTimeProvider()), NullLogger<LeaveHeartbeat>.Instance);

    [Theory]
    [InlineData("StartDue", "heartbeat/StartDue")]
    [InlineData("GetReadiness", null)]   // no timer
    public async Task A_timer_that_went_through_leaves_one(string function, string? written)
    {
        await Middleware.Invoke(new Running(function), _ => Task.CompletedTask);

        Assert.Equal(written is null ? [] : [written], await WrittenAsync());
    }

    [Fact]
    public async Task A_timer_that_failed_leaves_none()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => Middleware.Invoke(new Running("StartDue"), _ => throw new InvalidDataException("on purpose")));

        Assert.Empty(await WrittenAsync());
    }

    private async Task<List<string>> WrittenAsync() => [.. (await _objects.ListAsync("", from: null, continuation: null, 100, Cancel)).Entries.Select(each => each.Name)];

    private sealed class Running(string function) : FunctionContext
    {
        public override string InvocationId => "1";

        public override string FunctionId => function;

        public override BindingContext BindingContext => throw new NotSupportedException();

        public override IServiceProvider InstanceServices { get; set; } = null!;

        public override FunctionDefinition FunctionDefinition { get; } = new Named(function);

        public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

        public override IInvocationFeatures Features => throw new NotSupportedException();
    }

    private sealed class Named(string function) : FunctionDefinition
    {
        public override string PathToAssembly => "";

        public override string EntryPoint => "";

        public override string Id => function;

        public override string Name => function;

        public override IImmutableDictionary<string, BindingMetadata> InputBindings => ImmutableDictionary<string, BindingMetadata>.Empty;
    }
}
