using System.Text.Json.Nodes;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace CertFunctions.App.Api;

/// <summary>Every resource over HTTP, after the Kubernetes API conventions. Writes the wish; what the kind sets off fulfils it.</summary>
/// <remarks>One function per method on a catch-all: the Functions host takes the first match by function name (azure-functions-host#9876).</remarks>
public sealed class ResourceApi(
    ResourceKinds kinds, IEnumerable<KindHandler> handlers, IEnumerable<Subresource> subresources, IObjectStore objects, RunStarter starter, TimeProvider time)
{
    private const int MostReads = 16;

    private readonly Dictionary<string, KindHandler> _handlers = handlers.ToDictionary(handler => handler.Kind.Plural);

    /// <summary>Reads one resource, a list (a Table when asked for), a subresource, or discovery.</summary>
    [Function("GetResource")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "apis/{*path}")] HttpRequest request, string? path, CancellationToken cancellationToken)
    {
        if (ResourcePath.TryParse(path) is { Plural: null } place)
        {
            return Discovery.Of(kinds, subresources, place) is { } discovery ? Statuses.Json(200, discovery) : Statuses.UnknownPath("apis", path);
        }

        if (Find(path, out var target) is not { } handler) { return Statuses.UnknownPath("apis", path); }
        if (target.Name is null) { return await ListAsync(handler, target, request, cancellationToken); }
        if (!target.IsWellFormed) { return Statuses.NotFound(handler.Kind, target.Name); }
        if (target.Subresource is not null) { return await SubresourceAsync(request, handler, target, _ => Task.CompletedTask, cancellationToken); }

        var found = await handler.GetAsync(target.ResourceName, cancellationToken);
        if (found is null) { return Statuses.NotFound(handler.Kind, target.Name); }
        if (!WantsTable(request)) { return Statuses.Json(200, found); }

        var name = handler.Kind.ObjectName(target.ResourceName);
        var page = await objects.ListAsync(name, from: null, continuation: null, pageSize: 1, cancellationToken);
        return Statuses.Json(200, Tables.Of(handler.Kind, page.Entries.Where(entry => entry.Name == name), continuation: null, time.GetUtcNow()));
    }

    /// <summary>Creates or replaces one resource.</summary>
    /// <response code="200">Stored (201 if new); what follows is under way and shows in <c>status</c>.</response>
    /// <response code="409">Somebody changed it at the same time. Read and try again.</response>
    /// <response code="422">The spec breaks a rule; the body, a Status, names every field at fault.</response>
    [Function("PutResource")]
    public Task<IResult> PutAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "apis/{*path}")] HttpRequest request,
        string? path, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        OnOneAsync(request, path, client, (handler, target, start) => WriteAsync(request, handler, target, createOnly: false, start, cancellationToken), cancellationToken);

    /// <summary>Creates one resource; 409 when the name is taken.</summary>
    [Function("PostResource")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "apis/{*path}")] HttpRequest request,
        string? path, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (Find(path, out var target) is not { } handler) { return Statuses.UnknownPath("apis", path); }

        var start = Start(handler, client, cancellationToken);
        if (target.Subresource is not null) { return await SubresourceAsync(request, handler, target, start, cancellationToken); }

        return target.Name is null ? await WriteAsync(request, handler, target, createOnly: true, start, cancellationToken) : Statuses.MethodNotAllowed();
    }

    /// <summary>Changes part of one resource.</summary>
    [Function("PatchResource")]
    public Task<IResult> PatchAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = "apis/{*path}")] HttpRequest request,
        string? path, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        OnOneAsync(request, path, client, (_, _, _) => Task.FromResult(Statuses.MethodNotAllowed()), cancellationToken);

    /// <summary>Marks one resource as going away; it is gone when its run has cleaned up.</summary>
    [Function("DeleteResource")]
    public Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "apis/{*path}")] HttpRequest request,
        string? path, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        OnOneAsync(request, path, client, (handler, target, start) => handler.DeleteAsync(target.ResourceName, start, cancellationToken), cancellationToken);

    /// <summary>The dispatch of every method that needs a name: to the subresource if the path has one, else to <paramref name="act"/>.</summary>
    private async Task<IResult> OnOneAsync(
        HttpRequest request, string? path, DurableTaskClient client,
        Func<KindHandler, ResourcePath, Func<RunTicket, Task>, Task<IResult>> act, CancellationToken cancellationToken)
    {
        if (Find(path, out var target) is not { } handler) { return Statuses.UnknownPath("apis", path); }
        if (target.Name is null) { return Statuses.MethodNotAllowed(); }
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
        var (body, refusal) = await BodyReader.ReadObjectAsync(request, cancellationToken);
        return refusal ?? await handler.WriteAsync(target, body!, createOnly, start, cancellationToken);
    }

    private async Task<IResult> ListAsync(KindHandler handler, ResourcePath target, HttpRequest request, CancellationToken cancellationToken)
    {
        var prefix = target.Namespace is null ? handler.Kind.ObjectPrefix : $"{handler.Kind.ObjectPrefix}{target.Namespace}/";
        var limit = int.TryParse(request.Query["limit"], System.Globalization.CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(asked, 1, 1000) : 1000;
        var page = await objects.ListAsync(prefix, from: null, request.Query["continue"].FirstOrDefault(), limit, cancellationToken);
        if (WantsTable(request)) { return Statuses.Json(200, Tables.Of(handler.Kind, page.Entries, page.Continuation, time.GetUtcNow())); }

        var items = new JsonNode?[page.Entries.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MostReads, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, items.Length, parallel, async (index, stop) =>
        {
            var parts = page.Entries[index].Name.Split('/');
            items[index] = await handler.GetAsync(new ResourceName(parts[^2] == "_" ? null : parts[^2], parts[^1]), stop);
        });

        var metadata = new JsonObject { ["resourceVersion"] = "" };
        if (page.Continuation is not null) { metadata["continue"] = page.Continuation; }
        return Statuses.Json(200, new JsonObject
        {
            ["kind"] = handler.Kind.Kind + "List",
            ["apiVersion"] = $"{handler.Kind.Group}/{handler.Kind.Version}",
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. items.Where(item => item is not null)]),
        });
    }

    /// <summary>The kind that a path names, in its scope; null when there is none.</summary>
    private KindHandler? Find(string? path, out ResourcePath target)
    {
        target = ResourcePath.TryParse(path)!;
        if (target is not { Plural: { } plural } || !_handlers.TryGetValue(plural, out var handler)) { return null; }

        var kind = handler.Kind;
        var isInScope = target.Namespace is null ? !kind.IsNamespaced || target.Name is null : kind.IsNamespaced;
        return kind.Group == target.Group && kind.Version == target.Version && isInScope ? handler : null;
    }

    private Func<RunTicket, Task> Start(KindHandler handler, DurableTaskClient client, CancellationToken cancellationToken) =>
        ticket => starter.StartAsync(client, handler.Kind, ticket, cancellationToken);

    private static bool WantsTable(HttpRequest request) => request.Headers.Accept.ToString().Contains("as=Table", StringComparison.Ordinal);
}
