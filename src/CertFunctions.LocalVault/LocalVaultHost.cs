using System.Buffers.Text;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Core;
using CertFunctions.LocalVault.Certificates;
using CertFunctions.LocalVault.Faults;
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
    // A secret of 25 KB with every character escaped is 150 KB.
    private const int LargestBody = 256 * 1024;
    private readonly WebApplication _app;
    private readonly VaultDatabase _database;
    private readonly LocalCa _ca;
    private int _disposed;
    private readonly TokenIssuer _tokens;
    private readonly Identities _identities;
    private readonly IdentityHeaders _headers;

    private LocalVaultHost(WebApplication app, VaultDatabase database, LocalCa ca, int[] ports, TokenIssuer tokens, Identities identities, IdentityHeaders headers)
    {
        (_app, _database, _ca, _tokens, _identities, _headers) = (app, database, ca, tokens, identities, headers);
        DefaultVault = new Uri($"https://localhost:{ports[0]}/");
        SystemVault = new Uri($"https://localhost:{ports[1]}/");
        IdentityEndpoint = new Uri(DefaultVault, ManagedIdentity.Path);
        IdentityHeaderPath = headers.PathOf(VaultIdentity.Default.ClientId);
        Credential = new InProcessCredential(tokens, VaultIdentity.Default.ClientId);
    }

    public Uri DefaultVault { get; }
    public Uri SystemVault { get; }

    /// <summary>PEM file of the CA made at first start: what clients trust.</summary>
    public string CaPath => _ca.Path;

    /// <summary>For <c>IDENTITY_ENDPOINT</c>.</summary>
    public Uri IdentityEndpoint { get; }

    /// <summary>File with the value for <c>IDENTITY_HEADER</c>; only its owner can read it.</summary>
    public string IdentityHeaderPath { get; }

    /// <summary>For clients in this process: the administrator of both vaults.</summary>
    public TokenCredential Credential { get; }

    /// <summary>Null unless <see cref="LocalVaultOptions.Faults"/> is on.</summary>
    public VaultFaults? Faults { get; private init; }

    /// <summary>For clients in this process that are to have the rights of another identity.</summary>
    /// <exception cref="ArgumentException">There is no such identity.</exception>
    public TokenCredential CredentialFor(string clientId) => _identities.Find(clientId) is null
        ? throw new ArgumentException($"There is no identity '{clientId}'.", nameof(clientId))
        : new InProcessCredential(_tokens, clientId);

    /// <summary>File with the <c>IDENTITY_HEADER</c> that gives this identity and no other.</summary>
    public string IdentityHeaderPathOf(string clientId) => _headers.PathOf(clientId);

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

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="InvalidDataException">An identity breaks a rule.</exception>
    public static async Task<LocalVaultHost> StartAsync(LocalVaultOptions options, CancellationToken ct)
    {
        if (options.RetentionDays is < 7 or > 90) { throw new ArgumentException("RetentionDays is 7 to 90.", nameof(options)); }

        var folder = Path.GetFullPath(Path.Combine(options.DataDirectory, "vault"));
        Directory.CreateDirectory(folder);
        await using var starting = await StartLock.TakeAsync(Path.Combine(folder, "start.lock"), ct);
        var key = PrivateFile.ReadOrCreate(Path.Combine(folder, "key"), () => RandomNumberGenerator.GetBytes(32));
        var header = PrivateFile.ReadOrCreate(Path.Combine(folder, IdentityHeaders.FileName), () => Encoding.ASCII.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))));
        var headers = new IdentityHeaders(folder, header, Derive("identity"));
        var identities = new Identities(folder, options.Identities, headers.Provide);
        var tokens = new TokenIssuer(Derive("token"), options.Time);
        var cipher = new ValueCipher(Derive("value"));
        var faults = options.Faults ? new VaultFaults() : null;
        var ca = LocalCa.Open(folder);
        var ports = Ports.Choose(Path.Combine(folder, "ports.json"), options.DefaultPort, options.SystemPort, options.Shared);
        var database = new VaultDatabase(Path.Combine(folder, "vault.db"));
        var app = Build(ca, ports, options.Shared, Vault("default", new ManagedIdentity(tokens, identities, headers)), Vault("system", managedIdentity: null));
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

        return new LocalVaultHost(app, database, ca, ports, tokens, identities, headers) { Faults = faults };

        byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: Encoding.ASCII.GetBytes(purpose));

        VaultEndpoints Vault(string name, ManagedIdentity? managedIdentity)
        {
            var deletion = new SoftDelete(name, options.Time, options.DeletionDelay, options.RetentionDays, options.PurgeProtection);
            var secrets = new SecretStore(database, cipher, deletion, name, options.Time);
            var certificates = new CertificateStore(database, cipher, deletion, name, options.Time);
            var pending = new PendingStore(database, cipher, certificates, name, options.Time);
            var routes = new Routes(VaultOperations.Of(secrets, certificates, pending, new Paging(options.EmptyPages)));
            return new VaultEndpoints(name, routes, deletion, tokens, identities, managedIdentity)
            {
                Faults = faults,
                Throttle = options.Throttling ? new Throttle(options.Time) : null,
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) { return; }

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
            kestrel.Limits.MaxRequestBodySize = LargestBody;
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
