using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Certificates;

internal static partial class CertificateLog
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "Certificate {Namespace}/{Name}: issuing revision {Revision} ({Reason}: {Text})")]
    public static partial void Issuing(this ILogger log, string? @namespace, string name, int revision, string reason, string text);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Information, Message = "Certificate {Namespace}/{Name}: revision {Revision} stored as {VaultObject}, version {Version}")]
    public static partial void Stored(this ILogger log, string? @namespace, string name, int revision, string vaultObject, string version);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Information, Message = "Certificate {Namespace}/{Name}: {State} {Reason}; next look at {Next}")]
    public static partial void Recorded(this ILogger log, string? @namespace, string name, string state, string? reason, DateTimeOffset next);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Warning, Message = "Certificate {Namespace}/{Name}: its vault object {VaultObject} was deleted by somebody; recovered")]
    public static partial void Recovered(this ILogger log, string? @namespace, string name, string vaultObject);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Information, Message = "Certificate {Namespace}/{Name}: removed; its vault object stays")]
    public static partial void Removed(this ILogger log, string? @namespace, string name);

    [LoggerMessage(EventId = 1010, Level = LogLevel.Information, Message = "Certificate {Namespace}/{Name}: tags put right ({Reason}: {Text})")]
    public static partial void TagsRepaired(this ILogger log, string? @namespace, string name, string reason, string text);

    [LoggerMessage(EventId = 1008, Level = LogLevel.Information, Message = "Certificate {Namespace}/{Name}: temporary certificate stored as {VaultObject}, version {Version}")]
    public static partial void TemporaryStored(this ILogger log, string? @namespace, string name, string vaultObject, string version);

    [LoggerMessage(EventId = 1009, Level = LogLevel.Warning, Message = "Certificate {Namespace}/{Name}: no temporary certificate could be stored ({Code})")]
    public static partial void TemporaryRefused(this ILogger log, string? @namespace, string name, string code);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Warning, Message = "Certificate {Namespace}/{Name}: the staged key could not be disabled ({Code}); the next issuance does it")]
    public static partial void StagedKeyLeft(this ILogger log, string? @namespace, string name, string code);

    [LoggerMessage(EventId = 1020, Level = LogLevel.Information, Message = "Certificate {Namespace}/{Name}: output {Output} written as {VaultSecret}, version {Version}")]
    public static partial void OutputWritten(this ILogger log, string? @namespace, string name, string output, string vaultSecret, string version);

    [LoggerMessage(EventId = 1021, Level = LogLevel.Information, Message = "Certificate {Namespace}/{Name}: output {Output} is not wanted any more; {VaultSecret} is disabled")]
    public static partial void OutputDisabled(this ILogger log, string? @namespace, string name, string output, string vaultSecret);

    [LoggerMessage(EventId = 1022, Level = LogLevel.Warning, Message = "Certificate {Namespace}/{Name}: outputs are not ready ({Reason}): {Text}")]
    public static partial void OutputsLate(this ILogger log, string? @namespace, string name, string? reason, string? text);
}
