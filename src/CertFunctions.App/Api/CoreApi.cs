using System.Text.Json.Nodes;
using CertFunctions.App.Api.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CertFunctions.App.Api;

/// <summary>Kubernetes' core group, as far as tools need it: discovery and the few <see cref="CoreResource"/>s.</summary>
public sealed class CoreApi(IEnumerable<CoreResource> resources, RequestGate gate)
{
    private readonly Dictionary<string, CoreResource> _resources = resources.ToDictionary(each => each.Plural);

    [Function("GetCore")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/{*path}")] HttpRequest request, string? path, CancellationToken cancellationToken) =>
        gate.RunAsync(request, stop => AnswerAsync(request, path, stop), cancellationToken);

    [Function("WriteCore")]
    public Task<IResult> WriteAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "put", "patch", "delete", Route = "api/{*path}")] HttpRequest request,
        string? path, CancellationToken cancellationToken) =>
        gate.RunAsync(request, stop => AnswerAsync(request, path, stop), cancellationToken);

    private Task<IResult> AnswerAsync(HttpRequest request, string? path, CancellationToken cancellationToken) => (path ?? "").TrimEnd('/').Split('/') switch
    {
        [""] => Task.FromResult(Discovered(request, new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") })),
        ["v1"] => Task.FromResult(Discovered(request, Discovery.Core(_resources.Values))),
        ["v1", "namespaces", var ns, var plural] => AnswerAsync(request, path, plural, ns, name: null, cancellationToken),
        ["v1", "namespaces", var ns, var plural, var name] => AnswerAsync(request, path, plural, ns, name, cancellationToken),
        ["v1", var plural] => AnswerAsync(request, path, plural, ns: null, name: null, cancellationToken),
        ["v1", var plural, var name] => AnswerAsync(request, path, plural, ns: null, name, cancellationToken),
        _ => Task.FromResult(Statuses.UnknownPath("api", path)),
    };

    private Task<IResult> AnswerAsync(HttpRequest request, string? path, string plural, string? ns, string? name, CancellationToken cancellationToken) =>
        _resources.TryGetValue(plural, out var resource)
            ? resource.AnswerAsync(request, ns, name, cancellationToken)
            : Task.FromResult(Statuses.UnknownPath("api", path));

    private static IResult Discovered(HttpRequest request, JsonObject body) =>
        HttpMethods.IsGet(request.Method) ? Statuses.Json(200, body) : Statuses.MethodNotAllowed();
}
