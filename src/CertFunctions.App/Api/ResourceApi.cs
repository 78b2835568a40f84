using CertFunctions.App.Api.Limits;
using CertFunctions.App.Api.Lists;
using CertFunctions.App.Api.Patches;
using CertFunctions.App.Api.Watches;
using CertFunctions.App.Schedule;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace CertFunctions.App.Api;

/// <summary>Every resource over HTTP, after the Kubernetes API conventions. Writes the wish; what the kind sets off fulfils it.</summary>
/// <remarks>One function per method on a catch-all: the Functions host takes the first match by function name (azure-functions-host#9876).</remarks>
public sealed class ResourceApi(
    ResourceKinds kinds, IEnumerable<KindHandler> handlers, IEnumerable<Subresource> subresources, ResourceLists lists, ResourceWatches watches, RequestGate gate, RunStarter starter)
{
    private readonly Dictionary<string, KindHandler> _handlers = handlers.ToDictionary(handler => handler.Kind.Plural);

    /// <summary>Reads one resource, a list (a Table when asked for), a subresource, or discovery.</summary>
    [Function("GetResource")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "apis/{*path}")] HttpRequest request, string? path, CancellationToken cancellationToken) =>
        gate.RunAsync(request, stop => FindAsync(request, path, stop), cancellationToken);

    /// <summary>Creates or replaces one resource.</summary>
    /// <response code="200">Stored (201 if new); what follows is under way and shows in <c>status</c>.</response>
    /// <response code="409">Somebody changed it at the same time. Read and try again.</response>
    /// <response code="422">The spec breaks a rule; the body, a Status, names every field at fault.</response>
    [Function("PutResource")]
    public Task<IResult> PutAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "apis/{*path}")] HttpRequest request,
        string? path, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        gate.RunAsync(request, stop => OnOneAsync(request, path, client, (handler, target, start) => WriteAsync(request, handler, target, createOnly: false, start, stop), stop), cancellationToken);

    /// <summary>Creates one resource; 409 when the name is taken.</summary>
    [Function("PostResource")]
    public Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "apis/{*path}")] HttpRequest request,
        string? path, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        gate.RunAsync(request, stop => CreateAsync(request, path, client, stop), cancellationToken);

    /// <summary>Changes part of one resource.</summary>
    [Function("PatchResource")]
    public Task<IResult> PatchAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = "apis/{*path}")] HttpRequest request,
        string? path, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        gate.RunAsync(request, stop => OnOneAsync(request, path, client, (handler, target, start) => PatchAsync(request, handler, target, start, stop), stop), cancellationToken);

    /// <summary>Marks one resource as going away; it is gone when its run has cleaned up.</summary>
    [Function("DeleteResource")]
    public Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "apis/{*path}")] HttpRequest request,
        string? path, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        gate.RunAsync(request, stop => OnOneAsync(request, path, client, (handler, target, start) => DeleteAsync(request, handler, target, start, stop), stop), cancellationToken);

    private async Task<IResult> FindAsync(HttpRequest request, string? path, CancellationToken cancellationToken)
    {
        if (ResourcePath.TryParse(path) is { Plural: null } place)
        {
            return Discovery.Of(kinds, subresources, place) is { } discovery ? Statuses.Json(200, discovery) : Statuses.UnknownPath("apis", path);
        }

        if (Find(path, out var target) is not { } handler) { return Statuses.UnknownPath("apis", path); }
        if (request.Query.ContainsKey("wait") && target.IsWellFormed && target.Subresource is null)
        {
            if (await watches.WaitAsync(handler, target, request, cancellationToken) is { } refusal) { return refusal; }
        }

        if (target.Name is null && RequestGate.IsWatch(request.Query)) { return watches.Watch(handler, target, request); }
        if (target.Name is null) { return await lists.ListAsync(handler, target.Namespace, request, cancellationToken); }
        if (!target.IsWellFormed) { return Statuses.NotFound(handler.Kind, target.Name); }
        if (target.Subresource is not null) { return await SubresourceAsync(request, handler, target, _ => Task.CompletedTask, cancellationToken); }
        if (Tables.IsWanted(request)) { return await lists.OneAsync(handler, target.ResourceName, request, cancellationToken); }

        return await handler.GetAsync(target.ResourceName, cancellationToken) is { } found ? Statuses.Json(200, found) : Statuses.NotFound(handler.Kind, target.Name);
    }

    private async Task<IResult> CreateAsync(HttpRequest request, string? path, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (Find(path, out var target) is not { } handler) { return Statuses.UnknownPath("apis", path); }
        if (handler.Kind.IsReadOnly) { return Statuses.MethodNotAllowed(); }

        var start = Start(handler, client, cancellationToken);
        if (target.Subresource is not null) { return await SubresourceAsync(request, handler, target, start, cancellationToken); }

        return target.Name is null ? await WriteAsync(request, handler, target, createOnly: true, start, cancellationToken) : Statuses.MethodNotAllowed();
    }

    /// <summary>The dispatch of every method that needs a name: to the subresource if the path has one, else to <paramref name="act"/>.</summary>
    private async Task<IResult> OnOneAsync(
        HttpRequest request, string? path, DurableTaskClient client,
        Func<KindHandler, ResourcePath, Func<RunTicket, Task>, Task<IResult>> act, CancellationToken cancellationToken)
    {
        if (Find(path, out var target) is not { } handler) { return Statuses.UnknownPath("apis", path); }
        if (target.Name is null || handler.Kind.IsReadOnly) { return Statuses.MethodNotAllowed(); }
        if (!target.IsWellFormed && !HttpMethods.IsPut(request.Method)) { return Statuses.NotFound(handler.Kind, target.Name); }   // a PUT is told which rule its name breaks

        var start = Start(handler, client, cancellationToken);
        return target.Subresource is null ? await act(handler, target, start) : await SubresourceAsync(request, handler, target, start, cancellationToken);
    }

    private async Task<IResult> SubresourceAsync(
        HttpRequest request, KindHandler handler, ResourcePath target, Func<RunTicket, Task> start, CancellationToken cancellationToken)
    {
        var found = subresources.FirstOrDefault(each => each.Segment == target.Subresource && each.IsFor(handler.Kind));
        return found is null || !target.IsWellFormed
            ? Statuses.NotFound(handler.Kind, $"{target.Name}/{target.Subresource}")
            : await found.AnswerAsync(new SubresourceCall(request, handler.Kind, target.ResourceName, start), cancellationToken);
    }

    private static async Task<IResult> WriteAsync(
        HttpRequest request, KindHandler handler, ResourcePath target, bool createOnly, Func<RunTicket, Task> start, CancellationToken cancellationToken)
    {
        if (WriteOptions.TryParse(request.Query, out var refusal) is not { } options) { return refusal!; }

        (var body, refusal) = await BodyReader.ReadObjectAsync(request, handler.Kind.BodyLimit, cancellationToken);
        return refusal ?? await handler.WriteAsync(target, body!, createOnly, options, start, cancellationToken);
    }

    private static async Task<IResult> PatchAsync(
        HttpRequest request, KindHandler handler, ResourcePath target, Func<RunTicket, Task> start, CancellationToken cancellationToken)
    {
        if (WriteOptions.TryParse(request.Query, out var refusal) is not { } options) { return refusal!; }
        if (BodyReader.MediaType(request) is not { } media || !Patch.MediaTypes.Contains(media)) { return Statuses.UnsupportedMediaType([.. Patch.MediaTypes]); }
        if (await BodyReader.ReadAsync(request, handler.Kind.BodyLimit, cancellationToken) is not { } bytes) { return Statuses.TooLarge(handler.Kind.BodyLimit); }

        return Patch.TryParse(media, bytes, out var problem) is { } patch
            ? await handler.PatchAsync(target, patch, options, start, cancellationToken)
            : Statuses.BadRequest("The patch cannot be read", [problem!]);
    }

    private static async Task<IResult> DeleteAsync(
        HttpRequest request, KindHandler handler, ResourcePath target, Func<RunTicket, Task> start, CancellationToken cancellationToken)
    {
        var (options, refusal) = await DeleteOptions.ReadAsync(request, cancellationToken);
        return refusal ?? await handler.DeleteAsync(target.ResourceName, options!, start, cancellationToken);
    }

    /// <summary>The kind that a path names, in its scope; null when there is none.</summary>
    private KindHandler? Find(string? path, out ResourcePath target)
    {
        target = ResourcePath.TryParse(path)!;
        if (target is not { Plural: { } plural } || !_handlers.TryGetValue(plural, out var handler)) { return null; }

        var kind = handler.Kind;
        var isInScope = target.Namespace is null ? !kind.IsNamespaced || target.Name is null : kind.IsNamespaced;
        return kind.IsServedAs(target.Group, target.Version) && isInScope ? handler : null;
    }

    private Func<RunTicket, Task> Start(KindHandler handler, DurableTaskClient client, CancellationToken cancellationToken) =>
        ticket => starter.StartAsync(client, handler.Kind, ticket, cancellationToken);
}
