using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Certificates;

/// <summary>A CertificateRequest as decisions see it.</summary>
internal static class AttemptReader
{
    public static AttemptFacts Read(CertificateRequest request)
    {
        var annotations = request.Metadata.Annotations;
        var csr = SigningRequests.TryRead(request.Spec.Request, out _);
        var ready = request.Status?.Conditions.Find("Ready");
        return new AttemptFacts(
            request.Metadata.Name,
            request.Metadata.Uid!,
            annotations?.Find(Annotations.CertificateUid),
            long.TryParse(annotations?.Find(Annotations.CertificateGeneration), System.Globalization.CultureInfo.InvariantCulture, out var generation) ? generation : 0,
            annotations?.Find(Annotations.PrivateKeyVersion),
            request.Spec.IssuerRef,
            request.Spec.Duration,
            request.Spec.IsCA ?? false,
            request.Spec.Usages,
            csr is null ? null : CsrSummary.Of(csr),
            State(request.Status?.Conditions),
            ready?.Message,
            EndedAt: EndedAt(request.Status))
        {
            Signer = request.Status is { Certificate: { } chain } status ? SignerKeys.Read(chain, status.Ca) : null,
            Shortened = request.Status?.Conditions.Find(SigningNotes.NotAfterShortened), AcmeOrigin = annotations?.Find(Annotations.AcmeOrigin),
        };
    }

    private static DateTimeOffset? EndedAt(CertificateRequestStatus? status) =>
        status?.FailureTime ?? (status?.Conditions.Find("Denied") ?? status?.Conditions.Find("InvalidRequest"))?.LastTransitionTime;

    private static string State(ValueList<Condition>? conditions) => conditions.Find("Ready") switch
    {
        { IsTrue: true } => RequestPolicy.Issued,
        { Reason: RequestPolicy.Failed } => RequestPolicy.Failed,
        { Reason: RequestPolicy.Denied } => RequestPolicy.Denied,
        _ when conditions.IsTrue("Denied") => RequestPolicy.Denied,
        _ when conditions.IsTrue("InvalidRequest") => RequestPolicy.Failed,
        _ => RequestPolicy.Pending,
    };
}
