// A service with a certificate of its own that trusts one published bundle and nobody else, as a server and as a client.
//   VAULT_URI   https://NAME.vault.azure.net/           SECRET      the object with its certificate, as default--web-tls
//   BUNDLE_URL  …/ca-bundles/NAME/ca-bundle.pem         PORT        where it listens
//   CLIENTS     names that may call (mutual TLS); unset: anybody     PACE   seconds between two looks, default 60
// GET / says who is calling; GET /call?url=https://… calls another service, with this certificate, and says what it answered.
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Consumers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

var builder = WebApplication.CreateBuilder(args);
string Setting(string name) => builder.Configuration[name] ?? throw new InvalidOperationException($"{name} is not set.");
var pace = TimeSpan.FromSeconds(builder.Configuration.GetValue("PACE", 60));
var clients = builder.Configuration["CLIENTS"]?.Split(',');
var vault = new Uri(Setting("VAULT_URI"));

builder.Services.AddSingleton(new SecretClient(vault, new DefaultAzureCredential(), new SecretClientOptions { DisableChallengeResourceVerification = vault.IsLoopback }));
builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<VaultCertificate>(services, Setting("SECRET"), pace));
builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<TrustBundle>(services, new HttpClient(), new Uri(Setting("BUNDLE_URL")), pace));
builder.Services.AddHostedService(services => services.GetRequiredService<VaultCertificate>());
builder.Services.AddHostedService(services => services.GetRequiredService<TrustBundle>());
builder.Services.AddSingleton(services =>
{
    var (own, trust) = (services.GetRequiredService<VaultCertificate>(), services.GetRequiredService<TrustBundle>());
    return new HttpClient(new SocketsHttpHandler
    {
        PooledConnectionLifetime = pace,   // a connection made long ago was checked long ago
        ConnectCallback = async (connection, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(connection.DnsEndPoint, cancellationToken);
            var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = connection.DnsEndPoint.Host, ClientCertificateContext = own.Context, RemoteCertificateValidationCallback = (_, certificate, chain, errors) => trust.Accepts(certificate, chain, errors),
                },
                cancellationToken);
            return tls;
        },
    });
});

builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(int.Parse(Setting("PORT")), listen => listen.UseHttps(new TlsHandshakeCallbackOptions
{
    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
    {
        ServerCertificateContext = kestrel.ApplicationServices.GetRequiredService<VaultCertificate>().Context,
        ClientCertificateRequired = clients is not null,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            clients is null || (kestrel.ApplicationServices.GetRequiredService<TrustBundle>().Accepts(certificate, chain, errors) && Names(certificate!).Intersect(clients).Any()),
    }),
})));

var app = builder.Build();
app.MapGet("/", (HttpContext http) => $"hello {string.Join(' ', http.Features.Get<ITlsConnectionFeature>()?.ClientCertificate is { } x509 ? Names(x509) : ["stranger"])}\n");
app.MapGet("/call", async (Uri url, HttpClient http) =>
{
    try { return Results.Text(await http.GetStringAsync(url)); }
    catch (HttpRequestException refused) { return Results.Text($"{refused.HttpRequestError}: {refused.InnerException?.Message}\n", statusCode: 502); }
});
app.Run();

static IEnumerable<string> Names(X509Certificate certificate) => X509CertificateLoader.LoadCertificate(certificate.GetRawCertData())
    .Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames());
