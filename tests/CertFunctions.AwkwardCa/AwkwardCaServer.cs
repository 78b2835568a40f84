using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CertFunctions.AwkwardCa;

/// <summary>An RFC 8555 server on a free port of this machine that is awkward on purpose: what Pebble cannot be asked to do. It waits for nothing itself: what takes time is worked out from its clock when somebody looks.</summary>
public sealed class AwkwardCaServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly X509Certificate2 _apiCa;
    private readonly X509Certificate2 _server;
    private readonly X509Certificate2 _wrong;

    private AwkwardCaServer(TimeProvider time)
    {
        (Time, Book) = (time, new CaBook(time));
        (_apiCa, _server) = Authority.ForApi();
        (var otherCa, _wrong) = Authority.ForApi();
        otherCa.Dispose();

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Use(next => connection =>
            {
                if (!IsOut(OutageKind.Refused)) { return next(connection); }
                connection.Abort();
                return Task.CompletedTask;
            });
            listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = (_, _) => IsOut(OutageKind.WrongTls) ? _wrong : _server });
        }));
        _app = builder.Build();
    }

    public TimeProvider Time { get; }

    public Awkwardness Awkward { get; } = new();

    public CaBook Book { get; }

    public Authority Authority { get; } = new();

    public CallLog Log { get; } = new();

    /// <summary>Limits on newOrder; any may be added during a run.</summary>
    public ConcurrentBag<RateLimit> Limits { get; } = [];

    /// <summary>New orders of all accounts together; null: not counted.</summary>
    public OrderBucket? Bucket { get; set; }

    /// <summary>How a challenge is looked at; default <see cref="Validators.AlwaysValid"/>.</summary>
    public Func<Validation, Task<AcmeFault?>> Validate { get; set; } = Validators.AlwaysValid;

    /// <summary>Asked before each request is looked at; a fault ends it.</summary>
    public Func<AcmeCall, Task<AcmeFault?>>? OnRequest { get; set; }

    public Uri Directory { get; private set; } = null!;

    /// <summary>What a client must trust to speak to the server; it is not what signs certificates.</summary>
    public string ApiCaPem => _apiCa.ExportCertificatePem();

    /// <param name="time">Null: the machine's.</param>
    public static async Task<AwkwardCaServer> StartAsync(TimeProvider? time = null)
    {
        var server = new AwkwardCaServer(time ?? TimeProvider.System);
        Front? front = null;
        server._app.Run(context => front!.AnswerAsync(context));
        await server._app.StartAsync();
        var address = new Uri(server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        front = new Front(server, new Urls($"https://localhost:{address.Port}"));
        server.Directory = new Uri($"https://localhost:{address.Port}/dir");
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Authority.Dispose();
        _apiCa.Dispose();
        _server.Dispose();
        _wrong.Dispose();
    }

    internal bool IsOut(OutageKind kind) => Awkward.Outage is { } outage && outage.Kind == kind && outage.Until > Time.GetUtcNow();
}
