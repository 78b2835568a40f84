using Microsoft.Extensions.Logging;

namespace CertFunctions.App.CertificateRequests;

internal static partial class RequestLog
{
    [LoggerMessage(EventId = 1500, Level = LogLevel.Information, Message = "CertificateRequest {Namespace}/{Name}: {State} {Reason} {Detail}")]
    public static partial void RequestAnswered(this ILogger log, string @namespace, string name, string state, string? reason, string? detail);
}
