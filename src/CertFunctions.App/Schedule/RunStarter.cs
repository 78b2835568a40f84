using CertFunctions.App.Api;
using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Schedule;

/// <summary>Starts a resource's run. The instance id saves work when one is under way; it is not what makes runs safe.</summary>
public sealed class RunStarter(ILogger<RunStarter> log)
{
    /// <returns>False when the start was refused or failed: the due entry brings it back.</returns>
    public async Task<bool> StartAsync(DurableTaskClient client, ResourceKind kind, RunTicket ticket, CancellationToken cancellationToken)
    {
        var options = new StartOrchestrationOptions(InstanceId: InstanceId(kind, ticket.Uid)).WithDedupeStatuses(
            OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended);
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(kind.Orchestrator, ticket, options, cancellationToken);
            return true;
        }
        catch (OrchestrationAlreadyExistsException)
        {
            return false;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            log.StartFailed(failure, kind.Kind, ticket.Namespace, ticket.Name);
            return false;
        }
    }

    public static string InstanceId(ResourceKind kind, string uid) => $"{kind.InstancePrefix}:{uid}";
}

internal static partial class ScheduleLog
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "A run of {Kind} {Namespace}/{Name} could not be started; its due entry will bring it back")]
    public static partial void StartFailed(this ILogger log, Exception failure, string kind, string? @namespace, string name);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "Due entry {Entry} cannot be read; moved to bad/")]
    public static partial void BadEntry(this ILogger log, string entry);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Warning, Message = "Instance {InstanceId} made no progress since {LastUpdated}; terminated")]
    public static partial void Terminated(this ILogger log, string instanceId, DateTimeOffset lastUpdated);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Information, Message = "Started {Count} due runs")]
    public static partial void StartedDue(this ILogger log, int count);

    [LoggerMessage(EventId = 5006, Level = LogLevel.Warning, Message = "Certificate {Namespace}/{Name}: its vault object {VaultObject} is no longer what it was ({Drift}); looking")]
    public static partial void VaultDrifted(this ILogger log, string? @namespace, string name, string vaultObject, string drift);

    [LoggerMessage(EventId = 5007, Level = LogLevel.Warning, Message = "The vault {Vault} could not be listed ({Code}: {Detail}); compared again later")]
    public static partial void VaultNotListed(this ILogger log, string vault, string code, string detail);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Warning, Message = "{Kind} {Namespace}/{Name} had no due entry; filed one")]
    public static partial void Repaired(this ILogger log, string kind, string? @namespace, string name);
}
