using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;

namespace CertFunctions.App.Api;

/// <summary>Lets nobody in without the API key, but to the few open routes. Function levels are not enforced off Azure, so this is the only gate.</summary>
public sealed class DenyByDefault(IConfiguration configuration) : IFunctionsWorkerMiddleware
{
    private static readonly HashSet<string> Open = new(["GetHealth", "GetReadiness", "GetCaCertificate", "GetCaBundle", "GetAcmeChallenge"], StringComparer.Ordinal);

    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is not { } http || Open.Contains(context.FunctionDefinition.Name) || IsAllowed(http.Request)) { return next(context); }

        context.GetInvocationResult().Value = Statuses.Unauthorized();
        return Task.CompletedTask;
    }

    private bool IsAllowed(HttpRequest request)
    {
        if (configuration["Api:Key"] is { Length: > 0 } key)
        {
            // A Key Vault reference that Azure could not resolve stands here as it is written in the template: known to everybody.
            if (key.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase)) { return false; }

            return Same(request.Headers["x-functions-key"].ToString(), key) || Same(Bearer(request), key);
        }

        return configuration.GetValue("Api:Open", defaultValue: false);
    }

    private static string Bearer(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : "";
    }

    private static bool Same(string given, string key) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
