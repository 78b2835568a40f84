using CertFunctions.App.Api.OpenApi;
using CertFunctions.Core.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CertFunctions.App.Api;

/// <summary>What anybody may read: published CA certificates (for inspection; clients trust bundles).</summary>
public sealed class OpenFunctions(IObjectStore objects)
{
    /// <summary>The CA that signed what a secret holds, PEM; 404 when it is unknown.</summary>
    [Function("GetCaCertificate")]
    public async Task<IResult> GetCaCertificateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "ca/{ns}/{secretName}/ca.crt")] HttpRequest request,
        string ns, string secretName, CancellationToken cancellationToken)
    {
        if (await objects.FindAsync($"ca/{ns}/{secretName}/current", cancellationToken) is not { } found) { return Results.NotFound(); }

        request.HttpContext.Response.Headers.ETag = $"\"{found.ETag}\"";
        return Results.Bytes(found.Content.ToArray(), "application/x-pem-file");
    }
}

/// <summary>What kubectl asks before anything else.</summary>
public sealed class ClientFunctions(OpenApiDocuments documents)
{
    [Function("GetVersion")]
    public static IResult GetVersion([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "version")] HttpRequest request) =>
        Results.Text("""{"major":"1","minor":"33","gitVersion":"v1.33.0"}""", "application/json");

    [Function("GetOpenApi")]
    public IResult GetOpenApi([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "openapi/{*path}")] HttpRequest request, string? path) =>
        documents.Find(path) ?? Statuses.UnknownPath("openapi", path);
}
