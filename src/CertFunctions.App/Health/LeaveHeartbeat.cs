using CertFunctions.Core.Ports;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Health;

/// <summary>Around every function: a timer that went through leaves a heartbeat, one that failed does not.</summary>
public sealed class LeaveHeartbeat(Heartbeats heartbeats, ILogger<LeaveHeartbeat> log) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        await next(context);
        if (!TimerFunctions.Settings.ContainsKey(context.FunctionDefinition.Name)) { return; }

        try { await heartbeats.BeatAsync(context.FunctionDefinition.Name, context.CancellationToken); }
        catch (ObjectStoreException away) { log.NoHeartbeat(away, context.FunctionDefinition.Name); }
    }
}
