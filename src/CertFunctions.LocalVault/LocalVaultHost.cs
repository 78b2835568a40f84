using System.Buffers.Text;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Core;
using CertFunctions.LocalVault.Certificates;
using CertFunctions.LocalVault.Hosting;
using CertFunctions.LocalVault.Identity;
using CertFunctions.LocalVault.Secrets;
using CertFunctions.LocalVault.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CertFunctions.LocalVault;

/// <summary>
/// Two Key Vaults on loopback for the unmodified Azure SDK clients: the default one and the system one, on a port each, in one encrypted
/// SQLite file. The default vault's port also answers App Service's managed-identity endpoint.
/// </summary>
public sealed class LocalVaultHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly VaultDatabase _database;
    private readonly LocalCa _ca;

    private LocalVaultHost(WebApplication app, VaultDatabase database, LocalCa ca, int[] ports, TokenIssuer tokens, string identityHeaderPath)
    {
        (_app, _database, _ca) = (app, database, ca);
        DefaultVault = new Uri($"https://localhost:{ports[0]}/");
        SystemVault = new Uri($"https://localhost:{ports[1]}/");
        IdentityEndpoint = new Uri(DefaultVault, ManagedIdentity.Path);
        IdentityHeaderPath = identityHeaderPath;
        Credential = new InProcessCredential(tokens);
    }

    public Uri DefaultVault { get; }
    public Uri SystemVault { get; }

    /// <summary>PEM file of the CA made at first start: what clients trust.</summary>
    public string CaPath => _ca.Path;

    /// <summary>For <c>IDENTITY_ENDPOINT</c>.</summary>
    public Uri IdentityEndpoint { get; }

    /// <summary>File with the value for <c>IDENTITY_HEADER</c>; only its owner can read it.</summary>
    public string IdentityHeaderPath { get; }

    /// <summary>For clients in this process.</summary>
    public TokenCredential Credential { get; }

    /// <summary>A handler that trusts the local CA and nothing else.</summary>
    public HttpMessageHandler CreateHandler() => new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificate(_ca.Root.RawData) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };

    public static async Task<LocalVaultHost> StartAsync(LocalVaultOptions options, CancellationToken ct)
    {
        var folder = Path.GetFullPath(Path.Combine(options.DataDirectory, "vault"));
        Directory.CreateDirectory(folder);
        await using var starting = await StartLock.TakeAsync(Path.Combine(folder, "start.lock"), ct);
        var key = PrivateFile.ReadOrCreate(Path.Combine(folder, "key"), () => RandomNumberGenerator.GetBytes(32));
        var headerPath = Path.Combine(folder, "identity-header");
        var header = PrivateFile.ReadOrCreate(headerPath, () => Encoding.ASCII.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))));
        var tokens = new TokenIssuer(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "token"u8.ToArray()), options.Time);
        var cipher = new ValueCipher(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "value"u8.ToArray()));
        var ca = LocalCa.Open(folder);
        var ports = Ports.Choose(Path.Combine(folder, "ports.json"), options.DefaultPort, options.SystemPort, options.Shared);
        var database = new VaultDatabase(Path.Combine(folder, "vault.db"));

        VaultEndpoints Vault(string name, ManagedIdentity? identity) => new(
            new SecretStore(database, cipher, name, options.Time), new CertificateStore(database, cipher, name, options.Time), tokens, identity);
        var app = Build(ca, ports, options.Shared, Vault("default", new ManagedIdentity(tokens, header)), Vault("system", identity: null));
        try
        {
            await app.StartAsync(ct);
        }
        catch
        {
            await app.DisposeAsync();
            database.Dispose();
            ca.Dispose();
            throw;
        }

        return new LocalVaultHost(app, database, ca, ports, tokens, headerPath);
    }

    public async ValueTask DisposeAsync()
    {
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
        {
            await _app.StopAsync(limit.Token);
        }

        await _app.DisposeAsync();
        _database.Dispose();
        _ca.Dispose();
    }

    // No logging providers: nothing a client sends or gets can reach a log. No console lifetime: the process belongs to our caller.
    private static WebApplication Build(LocalCa ca, int[] ports, bool shared, VaultEndpoints defaultVault, VaultEndpoints systemVault)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = endpoint => Ports.Bind(endpoint, shared));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1 << 20;
            foreach (var port in ports)
            {
                kestrel.Listen(IPAddress.Loopback, port, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.UseHttps(ca.Server);
                });
            }
        });
        var app = builder.Build();
        app.Run(context => context.Connection.LocalPort == ports[0] ? defaultVault.HandleAsync(context) : systemVault.HandleAsync(context));
        return app;
    }

    private sealed class CallersLifetime : IHostLifetime
    {
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
