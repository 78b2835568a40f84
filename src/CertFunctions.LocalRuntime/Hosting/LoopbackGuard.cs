using Microsoft.AspNetCore.Http;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>
/// Keeps web pages away from an API that is open without a key: a page's name rebound to 127.0.0.1 shows in Host, a foreign page in Origin.
/// </summary>
internal static class LoopbackGuard
{
    public static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (Refusal(http.Request) is not { } sentence)
        {
            await next(http);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync(sentence + "\n", http.RequestAborted);
    }

    private static string? Refusal(HttpRequest request)
    {
        // A CA comes under the name that it checks, and is told nothing but what it was promised (RFC 8555 §8.3).
        if (request.Path.StartsWithSegments("/.well-known/acme-challenge", StringComparison.Ordinal)) { return null; }

        if (!IsLoopback(request.Host.Host)) { return "This API is open on loopback only: the Host header must be localhost, 127.0.0.1 or [::1]."; }

        foreach (var origin in request.Headers.Origin)
        {
            // A page of another port is another program's: it may not drive this one either.
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Authority != request.Host.Value)
            {
                return "This API is open on loopback only: requests from other web origins are refused.";
            }
        }

        return null;
    }

    private static bool IsLoopback(string host) =>
        host is "127.0.0.1" or "[::1]" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
}
