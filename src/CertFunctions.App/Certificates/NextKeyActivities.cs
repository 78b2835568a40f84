using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Events;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;

namespace CertFunctions.App.Certificates;

/// <summary>The key of an attempt: made, or taken from the certificate in use, and staged in the system vault.</summary>
public sealed class NextKeyActivities(ResourceStore store, IVault vault, VaultPlaces places, BlockedKeys blocked, TimeProvider time, EventRecorder events)
{
    private const string KeyContentType = "application/pkcs8";

    /// <summary>Stages the key of this attempt in the system vault; the version is the answer. Other enabled versions are orphans and get disabled.</summary>
    [Function(nameof(EnsureNextPrivateKey))]
    public async Task<StepResult> EnsureNextPrivateKey([ActivityTrigger] CertificateAttempt attempt, CancellationToken cancellationToken)
    {
        if (attempt.KeyVersion is not null) { return new(attempt.KeyVersion); }
        if (await store.FindAsync(CertificateKind.Kind, attempt.Ticket, cancellationToken) is not { Resource: var certificate }) { return new(null, "The Certificate is gone."); }

        try
        {
            var staged = places.StagedKey(attempt.Ticket.Uid);
            var versions = await vault.ListSecretVersionsAsync(staged, cancellationToken);
            var mine = versions.FirstOrDefault(each => each.IsEnabled && each.Tags.Find(Annotations.RequestUid) == attempt.RequestUid);
            var others = versions.Where(each => each.IsEnabled && each.Version != mine?.Version).ToList();
            var concurrent = others.Count == 0 ? null : await ConcurrentKeyAsync(attempt, cancellationToken);
            foreach (var orphan in others.Where(each => each.Version != concurrent)) { await vault.DisableSecretVersionAsync(staged, orphan.Version, cancellationToken); }

            if (mine is not null) { return new(mine.Version); }

            var (key, isReused) = await NextKeyAsync(certificate, mayKeep: attempt.Reason.Code is not (ReissuePolicy.Revoked or ReissuePolicy.RotatingCA), cancellationToken);
            using var _ = key;
            var tags = ValueMap.Empty.With(Annotations.RequestUid, attempt.RequestUid);
            var version = await vault.SetSecretAsync(staged, new SecretText(key.ToPkcs8Base64()), KeyContentType, tags, cancellationToken);
            await events.RecordAsync(CertificateOccurrences.KeyStaged(attempt, key.Algorithm, key.SizeInBits, isReused), cancellationToken);
            return new(version);
        }
        catch (VaultException refused) { return refused.ToStep(time); }
    }

    private async Task<(PrivateKey Key, bool IsReused)> NextKeyAsync(Certificate certificate, bool mayKeep, CancellationToken cancellationToken)
    {
        var (algorithm, size) = KeyDefaults.Of(certificate.Spec);
        if (mayKeep && KeyDefaults.KeepsKey(certificate.Spec)
            && await vault.FindSecretAsync(places.ForCertificate(certificate), version: null, cancellationToken) is { } pfx)
        {
            var (key, _) = Pfx.Read(pfx, password: "");
            if (key.Algorithm == algorithm && key.SizeInBits == size && !await blocked.IsBlockedAsync(key.KeyHash, cancellationToken)) { return (key, true); }

            key.Dispose();
        }

        return (PrivateKey.Generate(algorithm, size), false);
    }

    /// <summary>The staged key of a request that another run made since this one gathered; null: there is none.</summary>
    private async Task<string?> ConcurrentKeyAsync(CertificateAttempt attempt, CancellationToken cancellationToken)
    {
        var found = await store.FindAsync(CertificateRequestKind.Kind, new ResourceName(attempt.Ticket.Namespace, attempt.RequestName), cancellationToken);
        return found?.Resource.Metadata.Uid == attempt.Replaces ? null : found?.Resource.Metadata.Annotations?.Find(Annotations.PrivateKeyVersion);
    }
}
