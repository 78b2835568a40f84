using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Certificates;

/// <summary>What a Certificate's run tells people; the reasons are cert-manager's (semantics §9.2).</summary>
internal static class CertificateOccurrences
{
    private static readonly string[] Refusals = [CertificatePlan.SecretNameTaken, "VaultRefused", "RequestNameTaken"];

    public static Occurrence Issuing(CertificateAttempt attempt) =>
        Occurrence.Normal(Subject(attempt.Ticket), "Issuing", attempt.Reason.Message, $"issuing {attempt.RequestUid}");

    public static Occurrence KeyStaged(CertificateAttempt attempt, string algorithm, int sizeInBits, bool isReused) => Occurrence.Normal(
        Subject(attempt.Ticket), isReused ? "Reused" : "Generated",
        $"{(isReused ? "Staged the stored" : "Staged a new")} {algorithm} {sizeInBits} private key for revision {attempt.Revision}", $"key {attempt.RequestUid}");

    public static Occurrence Requested(CertificateAttempt attempt) =>
        Occurrence.Normal(Subject(attempt.Ticket), "Requested", $"Created CertificateRequest \"{attempt.RequestName}\"", $"request {attempt.RequestUid}");

    public static Occurrence Temporary(CertificateAttempt attempt) =>
        Occurrence.Normal(Subject(attempt.Ticket), "Issuing", "Issued temporary certificate", $"temporary {attempt.RequestUid}");

    /// <summary>How a run ended, if that is worth telling: an attempt's end once, a refusal when it is another than before.</summary>
    public static Occurrence? Ended(CertificateEnd end, CertificateStatus status)
    {
        var subject = Subject(end.Ticket);
        return end.Outcome switch
        {
            { State: "Issued" } => Occurrence.Normal(subject, "Issuing", "The certificate has been successfully issued", $"issued {end.RequestUid}"),
            { State: "Failed" } when status.Conditions.Find("Issuing") is { } failed => Occurrence.Warning(subject, failed.Reason ?? "Failed", failed.Message ?? "", $"failed {end.RequestUid}"),
            { State: "Waiting", Code: { } code, Message: { } message } when Refusals.Contains(code) => Occurrence.Warning(subject, code, message),
            _ when status.Conditions.Find("Ready") is { Reason: "WindowError" } ready => Occurrence.Warning(subject, "WindowError", ready.Message ?? ""),
            _ => null,
        };
    }

    private static EventSubject Subject(RunTicket ticket) => EventSubject.Of(CertificateKind.Kind, ticket);
}
