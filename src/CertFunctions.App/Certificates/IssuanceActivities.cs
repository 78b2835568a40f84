using System.Globalization;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Events;
using CertFunctions.App.Issuers;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Certificates;

/// <summary>The side effects of one attempt: staged key, request, lease, import, tidying up. Every one is safe to repeat.</summary>
public sealed class IssuanceActivities(
    ResourceStore store,
    IVault vault,
    VaultPlaces places,
    VaultClaims claims,
    CertificateImporter importer,
    IssuerIndex issuers,
    RequestHistory history,
    IIds ids,
    TimeProvider time,
    IOptions<ApprovalOptions> approvals,
    EventRecorder events,
    ILogger<IssuanceActivities> log)
{
    private const string KeyContentType = "application/pkcs8";

    /// <summary>Stages the key of this attempt in the system vault; the version is the answer. Other enabled versions are orphans and get disabled.</summary>
    [Function(nameof(EnsureNextPrivateKey))]
    public async Task<StepResult> EnsureNextPrivateKey([ActivityTrigger] CertificateAttempt attempt, CancellationToken cancellationToken)
    {
        if (attempt.KeyVersion is not null) { return new(attempt.KeyVersion); }
        if (await FindAsync(attempt, cancellationToken) is not { } certificate) { return new(null, "The Certificate is gone."); }

        try
        {
            var staged = places.StagedKey(attempt.Ticket.Uid);
            var versions = await vault.ListSecretVersionsAsync(staged, cancellationToken);
            var mine = versions.FirstOrDefault(each => each.IsEnabled && each.Tags.Find(Annotations.RequestUid) == attempt.RequestUid);
            var others = versions.Where(each => each.IsEnabled && each.Version != mine?.Version).ToList();
            var concurrent = others.Count == 0 ? null : await ConcurrentKeyAsync(attempt, cancellationToken);
            foreach (var orphan in others.Where(each => each.Version != concurrent)) { await vault.DisableSecretVersionAsync(staged, orphan.Version, cancellationToken); }

            if (mine is not null) { return new(mine.Version); }

            var (key, isReused) = await NextKeyAsync(certificate, cancellationToken);
            using var _ = key;
            var tags = ValueMap.Empty.With(Annotations.RequestUid, attempt.RequestUid);
            var version = await vault.SetSecretAsync(staged, new SecretText(key.ToPkcs8Base64()), KeyContentType, tags, cancellationToken);
            await events.RecordAsync(CertificateOccurrences.KeyStaged(attempt, key.Algorithm, key.SizeInBits, isReused), cancellationToken);
            return new(version);
        }
        catch (VaultException refused) { return Refused(refused); }
    }

    /// <summary>Creates the attempt's CertificateRequest; the uid is the answer. A stale one of the same name makes way.</summary>
    [Function(nameof(CreateCertificateRequest))]
    public async Task<StepResult> CreateCertificateRequest([ActivityTrigger] CertificateAttempt attempt, CancellationToken cancellationToken)
    {
        if (await FindAsync(attempt, cancellationToken) is not { } certificate) { return new(null, "The Certificate is gone."); }

        var name = new ResourceName(attempt.Ticket.Namespace, attempt.RequestName);
        if (await store.FindAsync(CertificateRequestKind.Kind, name, cancellationToken) is { } found)
        {
            if (found.Resource.Metadata.Uid == attempt.RequestUid) { return new(attempt.RequestUid); }
            if (found.Resource.Metadata.Annotations?.Find(Annotations.CertificateUid) is null)
            {
                return new(null, $"A CertificateRequest named \"{attempt.RequestName}\" exists that was not made for a Certificate.");
            }

            if (found.Resource.Metadata.Uid != attempt.Replaces) { return Superseded(); }

            await history.RemoveAsync(found, cancellationToken);
        }

        try
        {
            var staged = places.StagedKey(attempt.Ticket.Uid);
            if (await vault.FindSecretAsync(staged, attempt.KeyVersion, cancellationToken) is not { } pkcs8) { return new(null, "The staged key is gone."); }

            using var key = PrivateKey.FromPkcs8Base64(pkcs8.Reveal());
            var request = Request(certificate, attempt, SigningRequests.Create(certificate.Spec, key));
            await events.RecordAsync(CertificateOccurrences.Requested(attempt), cancellationToken);
            if (RequestPolicy.ApprovalAtBirth(request.Spec.IssuerRef.GroupOrDefault(), approvals.Value.Mode is ApprovalMode.Manual) is { } approval)
            {
                await events.RecordAsync(RequestOccurrences.Approved(new RequestTicket(name.Namespace!, name.Name, attempt.RequestUid), approval), cancellationToken);
                request = RequestStatus.Decided(request, approval, ids, time.GetUtcNow());
            }

            var created = await store.CreateAsync(CertificateRequestKind.Kind, request, due: null, cancellationToken);
            return created is null ? Superseded() : new(attempt.RequestUid);
        }
        catch (VaultException refused) { return Refused(refused); }
    }

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
        if (certificate.Spec.IsCA is true) { await issuers.WakeIssuersOfAsync(attempt.Ticket.Namespace!, certificate.Spec.SecretName, client, cancellationToken); }

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
            return new(refused.Status is 0 or >= 500 ? "Unsettled" : "Refused", $"{refused.Code}: {refused.Message}", RetryAt(refused));
        }
    }

    private async Task<(PrivateKey Key, bool IsReused)> NextKeyAsync(Certificate certificate, CancellationToken cancellationToken)
    {
        var (algorithm, size) = KeyDefaults.Of(certificate.Spec);
        if (KeyDefaults.KeepsKey(certificate.Spec)
            && await vault.FindSecretAsync(places.ForCertificate(certificate), version: null, cancellationToken) is { } pfx)
        {
            var (key, _) = Pfx.Read(pfx, password: "");
            if (key.Algorithm == algorithm && key.SizeInBits == size) { return (key, true); }

            key.Dispose();
        }

        return (PrivateKey.Generate(algorithm, size), false);
    }

    private CertificateRequest Request(Certificate certificate, CertificateAttempt attempt, ReadOnlyMemory<byte> csr) => new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = attempt.Ticket.Namespace,
            Name = attempt.RequestName,
            Uid = attempt.RequestUid,
            Generation = 1,
            CreationTimestamp = time.GetUtcNow(),
            Labels = certificate.Metadata.Labels,
            Annotations = ValueMap.From(
            [
                new(Annotations.CertificateName, certificate.Metadata.Name),
                new(Annotations.CertificateUid, attempt.Ticket.Uid),
                new(Annotations.CertificateGeneration, attempt.Generation.ToString(CultureInfo.InvariantCulture)),
                new(Annotations.CertificateRevision, attempt.Revision.ToString(CultureInfo.InvariantCulture)),
                new(Annotations.PrivateKeySecretName, places.StagedKey(attempt.Ticket.Uid).Name),
                new(Annotations.PrivateKeyVersion, attempt.KeyVersion!),
                new(Annotations.SerialNumber, Convert.ToHexStringLower(ids.NewSerialNumber())),
            ]),
        },
        Spec = new CertificateRequestSpec
        {
            Request = csr,
            IssuerRef = certificate.Spec.IssuerRef,
            Duration = certificate.Spec.Duration,
            IsCA = certificate.Spec.IsCA,
            Usages = certificate.Spec.Usages,
            Username = "certfunctions.dev",
        },
    };

    private async Task<Certificate?> FindAsync(CertificateAttempt attempt, CancellationToken cancellationToken) =>
        (await store.FindAsync(CertificateKind.Kind, attempt.Ticket, cancellationToken))?.Resource;

    /// <summary>The staged key of a request that another run made since this one gathered; null: there is none.</summary>
    private async Task<string?> ConcurrentKeyAsync(CertificateAttempt attempt, CancellationToken cancellationToken)
    {
        var found = await store.FindAsync(CertificateRequestKind.Kind, new ResourceName(attempt.Ticket.Namespace, attempt.RequestName), cancellationToken);
        return found?.Resource.Metadata.Uid == attempt.Replaces ? null : found?.Resource.Metadata.Annotations?.Find(Annotations.PrivateKeyVersion);
    }

    private StepResult Superseded() => new(null, "Another run made a request at the same time.", time.GetUtcNow(), "Superseded");

    private StepResult Refused(VaultException refused) => new(null, $"{refused.Code}: {refused.Message}", RetryAt(refused));

    private DateTimeOffset? RetryAt(VaultException refused) => refused.RetryAfter is { } wait ? time.GetUtcNow() + wait : null;
}
