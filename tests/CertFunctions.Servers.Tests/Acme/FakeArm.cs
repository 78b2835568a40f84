using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>The DNS part of Azure Resource Manager on loopback: ETags are honoured, a write without a condition is an error, and every fault can be asked for.</summary>
public sealed class FakeArm : IAsyncLifetime
{
    private const string Group = "/subscriptions/sub/resourceGroups/dns/providers/Microsoft.Network";

    private readonly Dictionary<string, (int ETag, JsonObject Properties)> _sets = [];
    private readonly Lock _lock = new();
    private WebApplication? _app;
    private int _writes;

    public string Endpoint => _app!.Urls.Single();

    /// <summary>Public zones, in the order in which they are listed.</summary>
    public List<string> Zones { get; } = ["test", "example.test", "acme.test"];

    public List<string> PrivateZones { get; } = ["example.test"];

    /// <summary>Answers instead, if it gives one: status, ARM's error code, seconds of Retry-After.</summary>
    public Func<HttpRequest, (int Status, string? Code, int? RetryAfter)?> Fault { get; set; } = _ => null;

    /// <summary>Another writer: called once, between the reading and the writing of somebody else.</summary>
    public Action? Rival { get; set; }

    /// <summary>Where the listing's second page is; null: here.</summary>
    public string? NextLink { get; set; }

    public List<string> Requests { get; } = [];

    public HashSet<string> Callers { get; } = [];

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync() => await _app!.DisposeAsync();

    /// <summary>The values at a name of a zone, sorted.</summary>
    public string[] Texts(string zone, string relative, bool isPrivate = false)
    {
        lock (_lock)
        {
            return _sets.TryGetValue(Path(zone, relative, isPrivate), out var set)
                ? [.. set.Properties[isPrivate ? "txtRecords" : "TXTRecords"]!.AsArray().Select(record => string.Concat(record!["value"]!.AsArray().Select(chunk => chunk!.GetValue<string>()))).Order(StringComparer.Ordinal)]
                : [];
        }
    }

    public bool Exists(string zone, string relative)
    {
        lock (_lock) { return _sets.ContainsKey(Path(zone, relative, isPrivate: false)); }
    }

    public JsonObject Properties(string zone, string relative)
    {
        lock (_lock) { return _sets[Path(zone, relative, isPrivate: false)].Properties; }
    }

    /// <summary>Written by somebody else.</summary>
    public void Put(string zone, string relative, params string[] values)
    {
        var properties = new JsonObject
        {
            ["TTL"] = 3600,
            ["metadata"] = new JsonObject { ["owner"] = "mail" },
            ["TXTRecords"] = new JsonArray([.. values.Select(value => new JsonObject { ["value"] = new JsonArray(value) })]),
            ["fqdn"] = $"{relative}.{zone}.",
            ["provisioningState"] = "Succeeded",
        };
        lock (_lock) { _sets[Path(zone, relative, isPrivate: false)] = (++_writes, properties); }
    }

    public void Delete(string zone, string relative)
    {
        lock (_lock) { _sets.Remove(Path(zone, relative, isPrivate: false)); }
    }

    private static string Path(string zone, string relative, bool isPrivate) => $"{Group}/{(isPrivate ? "privateDnsZones" : "dnsZones")}/{zone}/TXT/{relative}";

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var body = request.Method == "PUT" ? await JsonNode.ParseAsync(request.Body) : null;
        var rival = request.Method == "GET" ? null : Rival;
        if (rival is not null) { Rival = null; rival(); }

        var (status, answer, retryAfter) = Answer(request, body);
        context.Response.StatusCode = status;
        if (retryAfter is not null) { context.Response.Headers.RetryAfter = retryAfter.ToString(); }
        if (answer is not null) { await context.Response.WriteAsJsonAsync(answer); }
    }

    private (int Status, JsonObject? Body, int? RetryAfter) Answer(HttpRequest request, JsonNode? body)
    {
        lock (_lock)
        {
            Requests.Add($"{request.Method} {request.Path}");
            Callers.Add(request.Headers.Authorization.ToString());
            if (Fault(request) is { } fault) { return (fault.Status, Error(fault.Code ?? "Fault"), fault.RetryAfter); }

            var path = request.Path.Value!;
            var isPrivate = path.Contains("privateDnsZones", StringComparison.Ordinal);
            if (request.Query["api-version"] != (isPrivate ? "2020-06-01" : "2018-05-01")) { return (400, Error("InvalidApiVersionParameter"), null); }
            if (path.EndsWith("nsZones", StringComparison.Ordinal)) { return (200, List(request, isPrivate ? PrivateZones : Zones), null); }

            var zone = path.Split('/')[8];
            if (!(isPrivate ? PrivateZones : Zones).Contains(zone)) { return (404, Error("ParentResourceNotFound"), null); }
            return request.Method switch
            {
                "GET" => _sets.ContainsKey(path) ? (200, Shown(path), null) : (404, Error("NotFound"), null),
                "PUT" => Write(path, request, body!, isPrivate),
                _ => Delete(path, request),
            };
        }
    }

    /// <summary>One zone a page, and a page without any between the first and the rest: ARM may do both.</summary>
    private JsonObject List(HttpRequest request, List<string> zones)
    {
        var page = int.TryParse(request.Query["$skipToken"], out var given) ? given : 0;
        var index = page > 1 ? page - 1 : page;
        var next = $"{Endpoint}{request.Path}?api-version={request.Query["api-version"]}&$skipToken={page + 1}";
        return new JsonObject
        {
            ["value"] = page == 1 ? new JsonArray() : new JsonArray(new JsonObject { ["name"] = zones[index] }),
            ["nextLink"] = page == 1 || index + 1 < zones.Count ? NextLink ?? next : null,
        };
    }

    private (int, JsonObject?, int?) Write(string path, HttpRequest request, JsonNode body, bool isPrivate)
    {
        var exists = _sets.TryGetValue(path, out var current);
        if (request.Headers.IfNoneMatch == "*" ? exists : request.Headers.IfMatch != $"etag-{current.ETag}") { return (412, Error("PreconditionFailed"), null); }

        var properties = body["properties"]!.AsObject();
        var records = properties[isPrivate ? "txtRecords" : "TXTRecords"]?.AsArray();
        if (properties[isPrivate ? "ttl" : "TTL"] is null || records is not { Count: > 0 } || records.Any(record => record!["value"]!.AsArray().Any(chunk => chunk!.GetValue<string>().Length > 255))) { return (400, Error("BadRequest"), null); }

        _sets[path] = (++_writes, properties.DeepClone().AsObject());
        return (exists ? 200 : 201, Shown(path), null);
    }

    private (int, JsonObject?, int?) Delete(string path, HttpRequest request)
    {
        if (!_sets.TryGetValue(path, out var current)) { return (404, Error("NotFound"), null); }
        if (request.Headers.IfMatch != $"etag-{current.ETag}") { return (412, Error("PreconditionFailed"), null); }

        _sets.Remove(path);
        return (200, null, null);
    }

    private JsonObject Shown(string path) => new() { ["name"] = path.Split('/')[^1], ["etag"] = $"etag-{_sets[path].ETag}", ["properties"] = _sets[path].Properties.DeepClone() };

    private static JsonObject Error(string code) =>
        new() { ["error"] = new JsonObject { ["code"] = code, ["message"] = $"It failed. Correlation ID: {Guid.CreateVersion7()}" } };
}
