using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Consumers;

/// <summary>The only CAs that this program trusts: a published bundle, fetched again so that a CA rotation needs no restart.</summary>
/// <param name="bundle">Public: needs no token, and comes from elsewhere than any server's secret.</param>
public sealed class TrustBundle(HttpClient http, Uri bundle, TimeSpan pace, ILogger<TrustBundle> log) : BackgroundService
{
    private X509Certificate2Collection _roots = [];
    private EntityTagHeaderValue? _version;

    /// <summary>Without CAs to trust the program does not start.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>For <see cref="SslClientAuthenticationOptions.RemoteCertificateValidationCallback"/> and its server's counterpart: asked at each handshake, so it always goes by the newest bundle.</summary>
    public bool Accepts(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        // The platform's own verdict on the chain does not count, its verdict on the name does.
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) { return false; }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        foreach (var oid in presented?.ChainPolicy.ApplicationPolicy ?? []) { chain.ChainPolicy.ApplicationPolicy.Add(oid); }
        if (presented is not null) { chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore); }

        return chain.Build(X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(pace);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // The last good bundle stays in use: no answer is no reason to trust nobody.
            try { await RefreshAsync(stoppingToken); }
            catch (HttpRequestException away) { log.LogWarning("{Bundle} cannot be fetched: {Message}", bundle, away.Message); }
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, bundle);
        if (_version is not null) { ask.Headers.IfNoneMatch.Add(_version); }
        using var answer = await http.SendAsync(ask, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.NotModified) { return; }

        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken));
        if (roots.Count == 0) { throw new HttpRequestException("It holds no certificate."); }

        (_roots, _version) = (roots, answer.Headers.ETag);
        log.LogInformation("{Count} CAs are trusted", roots.Count);
    }
}
