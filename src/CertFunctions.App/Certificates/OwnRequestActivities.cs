using System.Globalization;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Events;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Certificates;

/// <summary>The CertificateRequest that an attempt makes for its Certificate.</summary>
public sealed class OwnRequestActivities(
    ResourceStore store,
    IVault vault,
    VaultPlaces places,
    RequestHistory history,
    IIds ids,
    TimeProvider time,
    IOptions<ApprovalOptions> approvals,
    EventRecorder events)
{
    /// <summary>Creates the attempt's CertificateRequest; the uid is the answer. A stale one of the same name makes way.</summary>
    [Function(nameof(CreateCertificateRequest))]
    public async Task<StepResult> CreateCertificateRequest([ActivityTrigger] CertificateAttempt attempt, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(CertificateKind.Kind, attempt.Ticket, cancellationToken) is not { Resource: var certificate }) { return new(null, "The Certificate is gone."); }

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
        catch (VaultException refused) { return refused.ToStep(time); }
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

    private StepResult Superseded() => new(null, "Another run made a request at the same time.", time.GetUtcNow(), "Superseded");
}
