using System.Text.Json;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Issuers;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Certificates;

/// <summary>Reads everything a decision about one Certificate rests on.</summary>
public sealed class CertificateGatherer(ResourceStore store, IVault vault, VaultPlaces places, VaultClaims claims, OutputGatherer outputs, IssuerStore issuers, TimeProvider time)
{
    /// <returns>Null when the Certificate is absent or has another uid than the ticket.</returns>
    public async Task<(CertificateFacts Facts, Stored<Certificate> Read)?> GatherAsync(RunTicket ticket, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(CertificateKind.Kind, ticket, cancellationToken) is not { } read) { return null; }

        var certificate = read.Resource;
        var target = places.ForCertificate(certificate);
        var claim = await claims.FindAsync(target, cancellationToken);
        var isOwner = claim?.OwnerUid == certificate.Metadata.Uid;
        var (stored, deleted, problem) = await StoredAsync(target, isOwner, cancellationToken);
        var facts = new CertificateFacts(
            certificate, read.Version.Value, read.Due, time.GetUtcNow().InWholeSeconds(), stored, Current: null, Next: null, claim, problem) { Deleted = deleted };

        var next = await RequestAsync(certificate, (facts.Revision ?? 0) + 1, cancellationToken);
        var acme = AcmeOrigin.Read(stored?.Tags) is null ? null : (await issuers.FindAsync(certificate.Spec.IssuerRef, certificate.Metadata.Namespace, cancellationToken))?.Spec.Acme;
        return (facts with
        {
            IssuerServer = acme?.Directory(),
            UsesRenewalInfo = acme?.UsesRenewalInfo() is true,
            Current = await RequestAsync(certificate, facts.Revision ?? 0, cancellationToken),
            Next = next is null ? null : next with { KeyIsStaged = await IsStagedAsync(certificate, next, cancellationToken) },
        }, read);
    }

    /// <summary>Another run may have disabled the key of a request that is under way. A vault that refuses says nothing about it.</summary>
    private async Task<bool> IsStagedAsync(Certificate certificate, AttemptFacts next, CancellationToken cancellationToken)
    {
        if (next.PrivateKeyVersion is not { } version || next.State is not (RequestPolicy.Pending or RequestPolicy.Issued)) { return true; }

        try { return (await vault.ListSecretVersionsAsync(places.StagedKey(certificate.Metadata.Uid!), cancellationToken)).Any(each => each.Version == version && each.IsEnabled); }
        catch (VaultException) { return true; }
    }

    /// <summary>The facts, and those of the outputs where any is asked for or left over: no vault call without.</summary>
    public async Task<CertificateFacts?> GatherWithOutputsAsync(RunTicket ticket, CancellationToken cancellationToken) =>
        await GatherAsync(ticket, cancellationToken) is var (facts, _)
            ? facts with { Outputs = await outputs.GatherAsync(facts, cancellationToken) }
            : null;

    /// <param name="isOwner">Then what is not there may have been deleted by somebody.</param>
    private async Task<(StoredPair? Stored, ValueMap? Deleted, string? Problem)> StoredAsync(VaultObject target, bool isOwner, CancellationToken cancellationToken)
    {
        try
        {
            return await vault.FindCertificateAsync(target, version: null, cancellationToken) is { } found
                ? (Read(found), null, null)
                : (null, isOwner ? await vault.FindDeletedCertificateAsync(target, cancellationToken) : null, null);
        }
        catch (VaultException refused)
        {
            return (null, null, $"{target} cannot be read: {refused.Code}: {refused.Message}");
        }
    }

    internal static StoredPair Read(VaultCertificate found)
    {
        try
        {
            return new StoredPair(found.Version, found.IsEnabled, found.Tags, X509Facts.Read(found.Leaf))
            {
                RenewalId = AcmeOrigin.Read(found.Tags) is null ? null : RenewalId.Of(found.Leaf),
            };
        }
        catch (FormatException unreadable) { return new StoredPair(found.Version, found.IsEnabled, found.Tags, Leaf: null, unreadable.Message); }
    }

    private async Task<AttemptFacts?> RequestAsync(Certificate certificate, int revision, CancellationToken cancellationToken)
    {
        if (revision == 0) { return null; }

        var name = new ResourceName(certificate.Metadata.Namespace, RequestNames.For(certificate.Metadata.Name, revision));
        return await store.FindAsync(CertificateRequestKind.Kind, name, cancellationToken) is { Resource: var request } ? AttemptReader.Read(request) : null;
    }
}
