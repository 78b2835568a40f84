using CertFunctions.App.Events;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Schedule;

/// <summary>Hourly: repairs the due index, removes events of what is gone, purges finished histories.</summary>
public sealed class SweepFunctions(IndexSweep sweep, EventSweep events, TimeProvider time, IOptions<ScheduleOptions> options)
{
    [Function("SweepState")]
    public async Task SweepState(
        [TimerTrigger("%Schedule:Sweep%")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        await sweep.RunAsync(cancellationToken);
        await events.RunAsync(cancellationToken);

        var finished = new PurgeInstancesFilter(
            DateTimeOffset.UnixEpoch,
            time.GetUtcNow() - options.Value.KeepHistory,
            [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated]);
        await client.PurgeAllInstancesAsync(finished, cancellationToken);
    }
}
