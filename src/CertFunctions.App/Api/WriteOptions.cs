using System.Text.Json.Nodes;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>What happens to members that the kind does not have.</summary>
public enum FieldValidation
{
    /// <summary>Refused, all of them named. The default, unlike Kubernetes': a misspelt field is a wish that nobody hears.</summary>
    Strict,

    /// <summary>Dropped, each with a Warning header.</summary>
    Warn,

    /// <summary>Dropped.</summary>
    Ignore,
}

/// <summary>What the query of a write asks for.</summary>
/// <param name="IsDryRun">Answer as if, store nothing.</param>
public sealed record WriteOptions(bool IsDryRun, FieldValidation Validation)
{
    /// <summary>Null, and the answer to give, when the query asks for what does not exist.</summary>
    public static WriteOptions? TryParse(IQueryCollection query, out IResult? refusal)
    {
        var problems = new List<Violation>();
        var dryRun = query["dryRun"].Where(each => !string.IsNullOrEmpty(each)).ToList();
        problems.AddRange(dryRun.Where(each => each != "All").Select(each => Violation.NotSupported("dryRun", each!, ["All"])));

        var validation = FieldValidation.Strict;
        foreach (var each in query["fieldValidation"].Where(each => !string.IsNullOrEmpty(each)))
        {
            if (each is "Strict" or "Warn" or "Ignore") { validation = Enum.Parse<FieldValidation>(each); }
            else { problems.Add(Violation.NotSupported("fieldValidation", each!, ["Strict", "Warn", "Ignore"])); }
        }

        refusal = problems.Count > 0 ? Statuses.BadRequest("The query cannot be read", problems) : null;
        return refusal is null ? new(dryRun.Count > 0, validation) : null;
    }
}

/// <summary>What a DELETE may say in its body (Kubernetes' DeleteOptions). Propagation and grace period mean nothing here and are ignored.</summary>
/// <param name="Uid">Delete only the resource with this uid; null: any.</param>
/// <param name="ResourceVersion">Delete only this version; null: any.</param>
public sealed record DeleteOptions(string? Uid, string? ResourceVersion, bool IsDryRun)
{
    public static async Task<(DeleteOptions? Options, IResult? Refusal)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (WriteOptions.TryParse(request.Query, out var refusal) is not { } query) { return (null, refusal); }

        var body = new JsonObject();
        if (request.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0)
        {
            (var given, refusal) = await BodyReader.ReadObjectAsync(request, cancellationToken);
            if (refusal is not null) { return (null, refusal); }

            body = given!;
        }

        var problems = new List<Violation>();
        var preconditions = body["preconditions"] switch
        {
            null => [],
            JsonObject found => found,
            _ => Wrong(problems, "preconditions", "expected an object"),
        };
        var (uid, version) = (Text(preconditions, "uid", problems), Text(preconditions, "resourceVersion", problems));
        var isDryRun = query.IsDryRun || body["dryRun"] is JsonArray { Count: > 0 };
        return problems.Count > 0 ? (null, Statuses.BadRequest("The DeleteOptions cannot be read", problems)) : (new(uid, version, isDryRun), null);
    }

    private static string? Text(JsonObject preconditions, string member, List<Violation> problems)
    {
        if (preconditions[member] is not { } value) { return null; }
        if (value is JsonValue text && text.TryGetValue<string>(out var found)) { return found.Length > 0 ? found : null; }

        Wrong(problems, $"preconditions.{member}", "expected a string");
        return null;
    }

    private static JsonObject Wrong(List<Violation> problems, string field, string message)
    {
        problems.Add(new(field, "FieldValueInvalid", message));
        return [];
    }
}
