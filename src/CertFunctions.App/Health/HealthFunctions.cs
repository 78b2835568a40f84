using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Health;

/// <summary>Whether the app lives, and whether it does its work. Open routes.</summary>
public sealed class HealthFunctions(Readiness readiness)
{
    /// <summary>The process answers; nothing else is asked.</summary>
    [Function("GetHealth")]
    public static IResult GetHealth([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz")] HttpRequest request) => Results.Text("ok");

    /// <summary>200, or 503 and what is wrong: a timer that stopped, a resource long overdue, a store or a vault out of reach.</summary>
    [Function("GetReadiness")]
    public async Task<IResult> GetReadinessAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz/ready")] HttpRequest request)
    {
        var report = await readiness.AskAsync();
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        return Results.Json(report, HealthJson.Default.ReadinessReport, statusCode: report.Failed is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ReadinessReport))]
internal sealed partial class HealthJson : JsonSerializerContext;

internal static partial class HealthLog
{
    [LoggerMessage(EventId = 9101, Level = LogLevel.Warning, Message = "Timer {Timer} ran, but its heartbeat could not be written")]
    public static partial void NoHeartbeat(this ILogger log, Exception failure, string timer);

    [LoggerMessage(EventId = 9102, Level = LogLevel.Warning, Message = "Readiness: {What} could not be asked")]
    public static partial void NotReached(this ILogger log, Exception failure, string what);
}
