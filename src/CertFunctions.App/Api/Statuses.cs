using System.Text.Json.Nodes;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>Errors as Kubernetes says them: a <c>Status</c> object whose causes name every field at fault.</summary>
public static class Statuses
{
    public static IResult NotFound(ResourceKind kind, string name) => NotFound(kind.Group, kind.Plural, name);

    /// <param name="group">Empty: the core group.</param>
    public static IResult NotFound(string group, string plural, string name) =>
        Failure(404, "NotFound", $"{plural}{(group.Length > 0 ? "." : "")}{group} \"{name}\" not found", plural, name, group: group);

    public static IResult UnknownPath(string root, string? path) =>
        Failure(404, "NotFound", $"the server could not find the requested resource: /{root}/{path}");

    public static IResult UnsupportedMediaType(params string[] supported) =>
        Failure(415, "UnsupportedMediaType", $"The Content-Type must be one of: {string.Join(", ", supported)}");

    public static IResult Exists(ResourceKind kind, string name) =>
        Failure(409, "AlreadyExists", $"{kind.Plural}.{kind.Group} \"{name}\" already exists", kind.Plural, name);

    public static IResult Conflict(ResourceKind kind, string name) => Failure(
        409, "Conflict", $"{kind.Plural}.{kind.Group} \"{name}\" was changed by somebody else meanwhile. Read it and try again.", kind.Plural, name);

    /// <param name="group">Empty: the core group.</param>
    public static IResult Exists(string group, string plural, string name) => Failure(409, "AlreadyExists", $"{plural} \"{name}\" already exists", plural, name, group: group);

    /// <param name="group">Empty: the core group.</param>
    public static IResult Conflict(string group, string plural, string name) =>
        Failure(409, "Conflict", $"{plural} \"{name}\" was changed by somebody else meanwhile. Read it and try again.", plural, name, group: group);

    public static IResult Precondition(ResourceKind kind, string name) => Failure(
        409, "Conflict", $"{kind.Plural}.{kind.Group} \"{name}\" does not meet the preconditions of the deletion. Read it and try again.", kind.Plural, name);

    public static IResult Deleting(ResourceKind kind, string name) => Failure(
        409, "Conflict", $"{kind.Plural}.{kind.Group} \"{name}\" is being deleted. Try again when it is gone.", kind.Plural, name);

    public static IResult BadRequest(string message) => Failure(400, "BadRequest", message);

    public static IResult Malformed(IReadOnlyList<Violation> problems) => BadRequest("The body cannot be read as this resource", problems);

    public static IResult BadRequest(string what, IReadOnlyList<Violation> problems) => Failure(400, "BadRequest", $"{what}: {Text(problems)}", causes: problems);

    public static IResult Invalid(ResourceKind kind, string name, IReadOnlyList<Violation> problems) =>
        Failure(422, "Invalid", $"{kind.Kind}.{kind.Group} \"{name}\" is invalid: {Text(problems)}", kind.Kind, name, problems);

    public static IResult MethodNotAllowed() => Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

    public static IResult TooLarge(int limit) => Failure(413, "RequestEntityTooLarge", $"The body is larger than {limit} bytes.");

    public static IResult HeadersTooLarge(int limit) => Failure(431, "RequestHeaderFieldsTooLarge", $"The headers and the query are larger than {limit} bytes.");

    /// <summary>What the server itself found wrong with a request before anybody could read it.</summary>
    public static IResult Broken(int code, string message) => Failure(code, code == 413 ? "RequestEntityTooLarge" : code == 408 ? "Timeout" : "BadRequest", message);

    public static IResult Busy(string why, TimeSpan retryAfter) => Failure(429, "TooManyRequests", why, retryAfter: retryAfter);

    public static IResult TimedOut(TimeSpan retryAfter) => Failure(504, "Timeout", "The request took too long and was given up.", retryAfter: retryAfter);

    public static IResult Unavailable(TimeSpan retryAfter) => Failure(503, "ServiceUnavailable", "The store cannot be reached just now.", retryAfter: retryAfter);

    /// <summary>The version from which a watch was to begin is not known any more: list again.</summary>
    public static JsonObject Expired() => Object(410, "Expired", "too old resource version", details: null);

    public static IResult Unauthorized() => Failure(
        401, "Unauthorized", "Send the API key as header x-functions-key or as bearer token. The key is the app setting Api__Key.");

    public static IResult Deleted(ResourceKind kind, string name, string? uid) => Json(200, new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["details"] = new JsonObject { ["name"] = name, ["group"] = kind.Group, ["kind"] = kind.Plural, ["uid"] = uid },
    });

    public static IResult Json(int code, JsonNode body) => Results.Text(body.ToJsonString(), "application/json", statusCode: code);

    private static string Text(IEnumerable<Violation> problems) => string.Join("; ", problems.Select(each => $"{each.Field}: {each.Message}"));

    private static IResult Failure(
        int code, string reason, string message, string? kind = null, string? name = null, IReadOnlyList<Violation>? causes = null, string group = "cert-manager.io",
        TimeSpan? retryAfter = null)
    {
        var details = new JsonObject();
        if (name is not null) { details["name"] = name; }
        if (kind is not null) { details["group"] = group; details["kind"] = kind; }
        if (retryAfter is { } wait) { details["retryAfterSeconds"] = (int)Math.Ceiling(wait.TotalSeconds); }
        if (causes is { Count: > 0 })
        {
            details["causes"] = new JsonArray([.. causes.Select(each =>
                new JsonObject { ["reason"] = each.Reason, ["message"] = each.Message, ["field"] = each.Field })]);
        }

        var answer = Json(code, Object(code, reason, message, details));
        return retryAfter is null ? answer : new Later(answer, (int)details["retryAfterSeconds"]!);
    }

    private static JsonObject Object(int code, string reason, string message, JsonObject? details)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Failure", ["message"] = message, ["reason"] = reason,
        };
        if (details is not null) { status["details"] = details; }
        status["code"] = code;
        return status;
    }

    /// <summary>With the header that every client understands.</summary>
    private sealed class Later(IResult answer, int seconds) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return answer.ExecuteAsync(httpContext);
        }
    }
}
