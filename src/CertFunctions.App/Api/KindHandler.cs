using System.Text.Json;
using System.Text.Json.Nodes;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>The typed half of the resource API: what the untyped functions call for the kind at hand.</summary>
public abstract class KindHandler
{
    public abstract ResourceKind Kind { get; }

    public abstract Task<JsonNode?> GetAsync(ResourceName name, CancellationToken cancellationToken);

    public abstract Task<IResult> WriteAsync(ResourcePath path, JsonObject body, bool createOnly, Func<RunTicket, Task> start, CancellationToken cancellationToken);

    public abstract Task<IResult> DeleteAsync(ResourceName name, Func<RunTicket, Task> start, CancellationToken cancellationToken);
}

/// <summary>The same for every kind: shape first (400), rules next (422), then the write.</summary>
public sealed class KindHandler<T>(ResourceKind<T> kind, ResourceStore store, ResourceWriter writer) : KindHandler
    where T : class, IResource<T>
{
    public override ResourceKind Kind => kind;

    public override async Task<JsonNode?> GetAsync(ResourceName name, CancellationToken cancellationToken) =>
        await store.FindAsync(kind, name, cancellationToken) is { } found ? JsonSerializer.SerializeToNode(found.Resource, kind.Json) : null;

    public override async Task<IResult> WriteAsync(
        ResourcePath path, JsonObject body, bool createOnly, Func<RunTicket, Task> start, CancellationToken cancellationToken)
    {
        var problems = new List<Violation>();
        Agree(body, "apiVersion", $"{kind.Group}/{kind.Version}", problems);
        Agree(body, "kind", kind.Kind, problems);
        if (body["metadata"] is JsonObject metadata)
        {
            if (path.Name is not null) { Agree(metadata, "name", path.Name, problems, "metadata."); }
            if (path.Namespace is not null) { Agree(metadata, "namespace", path.Namespace, problems, "metadata."); }
        }

        problems.AddRange(new BodyWalker(kind.Kind, kind.Json.Options).Walk(body, kind.Json));
        if (problems.Count > 0) { return Statuses.Malformed(problems); }

        var wanted = body.Deserialize(kind.Json)!;
        var name = wanted.Metadata.Name;
        var broken = MetadataRules.Check(wanted.Metadata, kind.IsNamespaced).Concat(kind.Rules(wanted)).ToList();
        if (broken.Count > 0) { return Statuses.Invalid(kind, name, broken); }

        var outcome = await writer.PutAsync(kind, wanted, wanted.Metadata.ResourceVersion, createOnly, start, cancellationToken);
        return outcome.State switch
        {
            "Exists" => Statuses.Exists(kind, name),
            "Conflict" => Statuses.Conflict(kind, name),
            "Forbidden" => Statuses.Invalid(kind, name, outcome.Violations!),
            "Deleting" => Statuses.Deleting(kind, name),
            var state => Statuses.Json(state == "Created" ? 201 : 200, JsonSerializer.SerializeToNode(outcome.Resource!, kind.Json)!),
        };
    }

    public override async Task<IResult> DeleteAsync(ResourceName name, Func<RunTicket, Task> start, CancellationToken cancellationToken)
    {
        var outcome = await writer.DeleteAsync(kind, name, uid: null, expectedVersion: null, start, cancellationToken);
        return outcome.State == "NotFound" ? Statuses.NotFound(kind, name.Name) : Statuses.Deleted(kind, name.Name, outcome.Resource?.Metadata.Uid);
    }

    /// <summary>What path and body both say must be the same; what only the path says is filled in.</summary>
    private static void Agree(JsonObject body, string member, string expected, List<Violation> problems, string prefix = "")
    {
        if (body[member] is null) { body[member] = expected; }
        else if (body[member]!.GetValueKind() is not JsonValueKind.String || body[member]!.GetValue<string>() != expected)
        {
            problems.Add(new(prefix + member, "FieldValueInvalid", $"expected \"{expected}\", as the path says"));
        }
    }
}
