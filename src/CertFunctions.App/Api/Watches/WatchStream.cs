using System.Text;
using System.Text.Json.Nodes;
using CertFunctions.App.Api.Lists;
using CertFunctions.Core.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CertFunctions.App.Api.Watches;

/// <summary>
/// One watch: an answer that stays open, one JSON event a line. First what differs from the version the client knows, so that it is correct also where
/// it is cut anywhere and begun again, and where a proxy keeps it back until it ends.
/// </summary>
/// <param name="known">The client's resourceVersion; empty or 0: it knows nothing.</param>
public sealed class WatchStream(WatchHub hub, Selection selection, ListMemory memory, TimeProvider time, string known, TimeSpan duration, CancellationToken stopping)
    : Streamed
{
    private bool _isTable;
    private bool _hasColumns;

    public override async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        using var over = new CancellationTokenSource(duration, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, over.Token, stopping);
        using var place = hub.Join();
        _isTable = Tables.IsWanted(request);

        var now = await hub.LookAsync().WaitAsync(either.Token);   // a store that fails is told before the answer has begun
        var seen = await FirstSeenAsync(now, httpContext.RequestAborted);

        response.ContentType = "application/json";
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.StartAsync(httpContext.RequestAborted);
        await response.Body.FlushAsync(httpContext.RequestAborted);
        if (seen is null)
        {
            await WriteAsync(response, "ERROR", Statuses.Expired().ToJsonString(), httpContext.RequestAborted);
            return;
        }

        try
        {
            while (true)
            {
                foreach (var change in Snapshot.Changes(seen, now)) { await TellAsync(response, change, httpContext.RequestAborted); }

                await response.Body.FlushAsync(httpContext.RequestAborted);
                seen = now;
                now = await hub.AfterAsync(seen, either.Token);
            }
        }
        catch (OperationCanceledException) when (!httpContext.RequestAborted.IsCancellationRequested)
        {
            if (request.Query["allowWatchBookmarks"] == "true" && !_isTable) { await BookmarkAsync(response, seen, httpContext.RequestAborted); }
        }
    }

    /// <summary>What the client knows of the selection; null when that cannot be told.</summary>
    private async Task<Snapshot?> FirstSeenAsync(Snapshot now, CancellationToken cancellationToken)
    {
        if (known is "" or "0") { return Snapshot.Empty; }

        var mine = await ResourceWatches.MatchesAsync(hub, selection, now, cancellationToken);
        if (ListMemory.VersionOf(mine) == known || (selection.IsOne && mine is [var only] && only.ETag.Value == known)) { return now; }
        if (memory.Find(known) is { } listed) { return new Snapshot(listed); }
        if (hub.Before(known) is { } before) { return before; }

        // Replaying is harmless to who watches one resource, as long as there is one: its absence could not be told.
        return selection.IsOne && mine.Count == 1 ? Snapshot.Empty : null;
    }

    private async Task TellAsync(HttpResponse response, Change change, CancellationToken cancellationToken)
    {
        var was = change.Before is { } before && await IsMineAsync(before, cancellationToken);
        var isNow = change.After is { } after && await IsMineAsync(after, cancellationToken);
        var type = (was, isNow) switch { (false, true) => "ADDED", (true, true) => "MODIFIED", (true, false) => "DELETED", _ => null };
        if (type is null) { return; }

        var kind = hub.Handler.Kind;
        if (_isTable)
        {
            var head = Tables.Head(kind, new JsonObject { ["resourceVersion"] = change.Entry.ETag.Value });
            if (_hasColumns) { head["columnDefinitions"] = null; }

            head["rows"] = new JsonArray(Tables.Row(kind, change.Entry, time.GetUtcNow()));
            _hasColumns = true;
            await WriteAsync(response, type, head.ToJsonString(), cancellationToken);
            return;
        }

        var body = isNow ? await hub.BodyAsync(change.After!) : Tables.Partial(kind, change.Entry, kind.Kind, $"{kind.Group}/{kind.Version}").ToJsonString();
        if (body is not null) { await WriteAsync(response, type, body, cancellationToken); }   // gone by now: the next look tells
    }

    /// <summary>What a remembered list held belonged to it, whatever its short entries tell.</summary>
    private async Task<bool> IsMineAsync(ObjectEntry entry, CancellationToken cancellationToken) =>
        entry.Metadata.Count == 1
            ? selection.MatchesName(entry.Name)
            : await selection.MatchesAsync(entry, each => ResourceLists.LabelsAsync(hub.Handler, each, cancellationToken));

    private async Task BookmarkAsync(HttpResponse response, Snapshot seen, CancellationToken cancellationToken)
    {
        var kind = hub.Handler.Kind;
        var version = memory.Remember(await ResourceWatches.MatchesAsync(hub, selection, seen, cancellationToken));
        await WriteAsync(response, "BOOKMARK", new JsonObject
        {
            ["kind"] = kind.Kind, ["apiVersion"] = $"{kind.Group}/{kind.Version}", ["metadata"] = new JsonObject { ["resourceVersion"] = version },
        }.ToJsonString(), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    private static async Task WriteAsync(HttpResponse response, string type, string body, CancellationToken cancellationToken) =>
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":{body}}}\n"), cancellationToken);
}
