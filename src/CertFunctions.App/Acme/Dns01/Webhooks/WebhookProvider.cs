using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CertFunctions.App.Acme.Dns01.Lookups;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Acme.Dns01.Webhooks;

/// <summary>TXT records by somebody else's program, in three calls over https (docs/dns-webhook.md): for every provider that is not built in.</summary>
public sealed class WebhookProvider(WebhookClients clients, SolverSecrets secrets, DnsLookups lookups, TimeProvider time) : IDnsProvider
{
    // Ours: a webhook has no use for them, or must not see them.
    private static readonly string[] OwnMembers = ["url", "tokenSecretRef", "caBundle"];

    public string Name => "webhook";

    public Task<SolverOutcome> AddAsync(TxtRecord record, DnsSolver solver, CancellationToken cancellationToken) => ChangeAsync("Present", "present", record, solver, cancellationToken);

    public Task<SolverOutcome> RemoveAsync(TxtRecord record, DnsSolver solver, CancellationToken cancellationToken) => ChangeAsync("CleanUp", "cleanup", record, solver, cancellationToken);

    /// <summary>The third call: is it there, does it take our token, and does it have this solver?</summary>
    public async Task<SolverOutcome> ProbeAsync(DnsSolver solver, CancellationToken cancellationToken)
    {
        var (answer, problem) = await SendAsync(HttpMethod.Get, "healthz", body: null, solver, cancellationToken);
        if (problem is not null) { return problem; }

        var name = solver.Spec.Webhook!.SolverName;
        return answer?["solverNames"] is JsonArray names && !names.Any(each => each is JsonValue value && value.TryGetValue<string>(out var text) && text == name)
            ? Refusal.Misconfigured($"The webhook has no solver {name}.")
            : SolverOutcome.Done;
    }

    private async Task<SolverOutcome> ChangeAsync(string action, string path, TxtRecord record, DnsSolver solver, CancellationToken cancellationToken)
    {
        if (solver.Spec.Webhook is not { } webhook) { return Misconfigured; }

        var zone = await lookups.FindZoneAsync(record.Fqdn, solver.Spec, cancellationToken);
        var (_, problem) = await SendAsync(HttpMethod.Post, path, Request(action, record, solver, webhook, zone), solver, cancellationToken);
        return problem ?? SolverOutcome.Done;
    }

    /// <summary>cert-manager's ChallengeRequest (webhook.acme.cert-manager.io/v1alpha1), names with the root's dot as there.</summary>
    private static JsonObject Request(string action, TxtRecord record, DnsSolver solver, WebhookDns webhook, string? zone) => new()
    {
        // The same at every repetition and for both actions.
        ["uid"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{record.Fqdn} {record.Value}")))[..32],
        ["action"] = action,
        ["type"] = "dns-01",
        ["dnsName"] = record.DnsName,
        ["key"] = record.Value,
        ["resourceNamespace"] = solver.SecretNamespace,
        ["resolvedFQDN"] = $"{record.Fqdn}.",
        ["resolvedZone"] = zone is null ? "" : $"{zone}.",
        ["allowAmbientCredentials"] = solver.AllowsAmbient,
        ["groupName"] = webhook.GroupName,
        ["solverName"] = webhook.SolverName,
        ["config"] = Passed(webhook.Config!),
    };

    private static JsonObject Passed(AnyJson config)
    {
        var all = JsonNode.Parse(config.Text)!.AsObject();
        foreach (var name in OwnMembers) { all.Remove(name); }

        return all;
    }

    private async Task<(JsonObject? Answer, SolverOutcome? Problem)> SendAsync(HttpMethod method, string path, JsonObject? body, DnsSolver solver, CancellationToken cancellationToken)
    {
        if (solver.Spec.Webhook is not { } webhook || WebhookConfig.Parse(webhook) is not { } config) { return (null, Misconfigured); }

        SecretText? token = null;
        if (config.Token is { } reference)
        {
            var secret = await secrets.ReadAsync(solver.SecretNamespace, reference, cancellationToken);
            if (secret.Value is null) { return (null, secret.Problem); }

            token = new SecretText(secret.Value.Reveal().Trim());
            if (!token.Reveal().All(c => c is > ' ' and < (char)0x7f)) { return (null, Refusal.Misconfigured($"The webhook's token in secret {reference.Name} must be printable ASCII without spaces.")); }
        }

        using var request = new HttpRequestMessage(method, new Uri(config.Url.AbsoluteUri.TrimEnd('/') + "/" + path)) { Content = body is null ? null : JsonContent.Create(body) };
        if (token is not null) { request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token.Reveal()}"); }

        try
        {
            using var response = await clients.For(config.CaBundle).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return await WebhookAnswer.ReadAsync(response, token, time.GetUtcNow(), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && NetworkFailure.Is(exception))
        {
            return (null, Refusal.Unavailable($"The webhook does not answer: {NetworkFailure.Describe(exception, config.Url.Host)}"));
        }
    }

    private static SolverOutcome Misconfigured => Refusal.Misconfigured("The webhook solver needs solverName and an https config.url (docs/dns-webhook.md).");
}
