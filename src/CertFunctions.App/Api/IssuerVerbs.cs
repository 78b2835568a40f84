using CertFunctions.App.Events;
using CertFunctions.App.Issuers;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>What a verb makes of an issuer.</summary>
/// <param name="Status">Null: it stays as it is.</param>
/// <param name="News">Reason, message, and what tells it from the next of its kind.</param>
public sealed record IssuerChange(IssuerStatus? Status, (string Reason, string Message, string Key)? News, IReadOnlyList<Violation> Refused)
{
    public static IssuerChange No(string field, string why) => new(null, null, [Violation.Forbidden(field, why)]);
}

/// <summary>The write path of verbs on either kind of issuer: index first, then the resource, then the start (design §4, rule 2).</summary>
public sealed class IssuerVerbs(VerbWriter writer, IssuerStore issuers)
{
    internal static bool IsIssuer(ResourceKind kind) => kind == IssuerKind.Kind || kind == ClusterIssuerKind.Kind;

    public Task<IResult> ChangeAsync(SubresourceCall call, Func<IssuerView, Task<IssuerChange>> change, CancellationToken cancellationToken) => call.Kind == IssuerKind.Kind
        ? writer.ChangeAsync(IssuerKind.Kind, call, expected: null, async issuer => With(
            issuer, await change(View(issuer.Kind, issuer.Metadata, issuer.Spec, issuer.Status, issuer.Metadata.Namespace!)), status => issuer with { Status = status }), cancellationToken)
        : writer.ChangeAsync(ClusterIssuerKind.Kind, call, expected: null, async issuer => With(
            issuer, await change(View(issuer.Kind, issuer.Metadata, issuer.Spec, issuer.Status, issuers.ClusterResourceNamespace)), status => issuer with { Status = status }), cancellationToken);

    private static IssuerView View(string kind, ObjectMeta metadata, IssuerSpec spec, IssuerStatus? status, string ns) =>
        new(kind, metadata, spec, status, ns, new ETag(metadata.ResourceVersion ?? ""), Due: null);

    private static VerbChange<T> With<T>(T issuer, IssuerChange change, Func<IssuerStatus, T> with)
        where T : class, IResource<T>
    {
        if (change.Status is not { } status) { return new(issuer, null, change.Refused); }

        ResourceKind kind = issuer.Metadata.Namespace is null ? ClusterIssuerKind.Kind : IssuerKind.Kind;
        var subject = EventSubject.Of(kind, issuer.Metadata.Namespace, issuer.Metadata.Name, issuer.Metadata.Uid!);
        return new(with(status), change.News is var (reason, message, key) ? Occurrence.Normal(subject, reason, message, key) : null, []);
    }
}
