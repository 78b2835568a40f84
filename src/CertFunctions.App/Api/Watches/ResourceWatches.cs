using System.Globalization;
using CertFunctions.App.Api.Limits;
using CertFunctions.App.Api.Lists;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Api.Watches;

/// <summary>Watches of a kind: where each begins, and how long it may take.</summary>
public sealed class ResourceWatches(
    IEnumerable<KindHandler> handlers, IObjectStore objects, ListMemory memory, IOptions<ApiOptions> options, TimeProvider time, ILogger<WatchHub> log,
    IHostApplicationLifetime? lifetime = null)
{
    private readonly Dictionary<string, WatchHub> _hubs = handlers.ToDictionary(each => each.Kind.Plural, each => new WatchHub(each, objects, options, time, log));

    /// <summary>An app that stops must not wait for those who watch.</summary>
    private CancellationToken Stopping => lifetime?.ApplicationStopping ?? CancellationToken.None;

    /// <summary>A stream of what happens to a selection, first what differs from the version that the client knows.</summary>
    public IResult Watch(KindHandler handler, ResourcePath target, HttpRequest request)
    {
        if (Selection.TryParse(handler.Kind, target.Namespace, request.Query, out var refusal) is not { } selection) { return refusal!; }
        if (request.Query.ContainsKey("sendInitialEvents"))
        {
            return Statuses.Invalid(handler.Kind, "", [Violation.Forbidden("sendInitialEvents", "this server does not stream lists: list, then watch")]);
        }

        if (TryTime(request.Query["timeoutSeconds"], out var asked) is false)
        {
            return Statuses.BadRequest("The query cannot be read", [new("timeoutSeconds", "FieldValueInvalid", "must be a whole number")]);
        }

        var limit = options.Value.LongestWatch;
        return new WatchStream(
            _hubs[handler.Kind.Plural], selection, memory, time, request.Query["resourceVersion"].ToString(), asked is { } wanted && wanted < limit ? wanted : limit, Stopping);
    }

    /// <summary>Returns when the selection differs from the version the caller knows; without one, when what it selects is Ready; at last when the time is over.</summary>
    public async Task<IResult?> WaitAsync(KindHandler handler, ResourcePath target, HttpRequest request, CancellationToken cancellationToken)
    {
        if (!GoDuration.TryParse(request.Query["wait"], out var asked) || asked < TimeSpan.Zero)
        {
            return Statuses.BadRequest("The query cannot be read", [new("wait", "FieldValueInvalid", "must be a duration such as 30s")]);
        }

        if (Selection.TryParse(handler.Kind, target.Namespace, request.Query, out var refusal) is not { } selection) { return refusal!; }
        if (target.Name is not null) { selection = selection with { Name = target.Name }; }

        var known = request.Query["resourceVersion"].ToString();
        var hub = _hubs[handler.Kind.Plural];
        using var place = hub.Join();
        using var over = new CancellationTokenSource(asked < options.Value.LongestWatch ? asked : options.Value.LongestWatch, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, over.Token, Stopping);
        try
        {
            var seen = await hub.LookAsync().WaitAsync(either.Token);
            while (true)
            {
                var found = await MatchesAsync(hub, selection, seen, cancellationToken);
                var isDone = known.Length > 0
                    ? (target.Name is null ? ListMemory.VersionOf(found) : found.FirstOrDefault()?.ETag.Value) != known
                    : found.All(entry => entry.Metadata.Find("ready") == "True");
                if (isDone) { return null; }

                seen = await hub.AfterAsync(seen, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;   // the time is over: answer with what there is
        }
    }

    /// <summary>The entries of a snapshot that belong to a selection.</summary>
    public static async Task<List<ObjectEntry>> MatchesAsync(WatchHub hub, Selection selection, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var found = new List<ObjectEntry>();
        foreach (var entry in snapshot.Entries)
        {
            if (await selection.MatchesAsync(entry, each => ResourceLists.LabelsAsync(hub.Handler, each, cancellationToken))) { found.Add(entry); }
        }

        return found;
    }

    private static bool TryTime(string? text, out TimeSpan? asked)
    {
        asked = null;
        if (string.IsNullOrEmpty(text)) { return true; }
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) { return false; }

        asked = seconds == 0 ? null : TimeSpan.FromSeconds(seconds);   // Kubernetes: 0 is no wish
        return true;
    }
}
