using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Certificates;

/// <summary>Stores a self-signed stand-in, so that consumers can start while the issuance waits (cert-manager.io/issue-temporary-certificate, ADR 0011).</summary>
public sealed class TemporaryActivities(
    ResourceStore store, IVault vault, VaultPlaces places, VaultClaims claims, IIds ids, TimeProvider time, EventRecorder events, ILogger<TemporaryActivities> log)
{
    /// <summary>One import under the lease of the claim, signed with the staged key. A refusal is only logged: the issuance itself goes on.</summary>
    [Function(nameof(StoreTemporaryCertificate))]
    public async Task StoreTemporaryCertificate([ActivityTrigger] CertificateAttempt attempt, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(CertificateKind.Kind, attempt.Ticket, cancellationToken) is not { Resource: var certificate }) { return; }

        var target = places.ForCertificate(certificate);
        if (await claims.FreshUntilAsync(target, attempt.Run, cancellationToken) is not { } until) { return; }

        try
        {
            var isWanted = certificate.Metadata.Generation == attempt.Generation && certificate.Metadata.DeletionTimestamp is null;
            if (isWanted) { await StoreAsync(certificate, attempt, target, until, cancellationToken); }
        }
        catch (VaultException refused)
        {
            log.TemporaryRefused(attempt.Ticket.Namespace, attempt.Ticket.Name, refused.Code);
            if (refused.Status is 0 or >= 500) { return; }   // it may have happened, or be about to: the lease stays
        }

        await claims.GiveBackAsync(target, attempt.Run, cancellationToken);
    }

    private async Task StoreAsync(Certificate certificate, CertificateAttempt attempt, VaultObject target, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var present = await vault.FindCertificateAsync(target, version: null, cancellationToken);
        var isStoredAlready = present?.Tags.Find(Annotations.Temporary) == attempt.RequestUid;
        var isUsable = present is { IsEnabled: true } && !present.Tags.ContainsKey(Annotations.Temporary) && IsReadable(present);
        if (isStoredAlready || isUsable) { return; }

        var request = await store.FindAsync(CertificateRequestKind.Kind, new ResourceName(attempt.Ticket.Namespace, attempt.RequestName), cancellationToken);
        if (request?.Resource.Metadata.Uid != attempt.RequestUid || SigningRequests.TryRead(request.Resource.Spec.Request, out _) is not { } csr) { return; }
        if (await vault.FindSecretAsync(places.StagedKey(attempt.Ticket.Uid), attempt.KeyVersion, cancellationToken) is not { } pkcs8) { return; }

        using var key = PrivateKey.FromPkcs8Base64(pkcs8.Reveal());
        var terms = new SigningTerms(
            IsCA: false, certificate.Spec.Usages, certificate.Spec.DurationOrDefault(), time.GetUtcNow(), ids.NewSerialNumber(), SubjectKeyIdToCopy: null);
        var leaf = SelfSigner.Sign(csr, key, terms);
        var password = Pfx.NewPassword();
        var tags = VaultTagPolicy.All(certificate, VaultTagPolicy.Temporary(certificate, attempt.RequestUid), present?.Tags);
        var import = new CertificateImport(Pfx.Build(key, [leaf], password), password, key.Algorithm, key.SizeInBits, tags);

        await events.RecordAsync(CertificateOccurrences.Temporary(attempt), cancellationToken);
        if (time.GetUtcNow() >= until) { return; }

        // A soft-deleted object may hold the real certificate: the import of the issuance recovers it, a stand-in does not touch it.
        if (await vault.ImportAsync(target, import, cancellationToken) is ImportResult.Imported imported)
        {
            log.TemporaryStored(attempt.Ticket.Namespace, attempt.Ticket.Name, target.Name, imported.Version);
        }
    }

    private static bool IsReadable(VaultCertificate present)
    {
        try { return X509Facts.Read(present.Leaf).KeyAlgorithm.Length > 0; }
        catch (FormatException) { return false; }
    }
}
