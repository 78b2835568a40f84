using System.Text.Json.Nodes;
using CertFunctions.App.Api;
using CertFunctions.App.Api.Lists;
using CertFunctions.App.Api.Patches;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Bundles.Sources;

/// <summary>ConfigMaps over HTTP, so that trust-manager's manifests apply unchanged. Only those of the trust namespace: nothing else is done with them.</summary>
public sealed class ConfigMaps(ConfigMapStore store, BundleIndex bundles, IIds ids, TimeProvider time) : CoreResource
{
    // JSON escapes each line's end, and kubectl apply sends all of it a second time as an annotation.
    private const int BodyLimit = 3 * 1024 * 1024;

    private const string Strategic = "application/strategic-merge-patch+json";
    private const string Merge = "application/merge-patch+json";

    public override string Plural => "configmaps";

    public override JsonObject Entry => new()
    {
        ["name"] = Plural, ["singularName"] = "configmap", ["namespaced"] = true, ["kind"] = "ConfigMap",
        ["verbs"] = new JsonArray("create", "delete", "get", "list", "patch", "update"), ["shortNames"] = new JsonArray("cm"),
    };

    public override async Task<IResult> AnswerAsync(HttpRequest request, string? ns, string? name, CancellationToken cancellationToken)
    {
        if (name is not null && !MetadataRules.IsSubdomain(name)) { return Statuses.NotFound("", Plural, name); }
        if (HttpMethods.IsGet(request.Method))
        {
            return request.Query["watch"].FirstOrDefault() is "true" or "1" || (ns is null && name is not null) ? Statuses.MethodNotAllowed()
                : name is null ? await ListAsync(request, ns, cancellationToken) : await GetAsync(ns!, name, cancellationToken);
        }

        if (ns is null) { return Statuses.MethodNotAllowed(); }
        if (ns != store.Namespace)
        {
            return Statuses.BadRequest($"ConfigMaps are kept as sources of Bundles only, which read the namespace {store.Namespace} (setting ClusterResourceNamespace), not {ns}.");
        }

        if (WriteOptions.TryParse(request.Query, out var refusal) is not { } options) { return refusal!; }

        return (request.Method, name) switch
        {
            ("POST", null) or ("PUT", not null) => await PutAsync(request, name, options, cancellationToken),
            ("PATCH", not null) => await PatchAsync(request, name, options, cancellationToken),
            ("DELETE", not null) => await DeleteAsync(request, name, cancellationToken),
            _ => Statuses.MethodNotAllowed(),
        };
    }

