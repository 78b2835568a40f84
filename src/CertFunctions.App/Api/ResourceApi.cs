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
public sealed class ResourceApi(ResourceKinds kinds, IEnumerable<KindHandler> handlers, IObjectStore objects, RunStarter starter, TimeProvider time)
{
    private const int MostReads = 16;

    private readonly Dictionary<string, KindHandler> _handlers = handlers.ToDictionary(handler => handler.Kind.Plural);

    /// <summary>Reads one resource, a list (a Table when asked for), or discovery.</summary>
    [Function("GetResource")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "apis/{*path}")] HttpRequest request, string? path, CancellationToken cancellationToken)
    {
        if (ResourcePath.TryParse(path) is not { } target) { return Statuses.UnknownPath(path); }
        if (target.Group is null) { return Statuses.Json(200, Discovery.Groups(kinds)); }
        if (target.Plural is null) { return Statuses.Json(200, Discovery.Resources(kinds, target.Group, target.Version!)); }
        if (Find(target) is not { } handler) { return Statuses.UnknownPath(path); }
        if (target.Name is null) { return await ListAsync(handler, target, request, cancellationToken); }

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
        WriteAsync(request, path, createOnly: false, client, cancellationToken);

    /// <summary>Creates one resource; 409 when the name is taken.</summary>
    [Function("PostResource")]
    public Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "apis/{*path}")] HttpRequest request,
        string? path, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        WriteAsync(request, path, createOnly: true, client, cancellationToken);

    /// <summary>Marks one resource as going away; it is gone when its run has cleaned up.</summary>
    [Function("DeleteResource")]
    public async Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "apis/{*path}")] HttpRequest request,
        string? path, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (ResourcePath.TryParse(path) is not { Plural: not null } target || Find(target) is not { } handler) { return Statuses.UnknownPath(path); }
        if (target.Name is null) { return Statuses.MethodNotAllowed(); }

        return await handler.DeleteAsync(target.ResourceName, Start(handler, client, cancellationToken), cancellationToken);
    }

    private async Task<IResult> WriteAsync(HttpRequest request, string? path, bool createOnly, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (ResourcePath.TryParse(path) is not { Plural: not null } target || Find(target) is not { } handler) { return Statuses.UnknownPath(path); }
        if (createOnly != (target.Name is null)) { return Statuses.MethodNotAllowed(); }
        if (await BodyReader.ReadAsync(request, cancellationToken) is not { } bytes) { return Statuses.TooLarge(BodyReader.Limit); }

        var isYaml = request.ContentType?.Contains("yaml", StringComparison.OrdinalIgnoreCase) ?? false;
        if (BodyReader.Parse(bytes, isYaml, out var problem) is not { } body) { return Statuses.Malformed([problem!]); }

        return await handler.WriteAsync(target, body, createOnly, Start(handler, client, cancellationToken), cancellationToken);
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

    private KindHandler? Find(ResourcePath target) =>
        _handlers.GetValueOrDefault(target.Plural!) is { } handler && handler.Kind.Group == target.Group && handler.Kind.Version == target.Version
            && (target.Name is null || handler.Kind.IsNamespaced == target.Namespace is not null) ? handler : null;

    private Func<RunTicket, Task> Start(KindHandler handler, DurableTaskClient client, CancellationToken cancellationToken) =>
        ticket => starter.StartAsync(client, handler.Kind, ticket, cancellationToken);

    private static bool WantsTable(HttpRequest request) => request.Headers.Accept.ToString().Contains("as=Table", StringComparison.Ordinal);
}
