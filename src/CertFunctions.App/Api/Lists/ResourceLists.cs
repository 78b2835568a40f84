using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api.Lists;

/// <summary>Lists and Tables of a kind, with selectors and paging.</summary>
public sealed class ResourceLists(IObjectStore objects, ListMemory memory, TimeProvider time)
{
    private const int MostReads = 16;

    public async Task<IResult> ListAsync(KindHandler handler, string? ns, HttpRequest request, CancellationToken cancellationToken)
    {
        if (Selection.TryParse(handler.Kind, ns, request.Query, out var refusal) is not { } selection) { return refusal!; }
        if (!TryLimit(request, out var limit)) { return Statuses.BadRequest("The query cannot be read", [new("limit", "FieldValueInvalid", "must be a whole number, not below 0")]); }

        string? continuation = null;
        if (request.Query["continue"].ToString() is { Length: > 0 } text && (continuation = Listing.TryDecode(text, selection)) is null)
        {
            return Statuses.BadRequest("The query cannot be read", [new("continue", "FieldValueInvalid", "must come from the page before")]);
        }

        var listing = await Listing.ReadAsync(objects, selection, entry => LabelsAsync(handler, entry, cancellationToken), limit, continuation, cancellationToken);
        var isWhole = continuation is null && listing.Continue is null;
        var metadata = new JsonObject { ["resourceVersion"] = isWhole ? memory.Remember(listing.Entries) : "" };
        if (listing.Continue is not null) { metadata["continue"] = listing.Continue; }

        return Tables.IsWanted(request) ? Table(handler, metadata, listing.Entries, request) : List(handler, metadata, listing.Entries, cancellationToken);
    }

    /// <summary>One resource as a Table of one row.</summary>
    public async Task<IResult> OneAsync(KindHandler handler, ResourceName name, HttpRequest request, CancellationToken cancellationToken)
    {
        var selection = new Selection(handler.Kind, name.Namespace, name.Name, LabelSelector.TryParse(null)!);
        var listing = await Listing.ReadAsync(objects, selection, _ => Task.FromResult(ValueMap.Empty), limit: null, continuation: null, cancellationToken);
        return listing.Entries is [var entry]
            ? Table(handler, new JsonObject { ["resourceVersion"] = entry.ETag.Value }, [entry], request)
            : Statuses.NotFound(handler.Kind, name.Name);
    }

    /// <summary>The labels of a resource whose listing does not tell them.</summary>
    public static async Task<ValueMap> LabelsAsync(KindHandler handler, ObjectEntry entry, CancellationToken cancellationToken)
    {
        var labels = (await handler.GetAsync(NameOf(entry), cancellationToken))?["metadata"]?["labels"] as JsonObject ?? [];
        return ValueMap.From(labels.Select(pair => new KeyValuePair<string, string>(pair.Key, (string)pair.Value!)));
    }

    public static ResourceName NameOf(ObjectEntry entry)
    {
        var parts = entry.Name.Split('/');
        return new ResourceName(parts[^2] == "_" ? null : parts[^2], parts[^1]);
    }

    private StreamedList Table(KindHandler handler, JsonObject metadata, IReadOnlyList<ObjectEntry> entries, HttpRequest request)
    {
        var now = time.GetUtcNow();
        var head = Tables.Head(handler.Kind, metadata);
        return request.Query["includeObject"] == "Object"
            ? new StreamedList(head, "rows", ReadAsync(handler, entries, (entry, whole) => Tables.Row(handler.Kind, entry, now, whole), CancellationToken.None))
            : new StreamedList(head, "rows", entries.Select(JsonNode (entry) => Tables.Row(handler.Kind, entry, now)).ToAsyncEnumerable());
    }

    private static StreamedList List(KindHandler handler, JsonObject metadata, IReadOnlyList<ObjectEntry> entries, CancellationToken cancellationToken) => new(
        new JsonObject { ["kind"] = handler.Kind.Kind + "List", ["apiVersion"] = $"{handler.Kind.Group}/{handler.Kind.Version}", ["metadata"] = metadata },
        "items", ReadAsync(handler, entries, (_, whole) => whole, cancellationToken));

    /// <summary>The resources themselves, a handful at a time; those gone meanwhile are left out.</summary>
    private static async IAsyncEnumerable<JsonNode> ReadAsync(
        KindHandler handler, IReadOnlyList<ObjectEntry> entries, Func<ObjectEntry, JsonNode, JsonNode> shape, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var some in entries.Chunk(MostReads))
        {
            var read = await Task.WhenAll(some.Select(entry => handler.GetAsync(NameOf(entry), cancellationToken)));
            foreach (var (entry, whole) in some.Zip(read))
            {
                if (whole is not null) { yield return shape(entry, whole); }
            }
        }
    }

    private static bool TryLimit(HttpRequest request, out int? limit)
    {
        limit = null;
        if (request.Query["limit"].ToString() is not { Length: > 0 } text) { return true; }
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given)) { return false; }

        limit = given == 0 ? null : given;
        return true;
    }
}
