using System.Text.Json;
using System.Text.Json.Nodes;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What we read of a webhook solver's <c>config</c>; everything else in it is the webhook's own.</summary>
/// <param name="Url">https.</param>
/// <param name="Token">Bearer token; null: none is sent.</param>
/// <param name="CaBundle">PEM to trust the webhook by; null: the machine's trust.</param>
public sealed record WebhookConfig(Uri Url, SecretKeyRef? Token, string? CaBundle)
{
    /// <summary>Null where <see cref="WebhookRules"/> finds something at fault.</summary>
    public static WebhookConfig? Parse(WebhookDns webhook) => WebhookRules.Check("", webhook).Any() ? null : WebhookRules.Read(webhook.Config!);
}

/// <summary>A solver that somebody else's program runs (docs/dns-webhook.md).</summary>
public static class WebhookRules
{
    public static IEnumerable<Violation> Check(string path, WebhookDns webhook)
    {
        foreach (var violation in SolverRules.Required($"{path}.solverName", webhook.SolverName)) { yield return violation; }

        if (Object(webhook.Config) is not { } config)
        {
            yield return webhook.Config is null ? Violation.Required($"{path}.config.url") : Violation.Invalid($"{path}.config", webhook.Config.Text, "must be an object");
            yield break;
        }

        foreach (var violation in Url($"{path}.config.url", Text(config, "url"))) { yield return violation; }
        if (config.ContainsKey("tokenSecretRef"))
        {
            foreach (var violation in SolverRules.Secret($"{path}.config.tokenSecretRef", Reference(config["tokenSecretRef"]))) { yield return violation; }
        }

        if (config.ContainsKey("caBundle"))
        {
            AcmeTrust.TryRead(Text(config, "caBundle") ?? "", out var problem);
            if (problem is not null) { yield return Violation.Invalid($"{path}.config.caBundle", Text(config, "caBundle") ?? "", problem); }
        }
    }

    internal static WebhookConfig Read(AnyJson text)
    {
        var config = Object(text)!;
        return new(new Uri(Text(config, "url")!, UriKind.Absolute), Reference(config["tokenSecretRef"]), AcmeTrust.ToPem(Text(config, "caBundle")));
    }

    private static IEnumerable<Violation> Url(string field, string? url)
    {
        if (string.IsNullOrEmpty(url)) { yield return Violation.Required(field, "the address of the webhook"); }
        else if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            yield return Violation.Invalid(field, url, "must be an https address without user, query and fragment");
        }
    }

    private static JsonObject? Object(AnyJson? json)
    {
        try
        {
            var all = json is null ? null : JsonNode.Parse(json.Text) as JsonObject;
            _ = all?.Count;     // a member that is there twice shows only now
            return all;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static SecretKeyRef? Reference(JsonNode? node) => node is JsonObject reference ? new SecretKeyRef { Name = Text(reference, "name"), Key = Text(reference, "key") } : null;

    private static string? Text(JsonObject all, string name) => all[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
