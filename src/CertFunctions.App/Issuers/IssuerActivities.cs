using CertFunctions.App.Api;
using CertFunctions.App.Events;
using CertFunctions.App.Issuers.Rotation;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Issuers;

/// <summary>The side effects of an issuer's run, every one safe to repeat.</summary>
public sealed class IssuerActivities(
    IssuerStore issuers,
    IssuerIndex index,
    DueIndex due,
    RotationGatherer rotation,
    IOptions<ScheduleOptions> options,
    EventRecorder events,
    ILogger<IssuerActivities> log)
{
    /// <summary>Reads the issuer and, for <c>ca</c>, the newest CA certificate it names.</summary>
    [Function(nameof(GatherIssuerFacts))]
    public async Task<IssuerFinding> GatherIssuerFacts([ActivityTrigger] RunTicket ticket, CancellationToken cancellationToken)
    {
        if (await issuers.FindAsync(ticket, cancellationToken) is not { Metadata.DeletionTimestamp: null } issuer) { return new(null, ""); }

        var facts = new IssuerFacts(
            issuer.Metadata.Generation,
            issuer.Type,
            issuer.Status?.Conditions ?? [],
            issuer.Status?.Pinned,
            Candidate: null,
            options.Value.WaitFirst,
            options.Value.WaitMost);
        return new(issuer.Spec.Ca is null ? facts : await rotation.GatherAsync(issuer, facts, cancellationToken), issuer.Version.Value);
    }

    /// <summary>Writes the status of an issuer that became Ready, before its dependents look.</summary>
    /// <returns>The version written; null when somebody wrote meanwhile.</returns>
    [Function(nameof(RecordIssuerReady))]
    public async Task<string?> RecordIssuerReady([ActivityTrigger] IssuerRecord record, CancellationToken cancellationToken)
    {
        if (await issuers.FindAsync(record.Ticket, cancellationToken) is not { } issuer) { return null; }
        await TellAsync(issuer, record, cancellationToken);
        if (issuer.Status == record.Status) { return issuer.Version.Value; }   // a repeat, or nothing to change

        var expected = issuer with { Version = new ETag(record.Version) };
        return (await issuers.ReplaceStatusAsync(expected, record.Status, cancellationToken))?.Value;
    }

    /// <summary>Starts what waits for this issuer.</summary>
    [Function(nameof(WakeDependents))]
    public async Task WakeDependents([ActivityTrigger] RunTicket ticket, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (await issuers.FindAsync(ticket, cancellationToken) is not { } issuer) { return; }

        var count = await index.WakeDependentsOfAsync(issuer, client, cancellationToken);
        log.DependentsWoken(issuer.Kind, ticket.Namespace, ticket.Name, count);
    }

    /// <summary>Ends a run: status and next date.</summary>
    /// <returns>False when somebody wrote meanwhile: gather again.</returns>
    [Function(nameof(SettleIssuer))]
    public async Task<bool> SettleIssuer([ActivityTrigger] IssuerRecord record, CancellationToken cancellationToken)
    {
        if (await issuers.FindAsync(record.Ticket, cancellationToken) is not { } issuer) { return false; }

        await TellAsync(issuer, record, cancellationToken);
        return await issuers.SettleAsync(record.Ticket, issuer with { Version = new ETag(record.Version) }, record.Status, record.Next, cancellationToken);
    }

    /// <summary>Ends the run of an issuer that is absent, or removes one that is going away: index, scheduled entry, resource, own entry.</summary>
    [Function(nameof(EndIssuer))]
    public async Task<bool> EndIssuer([ActivityTrigger] RunTicket ticket, CancellationToken cancellationToken)
    {
        if (await issuers.FindAsync(ticket, cancellationToken) is { } issuer)
        {
            if (issuer.Metadata.DeletionTimestamp is null) { return false; }

            await index.ForgetAsync(issuer, cancellationToken);
            await due.RemoveAsync(issuer.Due, except: ticket.Entry, cancellationToken);
            if (!await issuers.DeleteAsync(issuer, cancellationToken)) { return false; }

            await due.RemoveAsync(ticket.Entry, except: null, cancellationToken);
            log.IssuerRemoved(issuer.Kind, ticket.Namespace, ticket.Name);
            return true;
        }

        await due.DropAsync(ticket, cancellationToken);
        return true;
    }

    /// <summary>Readiness, the health of the CA and the steps of a rotation, once each time they change.</summary>
    private async Task TellAsync(IssuerView issuer, IssuerRecord record, CancellationToken cancellationToken)
    {
        ResourceKind kind = issuer.Metadata.Namespace is null ? ClusterIssuerKind.Kind : IssuerKind.Kind;
        foreach (var it in record.Status.Conditions?.Where(each => each.Type is "Ready" or CaIssuerPolicy.RotationPending or CaIssuerPolicy.CAExpiring or CaIssuerPolicy.CARenewsTooLate) ?? [])
        {
            var key = $"{it.Type} {it.Status} {it.LastTransitionTime:O} {it.Reason} {it.Message}";
            var isWarning = it.Type != "Ready" || !it.IsTrue;
            await events.RecordAsync(new Occurrence(EventSubject.Of(kind, record.Ticket), isWarning, it.Reason ?? it.Type, it.Message ?? "", key), cancellationToken);
        }

        foreach (var step in record.News ?? [])
        {
            await events.RecordAsync(new Occurrence(EventSubject.Of(kind, record.Ticket), step.Code is "RotationBlocked", step.Code, step.Message, $"{step.Code} {step.Message}"), cancellationToken);
        }
    }
}
