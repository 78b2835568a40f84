using CertFunctions.App.Api;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Events;

/// <summary>The resource that something happened to.</summary>
public sealed record EventSubject(string Kind, string Plural, string ApiVersion, string? Namespace, string Name, string Uid)
{
    public const string Prefix = "events/";

    /// <summary>Where its events are kept; one object a resource.</summary>
    public string ObjectName => ObjectNameOf(Plural, new ResourceName(Namespace, Name));

    public static EventSubject Of(ResourceKind kind, RunTicket ticket) => Of(kind, ticket.Namespace, ticket.Name, ticket.Uid);

    public static EventSubject Of(ResourceKind kind, string? ns, string name, string uid) => new(kind.Kind, kind.Plural, $"{kind.Group}/{kind.Version}", ns, name, uid);

    public static string ObjectNameOf(string plural, ResourceName name) => $"{PrefixOf(name.Namespace)}{plural}/{name.Name}";

    /// <summary>All events of one namespace; null: of the cluster-scoped kinds.</summary>
    public static string PrefixOf(string? ns) => $"{Prefix}{ns ?? "_"}/";
}

/// <summary>One decision, as it is told to people.</summary>
/// <param name="Reason">One of cert-manager's where it has one (semantics §9.2).</param>
/// <param name="Key">Names the decision, so that repeating the activity that took it records nothing more; null: it is news only if the newest event says something else.</param>
public sealed record Occurrence(EventSubject Subject, bool IsWarning, string Reason, string Message, string? Key)
{
    public static Occurrence Normal(EventSubject subject, string reason, string message, string? key = null) => new(subject, IsWarning: false, reason, message, key);

    public static Occurrence Warning(EventSubject subject, string reason, string message, string? key = null) => new(subject, IsWarning: true, reason, message, key);
}
