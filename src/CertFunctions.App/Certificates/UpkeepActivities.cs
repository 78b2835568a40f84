using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Certificates;

/// <summary>What a run decided about tags, to be carried out on the version it was decided for.</summary>
public sealed record TagOrder(RunTicket Ticket, TagRepair Repair);

/// <param name="Abandons">Uid of a request under way that nothing wants any more; null: there is none.</param>
public sealed record PruneOrder(RunTicket Ticket, string? Abandons);

/// <summary>Keeps what belongs to a Certificate in order without issuing: its vault object, brought back and with its tags, and the requests that are kept.</summary>
public sealed class UpkeepActivities(
    ResourceStore store, IVault vault, VaultPlaces places, VaultClaims claims, RequestHistory history, TimeProvider time, ILogger<UpkeepActivities> log)
{
    /// <summary>Writes the tags of one version: only the owner of the claim may, and a newer version is left alone.</summary>
    [Function(nameof(RepairTags))]
    public async Task<StepResult> RepairTags([ActivityTrigger] TagOrder order, CancellationToken cancellationToken)
    {
        var ticket = order.Ticket;
        if (await store.FindAsync(CertificateKind.Kind, ticket, cancellationToken) is not { Resource: var certificate }) { return new(null, "The Certificate is gone."); }

        var target = places.ForCertificate(certificate);
        if (await claims.FindAsync(target, cancellationToken) is not { } claim || claim.OwnerUid != ticket.Uid) { return new(null, "The vault object has another owner by now.", time.GetUtcNow()); }

        try
        {
            await vault.UpdateCertificateTagsAsync(target, order.Repair.Version, order.Repair.Tags, cancellationToken);
            log.TagsRepaired(ticket.Namespace, ticket.Name, order.Repair.Reason.Code, order.Repair.Reason.Message);
            return new(order.Repair.Version);
        }
        catch (VaultException gone) when (gone.Status == 404)
        {
            return new(null, "The version is gone.", time.GetUtcNow());
        }
        catch (VaultException refused) { return refused.ToStep(time); }
    }

    /// <summary>Brings back a soft-deleted vault object; done already is done.</summary>
    [Function(nameof(RecoverVaultObject))]
    public async Task<StepResult> RecoverVaultObject([ActivityTrigger] RunTicket ticket, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(CertificateKind.Kind, ticket, cancellationToken) is not { Resource: var certificate }) { return new(null, "The Certificate is gone."); }

        var target = places.ForCertificate(certificate);
        try
        {
            if (await vault.FindDeletedCertificateAsync(target, cancellationToken) is null) { return new(target.Name); }

            await vault.RecoverCertificateAsync(target, cancellationToken);
            log.Recovered(ticket.Namespace, ticket.Name, target.Name);
            return new(target.Name);
        }
        catch (VaultException refused) { return refused.ToStep(time); }
    }

    /// <summary>Deletes requests beyond <c>spec.revisionHistoryLimit</c>, and the one that nothing wants any more.</summary>
    [Function(nameof(PruneRequests))]
    public async Task PruneRequests([ActivityTrigger] PruneOrder order, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(CertificateKind.Kind, order.Ticket, cancellationToken) is { Resource: var certificate }) { await history.PruneAsync(certificate, order.Abandons, cancellationToken); }
    }
}
