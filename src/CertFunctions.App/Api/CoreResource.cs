using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>A kind of Kubernetes' core group that tools ask for beside ours: namespaces, events. Registered as a singleton, found by its plural.</summary>
public abstract class CoreResource
{
    public abstract string Plural { get; }

    /// <summary>Its entry in <c>/api/v1</c>.</summary>
    public abstract JsonObject Entry { get; }

    /// <summary>Must look at the method itself and answer <see cref="Statuses.MethodNotAllowed"/> to those it does not serve.</summary>
    /// <param name="ns">Null: of all namespaces.</param>
    /// <param name="name">Null: a list.</param>
    public abstract Task<IResult> AnswerAsync(HttpRequest request, string? ns, string? name, CancellationToken cancellationToken);
}
