using System.Collections.Concurrent;
using CertFunctions.Core.Acme;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Dns01.Webhooks;

/// <summary>HTTP to webhooks: https only, no redirects, no private addresses unless the settings say so; one client for each set of trusted CAs.</summary>
public sealed class WebhookClients(IOptions<AcmeOptions> options) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, HttpClient> _clients = new();

    /// <param name="caBundle">PEM; null: the machine's trust.</param>
    public HttpClient For(string? caBundle) => _clients.GetOrAdd(
        caBundle ?? "",
        static (_, state) => GuardedHttp.Create(new OutboundRules { AllowsPrivateAddresses = state.Private, TrustedCas = state.caBundle, Timeout = Limit }),
        (caBundle, Private: options.Value.AllowPrivateAddresses));

    public void Dispose()
    {
        foreach (var client in _clients.Values) { client.Dispose(); }
    }
}
