using CertFunctions.App.Acme.Accounts;
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

namespace CertFunctions.App.Certificates;

/// <summary>Revokes what a person asked to be revoked: the key is blocked first, then whoever issued is told.</summary>
public sealed class RevocationActivities(
    ResourceStore store, IVault vault, VaultPlaces places, IssuerStore issuers, AcmeAccounts accounts, IssuedLog issued, BlockedKeys blocked, TimeProvider time, EventRecorder events)
{
    /// <summary>Safe to repeat: a certificate that is revoked already is revoked. What does not work now stays asked for, and shows.</summary>
    [Function(nameof(RevokeCertificate))]
    public async Task RevokeCertificate([ActivityTrigger] RunTicket ticket, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(CertificateKind.Kind, ticket, cancellationToken) is not { Resource: { Status.Revocation: { RevokedAt: null } asked } certificate }) { return; }

        var problem = await RevokeAsync(certificate, asked, cancellationToken);
        var subject = EventSubject.Of(CertificateKind.Kind, ticket);
        await events.RecordAsync(problem is null
            ? Occurrence.Normal(subject, "Revoked", $"The certificate {asked.X5t} was revoked ({asked.Reason})", $"revoked {asked.X5t}")
            : Occurrence.Warning(subject, "RevocationFailed", $"The certificate {asked.X5t} could not be revoked yet: {problem}"), cancellationToken);

        while (await store.FindAsync(CertificateKind.Kind, ticket, cancellationToken) is { Resource: { Status.Revocation: { RevokedAt: null } now } current } read && now.X5t == asked.X5t)
        {
            var told = now with { RevokedAt = problem is null ? time.GetUtcNow() : null, Problem = problem };
            if (told == now) { return; }

            var changed = current with { Status = current.Status! with { Revocation = told } };
            if (await store.ReplaceAsync(CertificateKind.Kind, changed, read.Version, read.Due, cancellationToken) is not null) { return; }
        }
    }

    /// <returns>Why not, or not yet; null: done.</returns>
    private async Task<string?> RevokeAsync(Certificate certificate, Revocation asked, CancellationToken cancellationToken)
    {
        try
        {
            if (await vault.FindCertificateAsync(places.ForCertificate(certificate), asked.Version, cancellationToken) is not { } stored) { return $"the vault holds no version {asked.Version} of it any more."; }

            var leaf = X509Facts.Read(stored.Leaf);
            await blocked.BlockAsync(leaf.KeyHash, asked.Reason, cancellationToken);
            if (await FindIssuerAsync(certificate, stored.Tags, cancellationToken) is not { } issuer) { return "its issuer is gone."; }

            return issuer.Type switch
            {
                "acme" => await RevokeAsync(issuer, stored, asked, cancellationToken),
                "ca" => await issued.RevokeAsync(issuer.Uid, leaf.NotAfter, Convert.FromHexString(leaf.SerialNumber), asked.Reason, time.GetUtcNow(), cancellationToken) ? null : "the issued log does not know it.",
                _ => null,   // nobody else vouches for a self-signed one
            };
        }
        catch (VaultException refused) { return $"{refused.Code}: {refused.Message}"; }
    }

    private async Task<string?> RevokeAsync(IssuerView issuer, VaultCertificate stored, Revocation asked, CancellationToken cancellationToken)
    {
        var session = await accounts.OpenAsync(issuer, cancellationToken);
        if (session.Identity is not { } identity) { return session.View.Message; }
        if (AcmeOrigin.Read(stored.Tags) is { } origin && origin.Server != session.Client.Directory.OriginalString) { return $"it comes from {origin.Server}, and its issuer is at another server by now."; }

        var answer = await session.Client.RevokeAsync(identity, stored.Leaf, RevocationReasons.Code(asked.Reason), cancellationToken);
        return answer.Problem is null or { Type: "alreadyRevoked" } ? null : answer.Problem.Describe();
    }

    /// <summary>The one that issued it, whoever issues now.</summary>
    private Task<IssuerView?> FindIssuerAsync(Certificate certificate, ValueMap tags, CancellationToken cancellationToken)
    {
        var issuer = tags.Find(Annotations.IssuerName) is { } name ? new IssuerRef { Name = name, Kind = tags.Find(Annotations.IssuerKind), Group = tags.Find(Annotations.IssuerGroup) } : certificate.Spec.IssuerRef;
        return issuers.FindAsync(issuer, certificate.Metadata.Namespace, cancellationToken);
    }
}
