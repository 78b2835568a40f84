using CertFunctions.App.Api;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.CertificateRequests;

/// <summary>CertificateRequest, as the resource API serves it.</summary>
public static class CertificateRequestKind
{
    /// <summary>Who asked, until callers have names: the holder of the API key.</summary>
    public const string ApiUser = "certfunctions.dev:api";

    private static readonly string[] Reserved = ["cert-manager.io", "acme.cert-manager.io", Annotations.OurPrefix];

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
        Transition = Transition,
        Prepare = (resource, stored) => resource with
        {
            Status = stored?.Status, Spec = resource.Spec with { Username = stored is null ? ApiUser : stored.Spec.Username },
        },
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

    /// <summary>The spec is immutable, and the annotations that the system acts on are the system's (cert-manager internal/webhook/admission/certificaterequest).</summary>
    private static IEnumerable<Violation> Transition(CertificateRequest next, CertificateRequest? stored)
    {
        if (stored is not null && next.Spec != stored.Spec) { yield return new("spec", "FieldValueForbidden", "Forbidden: is immutable; create another CertificateRequest"); }

        var (mine, theirs) = (next.Metadata.Annotations ?? ValueMap.Empty, stored?.Metadata.Annotations ?? ValueMap.Empty);
        foreach (var key in mine.Keys.Union(theirs.Keys, StringComparer.Ordinal).Where(IsReserved).Where(key => mine.Find(key) != theirs.Find(key)))
        {
            yield return new($"metadata.annotations[{key}]", "FieldValueForbidden", "Forbidden: belongs to the system and may not be added, changed or removed");
        }
    }

    private static bool IsReserved(string key) => Reserved.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal));
}
