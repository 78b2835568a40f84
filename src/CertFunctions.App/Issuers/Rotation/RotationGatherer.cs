using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Bundles;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Issuers.Rotation;

/// <summary>Reads what a <c>ca</c> issuer is decided by: its candidate, and where a rotation is under way the bundles and what is left of old CAs.</summary>
public sealed class RotationGatherer(
    CaCandidates candidates, IBundleStore published, BundleHolds bundles, RetiringCas retiring, ResourceStore store, VaultClaims claims, VaultPlaces places, IOptions<RotationOptions> options)
{
    public async Task<IssuerFacts> GatherAsync(IssuerView issuer, IssuerFacts facts, CancellationToken cancellationToken)
    {
        var (status, secret) = (issuer.Status ?? new IssuerStatus(), issuer.Spec.Ca!.SecretName);
        var asked = status.Rotation is { Next: null, Request.Version: { } version } ? version : null;
        var candidate = await candidates.FindAsync(issuer.SecretNamespace, secret, asked, status.Pinned, cancellationToken);
        var clock = status.Retiring is null && status.Rotation is null ? (DateTimeOffset?)null : await published.ReadClockAsync(cancellationToken);
        return facts with
        {
            Candidate = candidate,
            Ca = new CaFacts(
                status.Rotation,
                status.Retiring ?? [],
                await HoldsAsync(issuer, status, candidate, cancellationToken),
                await retiring.LeavesAsync(issuer.Uid, status.Pinned, status.Retiring ?? [], clock, cancellationToken),
                options.Value.Pace,
                await RenewalTimeAsync(issuer.SecretNamespace, secret, candidate, cancellationToken),
                status.RotationPaused is true,
                clock),
        };
    }

    /// <summary>The Certificate that made the CA in this secret; null: somebody imported it.</summary>
    public async Task<Stored<Certificate>?> FindCertificateAsync(string ns, string secretName, CancellationToken cancellationToken) =>
        await claims.FindAsync(places.CaSecret(ns, secretName), cancellationToken) is { } claim && claim.Owner.Split('/') is [var owner, var name]
            ? await store.FindAsync(CertificateKind.Kind, new ResourceName(owner, name), claim.OwnerUid, cancellationToken)
            : null;

    private async Task<ValueList<BundleHold>> HoldsAsync(IssuerView issuer, IssuerStatus status, SignerCandidate candidate, CancellationToken cancellationToken)
    {
        var next = status.Rotation?.Next ?? candidate.Signer;
        var name = IssuerCas.NameOf(issuer.Kind, new ResourceName(issuer.Metadata.Namespace, issuer.Metadata.Name));
        return status.Pinned is { } pinned && next is not null && RotationPolicy.IsOther(pinned, next)
            ? await bundles.FindAsync(pinned, next, status.Rotation?.Fence(name), cancellationToken) : [];
    }

    private async Task<DateTimeOffset?> RenewalTimeAsync(string ns, string secretName, SignerCandidate candidate, CancellationToken cancellationToken) =>
        candidate.Signer is { } signer && await FindCertificateAsync(ns, secretName, cancellationToken) is { Resource.Status: { } status } && status.NotAfter == signer.NotAfter ? status.RenewalTime : null;
}
