using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Azure;
using Azure.Security.KeyVault.Secrets;

namespace Consumers;

/// <summary>This program's own certificate: read from its secret, and read again so that a renewal is served without a restart.</summary>
/// <param name="secrets">Needs the role Key Vault Secrets User on this one secret.</param>
public sealed class VaultCertificate(SecretClient secrets, string name, TimeSpan pace, ILogger<VaultCertificate> log) : BackgroundService
{
    private Held? _held;

    private sealed record Held(string Version, SslStreamCertificateContext Context);

    /// <summary>Leaf, key and chain, as a TLS server or client presents them. Take it anew for each connection.</summary>
    public SslStreamCertificateContext Context => _held!.Context;

    /// <summary>Without a certificate the program does not start.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(pace);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // What is held stays in use whatever goes wrong: it is renewed long before its end.
            try { await RefreshAsync(stoppingToken); }
            catch (RequestFailedException refused) { log.LogWarning("{Name} cannot be read: {Code}", name, refused.ErrorCode); }
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        // One secret holds key and chain: they always belong together.
        KeyVaultSecret secret = await secrets.GetSecretAsync(name, cancellationToken: cancellationToken);
        if (secret.Properties.Version == _held?.Version) { return; }

        var all = X509CertificateLoader.LoadPkcs12Collection(Convert.FromBase64String(secret.Value), password: "");
        var leaf = all.Single(x509 => x509.HasPrivateKey);
        var above = new X509Certificate2Collection(all.Where(x509 => !x509.HasPrivateKey).ToArray());
        _held = new Held(secret.Properties.Version, SslStreamCertificateContext.Create(leaf, above, offline: true));
        log.LogInformation("{Name} is served as version {Version} until {End:u}", name, secret.Properties.Version, leaf.NotAfter.ToUniversalTime());
    }
}
