using System.Text.Json;
using Azure;
using Azure.Identity;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.Adapters.KeyVault;

/// <summary>Turns the SDK's exceptions into the port's one.</summary>
internal static class VaultErrors
{
    /// <summary>Runs one call; every failure comes out as <see cref="VaultException"/>, the caller's own cancellation as it is.</summary>
    public static Task<T> Translate<T>(Func<Task<T>> call, CancellationToken cancellationToken) => SdkCalls.Translate(call, From, cancellationToken);

    private static VaultException? From(Exception exception) => exception switch
    {
        RequestFailedException failed => new VaultException(failed.Status, Code(failed), FirstLine(failed.Message), RetryAfter(failed), failed),
        AuthenticationFailedException failed => new VaultException(401, "AuthenticationFailed", FirstLine(failed.Message), retryAfter: null, failed),
        OperationCanceledException => new VaultException(0, "Timeout", "The vault did not answer in time.", retryAfter: null, exception),
        AggregateException { InnerExceptions: [.., var last] } => From(last),     // the SDK gave up after retries
        _ => null,
    };

    /// <summary>The more precise of the two codes: <c>ObjectIsDeletedButRecoverable</c> rather than <c>Conflict</c>.</summary>
    private static string Code(RequestFailedException failed)
    {
        var code = failed.ErrorCode ?? (failed.Status == 0 ? "Unreachable" : "Unknown");
        if (failed.GetRawResponse()?.Content is not { } content) { return code; }

        try
        {
            using var json = JsonDocument.Parse(content);
            return json.RootElement.GetProperty("error").TryGetProperty("innererror", out var inner)
                && inner.TryGetProperty("code", out var precise) ? precise.GetString() ?? code : code;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return code;    // a proxy's page, not the vault's answer
        }
    }

    private static TimeSpan? RetryAfter(RequestFailedException failed) =>
        failed.GetRawResponse() is { } response && response.Headers.TryGetValue("Retry-After", out var text)
        && int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static string FirstLine(string message) => message.AsSpan().Trim().ToString().Split('\n')[0].TrimEnd();
}
