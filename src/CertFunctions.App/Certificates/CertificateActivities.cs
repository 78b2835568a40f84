using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Certificates;

/// <summary>Reading a Certificate, claiming its vault object, writing its status, removing it.</summary>
public sealed class CertificateActivities(
    ResourceStore store,
    CertificateGatherer gatherer,
    VaultPlaces places,
    VaultClaims claims,
    RequestHistory history,
    DueIndex due,
    TimeProvider time,
    IOptions<ScheduleOptions> options,
    EventRecorder events,
    ILogger<CertificateActivities> log)
{
    /// <summary>Null when the Certificate is gone.</summary>
    [Function(nameof(GatherCertificateFacts))]
    public Task<CertificateFacts?> GatherCertificateFacts([ActivityTrigger] RunTicket ticket, CancellationToken cancellationToken) =>
        gatherer.GatherWithOutputsAsync(ticket, cancellationToken);

    /// <summary>Makes the vault object's claim this Certificate's; a problem names who has it.</summary>
    [Function(nameof(ClaimVaultObject))]
    public async Task<StepResult> ClaimVaultObject([ActivityTrigger] RunTicket ticket, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(CertificateKind.Kind, ticket, cancellationToken) is not { } read) { return new(null, "The Certificate is gone."); }

        var target = places.ForCertificate(read.Resource);
        var owner = await claims.ClaimAsync(
            target, $"{ticket.Namespace}/{ticket.Name}", ticket.Uid, (name, uid) => IsGoneAsync(target, name, uid, cancellationToken), cancellationToken);
        return owner is null ? new(target.Name) : new(null, $"The vault object {target.Name} belongs to Certificate {owner}.");
    }

    /// <summary>Shows that an issuance is under way; leaves the due entry alone. A lost race is made good at the end of the run.</summary>
    [Function(nameof(MarkIssuing))]
    public async Task MarkIssuing([ActivityTrigger] CertificateAttempt attempt, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(CertificateKind.Kind, attempt.Ticket, cancellationToken) is not { } read || read.Resource.Metadata.Generation != attempt.Generation) { return; }

        var old = read.Resource.Status ?? new CertificateStatus();
        if (old.Conditions.IsTrue("Issuing") && old.NextPrivateKeySecretName is not null) { return; }

        log.Issuing(attempt.Ticket.Namespace, attempt.Ticket.Name, attempt.Revision, attempt.Reason.Code, attempt.Reason.Message);
        if (!old.Conditions.IsTrue("Issuing")) { await events.RecordAsync(CertificateOccurrences.Issuing(attempt), cancellationToken); }   // else who asked was told

        var condition = new Condition
        {
            Type = "Issuing", Status = "True", Reason = attempt.Reason.Code, Message = attempt.Reason.Message, ObservedGeneration = attempt.Generation,
        };
        var status = old with
        {
            Conditions = old.Conditions.With(condition, time.GetUtcNow()), NextPrivateKeySecretName = places.StagedKey(attempt.Ticket.Uid).Name,
        };
        await store.ReplaceAsync(CertificateKind.Kind, read.Resource with { Status = status }, read.Version, read.Due, cancellationToken);
    }

    /// <summary>Writes status and next date. False: the Certificate changed meanwhile, gather again.</summary>
    [Function(nameof(RecordCertificate))]
    public async Task<bool> RecordCertificate([ActivityTrigger] CertificateEnd end, CancellationToken cancellationToken)
    {
        if (await gatherer.GatherAsync(end.Ticket, cancellationToken) is not var (facts, read)) { return false; }
        if (read.Resource.Metadata.Generation != end.Generation || read.Resource.Metadata.DeletionTimestamp is not null) { return false; }

        if (read.Due is { } filed && DueEntry.TryParse(filed)?.Unique == end.Unique)
        {
            return await due.SettleAsync(CertificateKind.Kind, end.Ticket, read, read.Resource, filed, cancellationToken);   // a repeat: a failure counts once
        }

        // Somebody asked for a renewal, or its time came, while this run found nothing to do.
        if (end.Outcome.State is "Rest" && CertificatePlan.Decide(facts).Step is CertificateStep.Issue or CertificateStep.Recover) { return false; }

        var (status, next) = CertificateStatusPolicy.After(facts, end.Outcome, Place(facts), options.Value.WaitFirst, options.Value.WaitMost);
        (status, next) = OutputPolicy.Show(status, next, facts, end.Outputs, options.Value.WaitFirst, options.Value.WaitMost);
        if (CertificateOccurrences.Ended(end, status) is { } news) { await events.RecordAsync(news, cancellationToken); }

        var entry = DueIndex.NameFor(end.Ticket, next, end.Birth, end.Unique);
        var recorded = await due.SettleAsync(CertificateKind.Kind, end.Ticket, read, read.Resource with { Status = status }, entry, cancellationToken);
        if (recorded && status.Conditions.Find(OutputPolicy.Condition) is { IsTrue: false } late) { log.OutputsLate(end.Ticket.Namespace, end.Ticket.Name, late.Reason, late.Message); }
        if (recorded) { log.Recorded(end.Ticket.Namespace, end.Ticket.Name, end.Outcome.State, end.Outcome.Code, next); }
        return recorded;
    }

    /// <summary>Removes a Certificate that is going away, in the order of design §4; the vault object stays. Nothing to do when it is gone already.</summary>
    [Function(nameof(RemoveCertificate))]
    public async Task RemoveCertificate([ActivityTrigger] RunTicket ticket, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(CertificateKind.Kind, ticket, cancellationToken) is not { Resource.Metadata.DeletionTimestamp: not null } read)
        {
            await due.DropAsync(ticket, cancellationToken);
            return;
        }

        await history.RemoveAllAsync(read.Resource.Metadata, cancellationToken);
        foreach (var index in CertificateKind.Kind.IndexEntries(read.Resource)) { await due.RemoveAsync(index, except: null, cancellationToken); }

        await due.RemoveAsync(read.Due, except: ticket.Entry, cancellationToken);
        if (!await store.DeleteAsync(CertificateKind.Kind, new ResourceName(ticket.Namespace, ticket.Name), read.Version, cancellationToken)) { return; }

        await due.RemoveAsync(ticket.Entry, except: null, cancellationToken);
        log.Removed(ticket.Namespace, ticket.Name);
    }

    private async Task<bool> IsGoneAsync(VaultObject target, string owner, string uid, CancellationToken cancellationToken)
    {
        if (owner.Split('/') is not [var ns, var name]) { return true; }

        var found = await store.FindAsync(CertificateKind.Kind, new ResourceName(ns, name), uid, cancellationToken);
        return found is null || places.ForCertificate(found.Resource) != target;
    }

    /// <summary>As the revision's request tells; what is known of the same version stays when that request is pruned.</summary>
    private static SignerKeys? Signer(CertificateFacts facts) => facts.Current?.Signer
        ?? (facts.Certificate.Status?.Vault is { IssuerKey: { } key } known && known.Version == facts.Stored?.Version ? new SignerKeys(key, known.RootKey) { Serial = known.IssuerSerial } : null);

    private VaultLocation? Place(CertificateFacts facts)
    {
        if (facts.Stored is not { } stored) { return null; }

        var target = places.ForCertificate(facts.Certificate);
        return new VaultLocation
        {
            Uri = target.Vault.ToString(),
            Object = target.Name,
            Version = stored.Version,
            X5t = stored.Leaf?.X5t,
            IssuerKey = Signer(facts)?.Key,
            RootKey = Signer(facts)?.RootKey,
            IssuerSerial = Signer(facts)?.Serial,
            Ca = AcmeOrigin.Read(stored.Tags) is null ? $"/ca/{facts.Certificate.Metadata.Namespace}/{facts.Certificate.Spec.SecretName}/ca.crt" : null,   // an ACME server names none
        };
    }
}
