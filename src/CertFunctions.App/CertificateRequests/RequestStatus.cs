using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.CertificateRequests;

/// <summary>How a request's status is read and written: four reasons, three of them final.</summary>
internal static class RequestStatus
{
    public const string IssuedMessage = "Certificate fetched from issuer successfully";

    public static bool IsFinal(CertificateRequest request) =>
        request.Status?.Conditions.Find("Ready")?.Reason is RequestPolicy.Issued or RequestPolicy.Failed or RequestPolicy.Denied;

    public static RequestOutcome Outcome(CertificateRequest request)
    {
        var ready = request.Status?.Conditions.Find("Ready");
        return new(ready?.Reason ?? RequestPolicy.Pending, request.Status?.FailureReason, ready?.Message, null);
    }

    /// <summary>
    /// The request with <c>Approved</c> or <c>Denied</c>, and the serial number that a CA will use: drawn once, before anything is signed (ADR 0007).
    /// </summary>
    public static CertificateRequest Decided(CertificateRequest request, Condition decision, IIds ids, DateTimeOffset now)
    {
        var annotations = request.Metadata.Annotations ?? ValueMap.Empty;
        if (IssuedLog.TrySerial(annotations.Find(Annotations.SerialNumber)) is null)
        {
            annotations = annotations.With(Annotations.SerialNumber, Convert.ToHexStringLower(ids.NewSerialNumber()));
        }

        var status = request.Status ?? new CertificateRequestStatus();
        return request with
        {
            Metadata = request.Metadata with { Annotations = annotations },
            Status = status with { Conditions = status.Conditions.With(decision, now) },
        };
    }

    /// <summary>The request with this state; itself when it has ended already, or nothing changes.</summary>
    public static CertificateRequest With(CertificateRequest request, string state, string message, DateTimeOffset now)
    {
        var ready = request.Status?.Conditions.Find("Ready");
        if (IsFinal(request) || (ready?.Reason == state && ready.Message == message)) { return request; }

        var status = request.Status ?? new CertificateRequestStatus();
        var condition = new Condition { Type = "Ready", Status = state == RequestPolicy.Issued ? "True" : "False", Reason = state, Message = message };
        return request with
        {
            Status = status with
            {
                Conditions = status.Conditions.With(condition, now),
                FailureTime = state is RequestPolicy.Failed or RequestPolicy.Denied ? status.FailureTime ?? now : status.FailureTime,
            },
        };
    }

    /// <summary>The request with an issuer's answer.</summary>
    public static CertificateRequest With(CertificateRequest request, SigningAnswer answer, DateTimeOffset now)
    {
        if (IsFinal(request)) { return request; }
        if (answer.Chain is not { } chain)
        {
            var told = With(request, answer.State, answer.Message ?? "", now);
            return answer.State is RequestPolicy.Failed ? told with { Status = told.Status! with { FailureReason = answer.Reason } } : told;
        }

        var issued = With(request, RequestPolicy.Issued, IssuedMessage, now);
        return issued with
        {
            Status = issued.Status! with
            {
                Conditions = answer.Notes.Aggregate(issued.Status.Conditions, (conditions, note) => conditions.With(Noted(note), now)),
                Certificate = Pem.WriteCertificates(chain),
                Ca = answer.Ca is { } ca ? (ReadOnlyMemory<byte>?)Pem.WriteCertificates([ca]) : null,   // without the cast null would become empty
            },
        };
    }

    private static Condition Noted(SigningNote note) => new() { Type = note.Type, Status = "True", Reason = note.Reason, Message = note.Message };
}
