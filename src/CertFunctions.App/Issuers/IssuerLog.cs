using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Issuers;

internal static partial class IssuerLog
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "{Kind} {Namespace}/{Name} woke {Count} dependents")]
    public static partial void DependentsWoken(this ILogger log, string kind, string? @namespace, string name, int count);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Information, Message = "{Kind} {Namespace}/{Name} removed")]
    public static partial void IssuerRemoved(this ILogger log, string kind, string? @namespace, string name);
}
