using CertFunctions.App.Api;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.CertificateRequests;

/// <summary>CertificateRequest, as the resource API serves it.</summary>
public static class CertificateRequestKind
{
    public static ResourceKind<CertificateRequest> Kind { get; } = new()
    {
        Plural = "certificaterequests",
        Singular = "certificaterequest",
        Kind = "CertificateRequest",
        ShortNames = ["cr", "crs"],
        IsNamespaced = true,
        Columns =
        [
            new("Approved", "approved"), new("Denied", "denied"), new("Ready", "ready"), new("Issuer", "issuer"), new("Requester", "requester"),
            new("Status", "status", Priority: 1),
        ],
        Orchestrator = "ReconcileCertificateRequest",
        InstancePrefix = "certificaterequest",
        Json = ResourceJson.Default.CertificateRequest,
        Rules = CertificateRequestRules.Check,
        Spec = resource => resource.Spec,
        Prepare = (resource, stored) => resource with { Status = stored?.Status },
        Index = request => ValueMap.From(
        [
            new("approved", request.Status?.Conditions.Find("Approved")?.Status ?? ""),
            new("denied", request.Status?.Conditions.Find("Denied")?.Status ?? ""),
            new("ready", request.Status?.Conditions.Find("Ready")?.Status ?? ""),
            new("issuer", request.Spec.IssuerRef.Name),
            new("requester", request.Spec.Username ?? ""),
            new("status", request.Status?.Conditions.Find("Ready")?.Message ?? ""),
        ]),
        IndexEntries = request => request.Metadata.Annotations?.Find(Annotations.CertificateUid) is not null
            ? []   // its Certificate waits for the issuer
            : [IssuerIndexNames.ByIssuer(request.Spec.IssuerRef, "certificaterequests", request.Metadata)],
    };
}
