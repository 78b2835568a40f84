using CertFunctions.App.Events;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.CertificateRequests;

/// <summary>What is told of a CertificateRequest (semantics §9.2).</summary>
internal static class RequestOccurrences
{
    public static Occurrence Approved(RequestTicket ticket, Condition approval) =>
        Occurrence.Normal(Subject(ticket), approval.Reason!, approval.Message!, approval.Type);

    /// <summary>An end is told once, whatever it says when it is repeated; a wait when it is another one than before.</summary>
    public static Occurrence Told(RequestTicket ticket, string state, string? code, string? message) => state switch
    {
        RequestPolicy.Issued => Occurrence.Normal(Subject(ticket), "CertificateIssued", RequestStatus.IssuedMessage, state),
        RequestPolicy.Pending => Occurrence.Normal(Subject(ticket), code ?? state, message ?? ""),
        _ => Occurrence.Warning(Subject(ticket), code ?? state, message ?? "", state),
    };

    private static EventSubject Subject(RequestTicket ticket) => EventSubject.Of(CertificateRequestKind.Kind, ticket.Namespace, ticket.Name, ticket.Uid);
}
