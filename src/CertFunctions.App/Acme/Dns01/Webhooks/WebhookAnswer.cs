using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.Acme.Dns01.Webhooks;

/// <summary>Reads what a webhook answers. It is a stranger's text: little of it, without control characters, and never our token.</summary>
internal static class WebhookAnswer
{
    private const int MostBytes = 64 * 1024;
    private const int LongestMessage = 300;

    /// <returns>The JSON object of a success (null: it sent none), or the problem.</returns>
    public static async Task<(JsonObject? Answer, SolverOutcome? Problem)> ReadAsync(HttpResponseMessage response, SecretText? token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var body = await BodyAsync(response, cancellationToken);
        if (response.IsSuccessStatusCode) { return (body, null); }

        var status = (int)response.StatusCode;
        var said = $"The webhook answers {status}{Said(body, token)}";
        var wait = response.Headers.TryGetValues("Retry-After", out var values) ? RetryAfter.Read(values.FirstOrDefault(), now) : null;
        return (null, status switch
        {
            401 or 403 => Refusal.Forbidden(said),
            429 => Refusal.Throttled(said, wait),
            408 or >= 500 => Refusal.Unavailable(said, wait),
            >= 300 and < 400 => Refusal.Misconfigured($"The webhook answers {status}: redirects are not followed, name its own address."),
            _ => Refusal.Misconfigured(said),
        });
    }

    private static async Task<JsonObject?> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MostBytes];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            var body = length < MostBytes ? JsonNode.Parse(buffer.AsSpan(0, length)) as JsonObject : null;
            return body?.Count > 0 ? body : null;   // counting them, a member that is there twice shows
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static string Said(JsonObject? body, SecretText? token)
    {
        var text = body?["message"] is JsonValue value && value.TryGetValue<string>(out var message) ? message : null;
        if (string.IsNullOrWhiteSpace(text)) { return "."; }
        if (token?.Reveal() is { Length: > 0 } secret) { text = text.Replace(secret, "***", StringComparison.Ordinal); }

        var plain = new StringBuilder(": ");
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, LongestMessage))) { plain.Append(char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c); }

        return text.Length > LongestMessage ? plain.Append('…').ToString() : plain.ToString();
    }
}