    private async Task<IResult> ListAsync(HttpRequest request, string? ns, CancellationToken cancellationToken)
    {
        if (LabelSelector.TryParse(request.Query["labelSelector"]) is not { } labels) { return Statuses.BadRequest("The labelSelector cannot be read."); }

        const string ByName = "metadata.name=";
        var fields = request.Query["fieldSelector"].FirstOrDefault() ?? "";
        if (fields.Length > 0 && !fields.StartsWith(ByName, StringComparison.Ordinal)) { return Statuses.BadRequest("ConfigMaps are selected by metadata.name alone."); }

        var found = ns is null || ns == store.Namespace ? await store.ListAsync(labels.Matches, cancellationToken) : [];
        return Statuses.Json(200, new JsonObject
        {
            ["kind"] = "ConfigMapList", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["resourceVersion"] = "" },
            ["items"] = new JsonArray([.. found.Where(each => fields.Length == 0 || each.Map.Name == fields[ByName.Length..]).Select(each => each.Map.ToJson(each.Version.Value))]),
        });
    }

    private async Task<IResult> GetAsync(string ns, string name, CancellationToken cancellationToken) =>
        ns == store.Namespace && await store.FindAsync(name, cancellationToken) is var (map, version) ? Statuses.Json(200, map.ToJson(version.Value)) : Statuses.NotFound("", Plural, name);

    private async Task<IResult> PutAsync(HttpRequest request, string? name, WriteOptions options, CancellationToken cancellationToken)
    {
        var (body, refusal) = await BodyReader.ReadObjectAsync(request, BodyLimit, cancellationToken);
        return refusal ?? await WriteAsync(name, isNewOnly: name is null, _ => (body, null), options, cancellationToken);
    }

    private async Task<IResult> PatchAsync(HttpRequest request, string name, WriteOptions options, CancellationToken cancellationToken)
    {
        // kubectl knows ConfigMaps and sends its own merge: without lists, which are what it is for, it is RFC 7386.
        string[] types = [.. Patch.MediaTypes, Strategic];
        if (BodyReader.MediaType(request) is not { } media || !types.Contains(media)) { return Statuses.UnsupportedMediaType(types); }
        if (await BodyReader.ReadAsync(request, BodyLimit, cancellationToken) is not { } bytes) { return Statuses.TooLarge(BodyLimit); }
        if (Patch.TryParse(media == Strategic ? Merge : media, bytes, out var unreadable) is not { } patch) { return Statuses.BadRequest("The patch cannot be read", [unreadable!]); }

        return await WriteAsync(name, isNewOnly: false, current =>
        {
            if (current is null && !patch.MayCreate) { return (null, Statuses.NotFound("", Plural, name)); }

            var (patched, problem) = patch.Apply(current);
            return problem is null ? (patched, null) : (null, Statuses.BadRequest("The patch does not fit", [problem.Violation]));
        }, options, cancellationToken);
    }

    /// <summary>Starts over when somebody else was faster, unless the body says on which version it rests.</summary>
    /// <param name="next">The wish, made of what is there.</param>
    private async Task<IResult> WriteAsync(
        string? name, bool isNewOnly, Func<JsonObject?, (JsonObject? Body, IResult? Refusal)> next, WriteOptions options, CancellationToken cancellationToken)
    {
        while (true)
        {
            var current = name is null ? null : await store.FindAsync(name, cancellationToken);
            var (body, refusal) = next(current?.Map.ToJson(version: null));
            if (refusal is not null) { return refusal; }

            var (wish, violations) = ConfigMap.Read(body!, store.Namespace, name, options.Validation);
            if (violations.Count > 0) { return Statuses.Malformed(violations); }

            name ??= wish.Name;
            current ??= await store.FindAsync(name, cancellationToken);
            var based = (body!["metadata"] as JsonObject)?["resourceVersion"]?.ToString() is { Length: > 0 } given ? given : null;
            if (isNewOnly && current is not null) { return Statuses.Exists("", Plural, name); }
            if (based is not null && based != current?.Version.Value) { return Statuses.Conflict("", Plural, name); }

            var map = wish with { Uid = current?.Map.Uid ?? ids.NewUid(), Created = current?.Map.Created ?? time.GetUtcNow() };
            if (options.IsDryRun) { return Statuses.Json(current is null ? 201 : 200, map.ToJson(current?.Version.Value)); }

            // Filed first: a Bundle that is looked at in vain costs nothing, one that misses a change trusts the wrong CA.
            await bundles.WakeAllAsync(client: null, cancellationToken);
            if (await store.PutAsync(map, current?.Version, cancellationToken) is { } version) { return Statuses.Json(current is null ? 201 : 200, map.ToJson(version.Value)); }
        }
    }

    private async Task<IResult> DeleteAsync(HttpRequest request, string name, CancellationToken cancellationToken)
    {
        var (options, refusal) = await DeleteOptions.ReadAsync(request, cancellationToken);
        if (refusal is not null) { return refusal; }

        while (true)
        {
            if (await store.FindAsync(name, cancellationToken) is not var (map, version)) { return Statuses.NotFound("", Plural, name); }
            if ((options!.Uid ?? map.Uid) != map.Uid || (options.ResourceVersion ?? version.Value) != version.Value) { return Statuses.Conflict("", Plural, name); }
            if (!options.IsDryRun) { await bundles.WakeAllAsync(client: null, cancellationToken); }
            if (options.IsDryRun || await store.DeleteAsync(name, version, cancellationToken)) { return Statuses.Json(200, map.ToJson(version.Value)); }
        }
    }
}
