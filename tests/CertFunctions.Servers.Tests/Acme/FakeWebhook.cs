using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CertFunctions.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>A DNS webhook as docs/dns-webhook.md asks for, over https with a CA of its own.</summary>
public sealed class FakeWebhook : IAsyncLifetime
{
    public const string Token = "t0ken-of-the-webhook";

    private static readonly string[] Solvers = ["some-dns"];

    private readonly ApiCertificate _certificate = new();
    private readonly ConcurrentDictionary<string, HashSet<string>> _values = new();
    private readonly int _port = FreePort.Next();
    private WebApplication? _app;

    public string Url => $"https://localhost:{_port}/dns";

    public string CaPem => _certificate.CaPem;

    /// <summary>Answers instead, if it gives one.</summary>
    public Func<HttpContext, IResult?> Fault { get; set; } = _ => null;

    public JsonObject? LastBody { get; private set; }

    public string? LastAuthorization { get; private set; }

    public string[] Texts(string fqdn) => _values.TryGetValue($"{fqdn}.", out var values) ? [.. values.Order(StringComparer.Ordinal)] : [];

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(_port, listen => listen.UseHttps(
            System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(_certificate.CertificateFile, _certificate.KeyFile))));
        _app = builder.Build();
        _app.Use((context, next) => Fault(context) is { } fault ? fault.ExecuteAsync(context) : next(context));
        _app.MapPost("/dns/present", (HttpRequest request) => ChangeAsync(request, (values, key) => values.Add(key)));
        _app.MapPost("/dns/cleanup", (HttpRequest request) => ChangeAsync(request, (values, key) => values.Remove(key)));
        _app.MapGet("/dns/healthz", () => Results.Json(new { solverNames = Solvers }));
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task ChangeAsync(HttpRequest request, Action<HashSet<string>, string> change)
    {
        LastAuthorization = request.Headers.Authorization.ToString();
        LastBody = (await JsonNode.ParseAsync(request.Body))!.AsObject();
        var values = _values.GetOrAdd(LastBody["resolvedFQDN"]!.GetValue<string>(), _ => []);
        lock (values) { change(values, LastBody["key"]!.GetValue<string>()); }
    }
}
