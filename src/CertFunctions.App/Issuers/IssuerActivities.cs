using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Pki;
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
    IObjectStore objects,
    IVault vault,
    VaultPlaces places,
    TimeProvider time,
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
            issuer.Spec.Ca is { } ca ? await FindCandidateAsync(issuer.SecretNamespace, ca.SecretName, cancellationToken) : null,
            options.Value.WaitFirst,
            options.Value.WaitMost);
        return new(facts, issuer.Version.Value);
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

    /// <summary>Readiness and a rotation to come, once each time they change.</summary>
    private async Task TellAsync(IssuerView issuer, IssuerRecord record, CancellationToken cancellationToken)
    {
        ResourceKind kind = issuer.Metadata.Namespace is null ? ClusterIssuerKind.Kind : IssuerKind.Kind;
        foreach (var it in record.Status.Conditions?.Where(each => each.Type is "Ready" or CaIssuerPolicy.RotationPending) ?? [])
        {
            var key = $"{it.Type} {it.Status} {it.LastTransitionTime:O} {it.Reason} {it.Message}";
            var isWarning = it.Type != "Ready" || !it.IsTrue;
            await events.RecordAsync(new Occurrence(EventSubject.Of(kind, record.Ticket), isWarning, it.Reason ?? it.Type, it.Message ?? "", key), cancellationToken);
        }
    }

    private async Task<SignerCandidate> FindCandidateAsync(string ns, string secretName, CancellationToken cancellationToken)
    {
        var place = places.CaSecret(ns, secretName);
        VaultCertificate? found;
        try
        {
            found = await vault.FindCertificateAsync(place, version: null, cancellationToken);
        }
        catch (VaultException refused) when (refused.Status is 401 or 403)
        {
            return SignerCandidate.NotFound($"The system vault refuses to show {place.Name} ({refused.Code}).");
        }

        if (found is null) { return SignerCandidate.NotFound($"The system vault holds no certificate {place.Name} (secretName {secretName} in namespace {ns})."); }
        if (!found.IsEnabled) { return SignerCandidate.NotFound($"The newest version of {place.Name} is disabled."); }

        return SignerCandidate.Read(place.Name, found.Version, found.Leaf, await KnownChainAsync(ns, secretName, found.Leaf, cancellationToken), time.GetUtcNow());
    }

    /// <summary>The chain and root that were published when the CA certificate was stored; empty when they are not known.</summary>
    private async Task<IReadOnlyList<byte[]>> KnownChainAsync(string ns, string secretName, ReadOnlyMemory<byte> leaf, CancellationToken cancellationToken)
    {
        try
        {
            return await objects.FindAsync($"ca/{ns}/{secretName}/{X509Facts.Read(leaf).X5t.ToLowerInvariant()}", cancellationToken) is { } chain ? Pem.ReadCertificates(chain.Content) : [];
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
