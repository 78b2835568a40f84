using System.Globalization;
using System.Text;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Certificates;

/// <summary>Puts an issued certificate and its staged key into the vault, under the lease of the claim (design §3, §4).</summary>
public sealed class CertificateImporter(
    ResourceStore store, IObjectStore objects, IVault vault, VaultPlaces places, VaultClaims claims, TimeProvider time, ILogger<CertificateImporter> log)
{
    public async Task<ImportOutcome> ImportAsync(Certificate certificate, CertificateAttempt attempt, CancellationToken cancellationToken)
    {
        var target = places.ForCertificate(certificate);
        if (await claims.FreshUntilAsync(target, attempt.Run, cancellationToken) is not { } until || time.GetUtcNow() >= until) { return new("LeaseLost"); }

        var present = await vault.FindCertificateAsync(target, version: null, cancellationToken);
        if (present is not null)
        {
            // A repeat after a lost answer: the tags say that this very attempt is stored already.
            if (present.Tags.Find(Annotations.RequestUid) == attempt.RequestUid) { return new("Stored"); }
            if (present.Version != certificate.Status?.Vault?.Version && Refusal(certificate, present.Tags) is { } foreign) { return foreign; }
            if (RevisionOf(certificate, present.Tags) >= attempt.Revision) { return new("Superseded"); }
        }

        var request = await store.FindAsync(CertificateRequestKind.Kind, new ResourceName(attempt.Ticket.Namespace, attempt.RequestName), cancellationToken);
        if (request?.Resource.Metadata.Uid != attempt.RequestUid || request.Resource.Status?.Certificate is not { } pem) { return new("Superseded"); }

        var chain = Pem.ReadCertificates(pem);
        var csr = SigningRequests.TryRead(request.Resource.Spec.Request, out var unreadable);
        var problem = csr is null ? unreadable : ReturnedCertificate.Problem(chain, csr, certificate.Spec.IsCA ?? false, time.GetUtcNow());
        if (problem is not null) { return new("Invalid", problem); }
        if (await vault.FindSecretAsync(places.StagedKey(attempt.Ticket.Uid), attempt.KeyVersion, cancellationToken) is not { } pkcs8) { return new("Invalid", "The staged key is gone."); }

        await PublishChainAsync(certificate, chain, request.Resource.Status.Ca, cancellationToken);

        // What was read since took its time: an import that starts late could meet the next owner's.
        if (time.GetUtcNow() >= until) { return new("LeaseLost"); }

        var issued = VaultTagPolicy.Issued(certificate, attempt.Revision, attempt.RequestUid, request.Resource.Metadata.Annotations?.Find(Annotations.AcmeOrigin));
        var tags = VaultTagPolicy.All(certificate, issued, present?.Tags);
        return await ImportAsync(certificate, attempt, target, chain, pkcs8, tags, cancellationToken);
    }

    private async Task<ImportOutcome> ImportAsync(
        Certificate certificate, CertificateAttempt attempt, VaultObject target, IReadOnlyList<byte[]> chain, SecretText pkcs8, ValueMap tags, CancellationToken cancellationToken)
    {
        using var key = PrivateKey.FromPkcs8Base64(pkcs8.Reveal());
        var password = Pfx.NewPassword();
        var import = new CertificateImport(Pfx.Build(key, chain, password), password, key.Algorithm, key.SizeInBits, tags);
        switch (await vault.ImportAsync(target, import, cancellationToken))
        {
            case ImportResult.Imported imported:
                log.Stored(attempt.Ticket.Namespace, attempt.Ticket.Name, attempt.Revision, target.Name, imported.Version);
                return new("Stored");
            case ImportResult.SoftDeleted: return new("Superseded", "The vault object was deleted meanwhile: it is recovered first, and looked at again.");
            default: throw new InvalidOperationException("Unknown import result.");
        }
    }

    /// <summary>The vault gives back only the leaf without its key: chain and CA are kept here, by the leaf's thumbprint, before the import (ADR 0004).</summary>
    private async Task PublishChainAsync(Certificate certificate, IReadOnlyList<byte[]> chain, ReadOnlyMemory<byte>? ca, CancellationToken cancellationToken)
    {
        var place = $"ca/{certificate.Metadata.Namespace}/{certificate.Spec.SecretName}/";
        var above = ca is { } found ? Pem.ReadCertificates(found) : [];
        var all = chain.Concat(above.Where(each => !chain.Any(one => one.AsSpan().SequenceEqual(each))));
        await objects.PutIfAbsentAsync(place + X509Facts.Read(chain[0]).X5t.ToLowerInvariant(), Pem.WriteCertificates(all), cancellationToken);

        if (ca is not { Length: > 0 } published)
        {
            await objects.DeleteAsync(place + "current", cancellationToken);   // an issuer that names no CA follows one that did
            return;
        }

        while (true)
        {
            var result = await objects.FindAsync(place + "current", cancellationToken) is { } current
                ? await objects.PutIfMatchAsync(place + "current", published, current.ETag, cancellationToken)
                : await objects.PutIfAbsentAsync(place + "current", published, cancellationToken);
            if (result is PutResult.Written) { return; }
        }
    }

    private static ImportOutcome? Refusal(Certificate certificate, ValueMap tags)
    {
        if (certificate.Metadata.Annotations?.Find(Annotations.Adopt) == "true") { return null; }
        if (!tags.ContainsKey(Annotations.CertificateUid)) { return new("Taken", "The vault holds an object of this name that CertFunctions did not make."); }

        return null;
    }

    private static int RevisionOf(Certificate certificate, ValueMap tags) =>
        tags.Find(Annotations.CertificateUid) == certificate.Metadata.Uid
        && int.TryParse(tags.Find(Annotations.CertificateRevision), CultureInfo.InvariantCulture, out var revision) ? revision : 0;
}
