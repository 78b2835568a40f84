using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Bundles;
using CertFunctions.App.Issuers;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Certificates;

/// <summary>The end of one attempt: lease, import, tidying up. Every one is safe to repeat.</summary>
public sealed class IssuanceActivities(
    ResourceStore store,
    IVault vault,
    VaultPlaces places,
    VaultClaims claims,
    CertificateImporter importer,
    IssuerIndex issuers,
    BundleIndex bundles,
    RequestHistory history,
    TimeProvider time,
    ILogger<IssuanceActivities> log)
{
    [Function(nameof(TakeImportLease))]
    public async Task<bool> TakeImportLease([ActivityTrigger] CertificateAttempt attempt, CancellationToken cancellationToken) =>
        await FindAsync(attempt, cancellationToken) is { } certificate
        && await claims.TakeLeaseAsync(places.ForCertificate(certificate), attempt.Ticket.Uid, attempt.RequestUid, attempt.Run, cancellationToken);

    /// <summary>Verifies key, chain and names, then one import: the atomic moment of an issuance. Whoever did not import, and knows it, gives the lease back.</summary>
    [Function(nameof(StoreCertificate))]
    public async Task<ImportOutcome> StoreCertificate([ActivityTrigger] CertificateAttempt attempt, CancellationToken cancellationToken)
    {
        if (await FindAsync(attempt, cancellationToken) is not { } certificate) { return new("Superseded"); }

        var isWanted = certificate.Metadata.DeletionTimestamp is null && certificate.Metadata.Generation == attempt.Generation;
        var outcome = isWanted ? await ImportAsync(certificate, attempt, cancellationToken) : new ImportOutcome("Superseded");
        if (outcome.State is not ("Stored" or "Unsettled")) { await claims.GiveBackAsync(places.ForCertificate(certificate), attempt.Run, cancellationToken); }
        return outcome;
    }

    /// <summary>Tidies up after the status is written: the lease goes back, a CA's issuers are woken, the staged key is disabled, old requests are pruned.</summary>
    [Function(nameof(CompleteIssuance))]
    public async Task CompleteIssuance(
        [ActivityTrigger] CertificateAttempt attempt, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (await FindAsync(attempt, cancellationToken) is not { } certificate) { return; }

        await claims.GiveBackAsync(places.ForCertificate(certificate), attempt.Run, cancellationToken);
        if (certificate.Spec.IsCA is true)
        {
            await issuers.WakeIssuersOfAsync(attempt.Ticket.Namespace!, certificate.Spec.SecretName, client, cancellationToken);
            await bundles.WakeAllAsync(client, cancellationToken);
        }

        if (attempt.KeyVersion is { } version)
        {
            try { await vault.DisableSecretVersionAsync(places.StagedKey(attempt.Ticket.Uid), version, cancellationToken); }
            catch (VaultException refused) { log.StagedKeyLeft(attempt.Ticket.Namespace, attempt.Ticket.Name, refused.Code); }
        }

        await history.PruneAsync(certificate, abandoned: null, cancellationToken);
    }

    private async Task<ImportOutcome> ImportAsync(Certificate certificate, CertificateAttempt attempt, CancellationToken cancellationToken)
    {
        try { return await importer.ImportAsync(certificate, attempt, cancellationToken); }
        catch (VaultException refused)
        {
            // No answer, or one that does not say whether it happened: the lease stays, and the tags will tell.
            return new(refused.Status is 0 or >= 500 ? "Unsettled" : "Refused", $"{refused.Code}: {refused.Message}", refused.RetryAt(time));
        }
    }

    private async Task<Certificate?> FindAsync(CertificateAttempt attempt, CancellationToken cancellationToken) =>
        (await store.FindAsync(CertificateKind.Kind, attempt.Ticket, cancellationToken))?.Resource;
}
