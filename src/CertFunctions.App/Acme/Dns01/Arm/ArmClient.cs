using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using CertFunctions.Core.Acme;

namespace CertFunctions.App.Acme.Dns01.Arm;

/// <summary>An answer of Azure Resource Manager.</summary>
/// <param name="Status">0: none came.</param>
/// <param name="Failure">Why none came.</param>
internal sealed record ArmAnswer(int Status, JsonNode? Body, TimeSpan? RetryAfter, SolverOutcome? Failure = null)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>ARM's own code, such as <c>AuthorizationFailed</c>. Its messages are left out: they hold ids that change at every try.</summary>
    public string? ErrorCode => Body is JsonObject all && all["error"] is JsonObject error && error["code"] is JsonValue code && code.TryGetValue<string>(out var text) ? text : null;
}

/// <summary>Sends requests to Azure Resource Manager; every failure is a value.</summary>
internal sealed class ArmClient(Uri endpoint, HttpPipeline pipeline, TimeProvider time)
{
    /// <param name="pathAndQuery">Escaped; or the whole address that a page named as next.</param>
    /// <param name="ifMatch">The ETag that must still be current; <c>null</c> with <paramref name="onlyNew"/> false: no condition.</param>
    /// <param name="onlyNew">Refuse (412) if something is there already.</param>
    public async Task<ArmAnswer> SendAsync(RequestMethod method, string pathAndQuery, JsonNode? body, string? ifMatch, bool onlyNew, CancellationToken cancellationToken)
    {
        // A page's next address may point anywhere; the token goes to ARM only.
        var address = new Uri(endpoint, pathAndQuery);
        if (address.Authority != endpoint.Authority || address.Scheme != endpoint.Scheme) { return new(0, null, null, Refusal.Unavailable("Azure Resource Manager named a next page on another host.")); }

        using var message = pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(address);
        message.Request.Headers.SetValue("Accept", "application/json");
        if (ifMatch is not null) { message.Request.Headers.SetValue("If-Match", ifMatch); }
        if (onlyNew) { message.Request.Headers.SetValue("If-None-Match", "*"); }
        if (body is not null)
        {
            message.Request.Headers.SetValue("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(BinaryData.FromString(body.ToJsonString()));
        }

        try
        {
            await pipeline.SendAsync(message, cancellationToken);
            return new(message.Response.Status, Parse(message.Response), Wait(message.Response));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new(0, null, null, Explain(exception));
        }
    }

    private static JsonNode? Parse(Response response)
    {
        try
        {
            return response.ContentStream is { Length: > 0 } ? JsonNode.Parse(response.Content.ToMemory().Span) : null;
        }
        catch (JsonException)
        {
            return null;    // a proxy's page
        }
    }

    private TimeSpan? Wait(Response response) => response.Headers.TryGetValue("Retry-After", out var text) ? RetryAfter.Read(text, time.GetUtcNow()) : null;

    /// <summary>What the identity libraries and the network say, without the trace ids that they say it with.</summary>
    private static SolverOutcome Explain(Exception exception)
    {
        if (exception is CredentialUnavailableException) { return Refusal.Misconfigured("No identity is available for Azure DNS here: give the app a managed identity, run az login on a laptop, or name one in the solver."); }
        if (exception is not AuthenticationFailedException) { return Refusal.Unavailable($"Azure Resource Manager does not answer ({exception.GetBaseException().GetType().Name})."); }

        var code = System.Text.RegularExpressions.Regex.Match(exception.Message, "AADSTS[0-9]+", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
        return code.Success
            ? Refusal.Forbidden($"Microsoft Entra ID refuses the solver's identity ({code.Value}): check clientID, tenantID and the client secret.")
            : Refusal.Unavailable("No token could be had for the solver's identity.");
    }
}
