using CertFunctions.App.Schedule;
using CertFunctions.Core.Resources;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>Answers one segment after a resource's name, such as <c>…/{name}/status</c>. Registered as a singleton, found by segment and kind.</summary>
public abstract class Subresource
{
    public abstract string Segment { get; }

    /// <summary>What discovery says of it, in Kubernetes' words: <c>get</c>, <c>update</c>, <c>patch</c>, <c>create</c>.</summary>
    public abstract IReadOnlyList<string> Verbs { get; }

    public abstract bool IsFor(ResourceKind kind);

    /// <summary>Must look at the method itself and answer <see cref="Statuses.MethodNotAllowed"/> to those it does not serve.</summary>
    public abstract Task<IResult> AnswerAsync(SubresourceCall call, CancellationToken cancellationToken);
}

/// <param name="Name">Well-formed; the resource may not exist.</param>
/// <param name="Start">Starts the resource's run; does nothing when the method is GET.</param>
public sealed record SubresourceCall(HttpRequest Request, ResourceKind Kind, ResourceName Name, Func<RunTicket, Task> Start);
