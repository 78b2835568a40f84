using Azure.Core;
using Azure.Core.Pipeline;

namespace CertFunctions.App.Adapters.KeyVault;

/// <summary>Retries reads as the SDK does, and writes only when the vault said it did nothing (429).</summary>
/// <remarks>A write whose answer was lost may have happened: a second would add a second version. The caller settles it by reading the tags.</remarks>
internal sealed class VaultRetryPolicy() : RetryPolicy(maxRetries: 3)
{
    protected override bool ShouldRetry(HttpMessage message, Exception? exception) => MayRepeat(message) && base.ShouldRetry(message, exception);

    protected override async ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        MayRepeat(message) && await base.ShouldRetryAsync(message, exception);

    private static bool MayRepeat(HttpMessage message) =>
        (message.Request.Method != RequestMethod.Put && message.Request.Method != RequestMethod.Post)
        || message is { HasResponse: true, Response.Status: 429 };
}
