using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>Answers HTTP-01 requests for tests of the client alone: put a key authorization under its token.</summary>
public sealed class Http01Server : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Http01Server(WebApplication app) => _app = app;

    public ConcurrentDictionary<string, string> Answers { get; } = new();

    public static async Task<Http01Server> StartAsync(int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var server = new Http01Server(builder.Build());
        server._app.MapGet("/.well-known/acme-challenge/{token}", (string token) =>
            server.Answers.TryGetValue(token, out var answer) ? Results.Text(answer, "application/octet-stream") : Results.NotFound());
        await server._app.StartAsync(cancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
