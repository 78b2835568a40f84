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

    public static IResult Deleting(ResourceKind kind, string name) => Failure(
        409, "Conflict", $"{kind.Plural}.{kind.Group} \"{name}\" is being deleted. Try again when it is gone.", kind.Plural, name);

    public static IResult BadRequest(string message) => Failure(400, "BadRequest", message);

    public static IResult Malformed(IReadOnlyList<Violation> problems) =>
        Failure(400, "BadRequest", "The body cannot be read as this resource: " + Text(problems), causes: problems);

    public static IResult Invalid(ResourceKind kind, string name, IReadOnlyList<Violation> problems) =>
        Failure(422, "Invalid", $"{kind.Kind}.{kind.Group} \"{name}\" is invalid: {Text(problems)}", kind.Kind, name, problems);

    public static IResult MethodNotAllowed() => Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

    public static IResult TooLarge(int limit) => Failure(413, "RequestEntityTooLarge", $"The body is larger than {limit} bytes.");

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
        int code, string reason, string message, string? kind = null, string? name = null, IReadOnlyList<Violation>? causes = null, string group = "cert-manager.io")
    {
        var details = new JsonObject();
        if (name is not null) { details["name"] = name; }
        if (kind is not null) { details["group"] = group; details["kind"] = kind; }
        if (causes is { Count: > 0 })
        {
            details["causes"] = new JsonArray([.. causes.Select(each =>
                new JsonObject { ["reason"] = each.Reason, ["message"] = each.Message, ["field"] = each.Field })]);
        }

        return Json(code, new JsonObject
        {
            ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Failure",
            ["message"] = message, ["reason"] = reason, ["details"] = details, ["code"] = code,
        });
    }
}
