using System.Text.Json.Nodes;
using CertFunctions.App.Api;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Events;

/// <summary>What was recorded, as <c>kubectl describe</c>, <c>kubectl get events</c> and <c>kubectl events</c> ask for it. Read-only.</summary>
public sealed class KubernetesEvents(ResourceKinds kinds, IObjectStore objects, TimeProvider time) : CoreResource
{
    /// <summary>Resources a page; each has at most <see cref="EventHistory.Most"/> events.</summary>
    private const int PageSize = 100;

    private const int MostReads = 16;

    public override string Plural => "events";

    public override JsonObject Entry => new()
    {
        ["name"] = Plural, ["singularName"] = "event", ["namespaced"] = true, ["kind"] = "Event",
        ["verbs"] = new JsonArray("get", "list"), ["shortNames"] = new JsonArray("ev"),
    };

    public override async Task<IResult> AnswerAsync(HttpRequest request, string? ns, string? name, CancellationToken cancellationToken)
    {
        var query = request.Query;
        if (!HttpMethods.IsGet(request.Method) || (name is not null && ns is null) || query["watch"].FirstOrDefault() is "true" or "1") { return Statuses.MethodNotAllowed(); }
        if (!IsAddressable(ns) || !IsAddressable(name)) { return Statuses.NotFound("", Plural, name ?? ns!); }
        if (EventSelector.TryParse(query["fieldSelector"], out var problem) is not { } selector) { return Statuses.BadRequest(problem); }
        if (!string.IsNullOrEmpty(query["labelSelector"])) { return Statuses.BadRequest("Events have no labels to select by."); }
        if (name is not null) { return await GetAsync(ns!, name, cancellationToken); }

        var (names, continuation) = await NamesAsync(ns, selector, query["continue"].FirstOrDefault(), cancellationToken);
        var found = (await ReadAsync(names, cancellationToken)).Where(each => (ns is null || (string?)each["metadata"]!["namespace"] == ns) && selector.Selects(each)).ToList();
        var metadata = new JsonObject { ["resourceVersion"] = "" };
        if (continuation is not null) { metadata["continue"] = continuation; }

        return Statuses.Json(200, request.Headers.Accept.ToString().Contains("as=Table", StringComparison.Ordinal)
            ? EventShape.Table(found, metadata, time.GetUtcNow())
            : new JsonObject { ["kind"] = "EventList", ["apiVersion"] = "v1", ["metadata"] = metadata, ["items"] = new JsonArray([.. found]) });
    }

    private async Task<IResult> GetAsync(string ns, string name, CancellationToken cancellationToken)
    {
        var owner = name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : name;
        var found = await ReadAsync(Candidates(ns, [.. kinds.All], owner), cancellationToken);
        if (found.Find(each => (string?)each["metadata"]!["name"] == name) is not { } it) { return Statuses.NotFound("", Plural, name); }

        it.Insert(0, "kind", "Event");
        it.Insert(1, "apiVersion", "v1");
        return Statuses.Json(200, it);
    }

    /// <summary>The objects to read: the one that a selector names, else a page of the namespace's.</summary>
    private async Task<(IReadOnlyList<string> Names, string? Continuation)> NamesAsync(
        string? ns, EventSelector selector, string? continuation, CancellationToken cancellationToken)
    {
        if (selector.Only("involvedObject.name") is { } name)
        {
            var (place, wanted) = (ns ?? selector.Only("involvedObject.namespace"), selector.Only("involvedObject.kind"));
            if (!IsAddressable(name) || !IsAddressable(place)) { return ([], null); }

            var possible = kinds.All.Where(kind => wanted is null || kind.Kind == wanted).ToList();
            if (place is { Length: > 0 } || possible.TrueForAll(kind => !kind.IsNamespaced)) { return (Candidates(place, possible, name), null); }
        }

        var names = new List<string>();
        if (ns == EventShape.ClusterNamespace && continuation is null)
        {
            await foreach (var entry in objects.ListAllAsync(EventSubject.PrefixOf(ns: null), cancellationToken)) { names.Add(entry.Name); }
        }

        var page = await objects.ListAsync(ns is null ? EventSubject.Prefix : EventSubject.PrefixOf(ns), from: null, continuation, PageSize, cancellationToken);
        return ([.. names, .. page.Entries.Select(entry => entry.Name)], page.Continuation);
    }

    private static List<string> Candidates(string? ns, IReadOnlyList<ResourceKind> possible, string name) =>
        [.. possible.Select(kind => EventSubject.ObjectNameOf(kind.Plural, new ResourceName(kind.IsNamespaced ? ns : null, name)))];

    /// <summary>Whether it may be part of an object's name: the store may take offence at odd ones.</summary>
    private static bool IsAddressable(string? text) => string.IsNullOrEmpty(text) || Core.Validation.MetadataRules.IsSubdomain(text);

    /// <summary>Newest last, as they happened.</summary>
    private async Task<List<JsonObject>> ReadAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var found = new StoredObject?[names.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MostReads, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, names.Count, parallel, async (index, stop) => found[index] = await objects.FindAsync(names[index], stop));

        return [.. found.Select(each => (History: EventHistory.Read(each), each?.ETag.Value))
            .SelectMany(each => (each.History?.Events ?? []).Select(it => (it.Last, Shape: EventShape.Of(each.History!.Subject, it, each.Value!))))
            .OrderBy(each => each.Last).Select(each => each.Shape)];
    }
}
