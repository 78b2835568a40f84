using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CertFunctions.App.Api.Patches;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>The typed half of the resource API: what the untyped functions call for the kind at hand.</summary>
public abstract class KindHandler
{
    public abstract ResourceKind Kind { get; }

    /// <summary>The kind's JSON, for descriptions.</summary>
    public abstract JsonTypeInfo Shape { get; }

    public abstract Task<JsonNode?> GetAsync(ResourceName name, CancellationToken cancellationToken);

    public abstract Task<IResult> WriteAsync(
        ResourcePath path, JsonObject body, bool createOnly, WriteOptions options, Func<RunTicket, Task> start, CancellationToken cancellationToken);

    public abstract Task<IResult> PatchAsync(ResourcePath path, Patch patch, WriteOptions options, Func<RunTicket, Task> start, CancellationToken cancellationToken);

    public abstract Task<IResult> DeleteAsync(ResourceName name, DeleteOptions options, Func<RunTicket, Task> start, CancellationToken cancellationToken);
}

/// <summary>The same for every kind: shape first (400), rules next (422), then the write.</summary>
public sealed class KindHandler<T>(ResourceKind<T> kind, ResourceStore store, ResourceWriter writer, IIds ids) : KindHandler
    where T : class, IResource<T>
{
    private const int MostAttempts = 5;
    private const int LongestGenerated = 58;   // with five more it is what fits a label

    public override ResourceKind Kind => kind;

    public override JsonTypeInfo Shape => kind.Json;

    public override async Task<JsonNode?> GetAsync(ResourceName name, CancellationToken cancellationToken) =>
        await store.FindAsync(kind, name, cancellationToken) is { } found ? JsonSerializer.SerializeToNode(found.Resource, kind.Json) : null;

    public override async Task<IResult> WriteAsync(
        ResourcePath path, JsonObject body, bool createOnly, WriteOptions options, Func<RunTicket, Task> start, CancellationToken cancellationToken)
    {
        if (createOnly) { GenerateName(body); }

        var read = Read(path, body, options);
        if (read.Wanted is not { } wanted) { return read.Refusal!; }

        var outcome = await PutAsync(wanted, wanted.Metadata.ResourceVersion, createOnly, options, start, cancellationToken);
        return new Warned(Answer(wanted.Metadata.Name, outcome), read.Warnings);
    }

    /// <summary>Read, patch, write on what was read; again when somebody wrote in between, unless the patch itself names a version.</summary>
    public override async Task<IResult> PatchAsync(
        ResourcePath path, Patch patch, WriteOptions options, Func<RunTicket, Task> start, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var found = await store.FindAsync(kind, path.ResourceName, cancellationToken);
            if (found is null && !patch.MayCreate) { return Statuses.NotFound(kind, path.Name!); }

            var current = found is null ? null : (JsonObject?)JsonSerializer.SerializeToNode(found.Resource, kind.Json);
            var (patched, problem) = patch.Apply(current);
            if (patched is null) { return problem!.IsTest ? Statuses.Invalid(kind, path.Name!, [problem.Violation]) : Statuses.BadRequest("The patch cannot be applied", [problem.Violation]); }

            var read = Read(path, patched, options);
            if (read.Wanted is not { } wanted) { return read.Refusal!; }

            var asked = wanted.Metadata.ResourceVersion;
            var outcome = await PutAsync(wanted, asked ?? found?.Version.Value, createOnly: found is null && asked is null, options, start, cancellationToken);
            var isRace = outcome.State is "Conflict" or "Exists" && (asked is null || asked == found?.Version.Value);
            if (!isRace || attempt == MostAttempts) { return new Warned(Answer(path.Name!, outcome), read.Warnings); }
        }
    }

    public override async Task<IResult> DeleteAsync(
        ResourceName name, DeleteOptions options, Func<RunTicket, Task> start, CancellationToken cancellationToken)
    {
        var outcome = options.IsDryRun
            ? await PreviewDeleteAsync(name, options, cancellationToken)
            : await writer.DeleteAsync(kind, name, options.Uid, options.ResourceVersion, start, cancellationToken);
        return outcome.State switch
        {
            "NotFound" => Statuses.NotFound(kind, name.Name),
            "Conflict" => Statuses.Precondition(kind, name.Name),
            _ => Statuses.Deleted(kind, name.Name, outcome.Resource?.Metadata.Uid),
        };
    }

    private async Task<WriteOutcome<T>> PreviewDeleteAsync(ResourceName name, DeleteOptions options, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(kind, name, cancellationToken) is not { } found) { return new("NotFound", Resource: null); }

        var meets = (options.Uid ?? found.Resource.Metadata.Uid) == found.Resource.Metadata.Uid && (options.ResourceVersion ?? found.Version.Value) == found.Version.Value;
        return new(meets ? "Deleting" : "Conflict", found.Resource);
    }

    private Task<WriteOutcome<T>> PutAsync(
        T wanted, string? expectedVersion, bool createOnly, WriteOptions options, Func<RunTicket, Task> start, CancellationToken cancellationToken) => options.IsDryRun
        ? writer.PreviewAsync(kind, wanted, expectedVersion, createOnly, cancellationToken)
        : writer.PutAsync(kind, wanted, expectedVersion, createOnly, start, cancellationToken);

    private IResult Answer(string name, WriteOutcome<T> outcome) => outcome.State switch
    {
        "Exists" => Statuses.Exists(kind, name),
        "Conflict" => Statuses.Conflict(kind, name),
        "Forbidden" => Statuses.Invalid(kind, name, outcome.Violations!),
        "Deleting" => Statuses.Deleting(kind, name),
        var state => Statuses.Json(state == "Created" ? 201 : 200, JsonSerializer.SerializeToNode(outcome.Resource!, kind.Json)!),
    };

    private (T? Wanted, IResult? Refusal, IReadOnlyList<string> Warnings) Read(ResourcePath path, JsonObject body, WriteOptions options)
    {
        var problems = new List<Violation>();
        Agree(body, "apiVersion", $"{path.Group ?? kind.Group}/{path.Version ?? kind.Version}", problems);
        Agree(body, "kind", kind.Kind, problems);
        if (body["metadata"] is JsonObject metadata)
        {
            if (path.Name is not null) { Agree(metadata, "name", path.Name, problems, "metadata."); }
            if (path.Namespace is not null) { Agree(metadata, "namespace", path.Namespace, problems, "metadata."); }
            if (metadata["resourceVersion"] is JsonValue version && version.TryGetValue<string>(out var text) && text.Length == 0) { metadata.Remove("resourceVersion"); }
        }

        var walker = new BodyWalker(kind.Kind, kind.Json.Options, options.Validation);
        problems.AddRange(walker.Walk(body, kind.Json));
        if (problems.Count > 0) { return (null, Statuses.Malformed(problems), []); }

        var wanted = body.Deserialize(kind.Json)!;
        var broken = MetadataRules.Check(wanted.Metadata, kind.IsNamespaced).Concat(kind.Rules(wanted)).ToList();
        return broken.Count > 0 ? (null, new Warned(Statuses.Invalid(kind, wanted.Metadata.Name, broken), walker.Warnings), []) : (wanted, null, walker.Warnings);
    }

    /// <summary><c>metadata.generateName</c> and five characters, when a new resource has no name of its own.</summary>
    private void GenerateName(JsonObject body)
    {
        if (body["metadata"] is not JsonObject metadata || metadata["name"] is not null) { return; }
        if (metadata["generateName"] is not JsonValue value || !value.TryGetValue<string>(out var prefix) || prefix.Length == 0) { return; }

        metadata["name"] = (prefix.Length > LongestGenerated ? prefix[..LongestGenerated] : prefix) + ids.NewUid()[..5];
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
