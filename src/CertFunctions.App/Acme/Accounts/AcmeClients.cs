using System.Collections.Concurrent;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Accounts;

/// <summary>One client an ACME server and way to trust it: they share its nonces, its directory and its connections.</summary>
/// <param name="connect">For tests: null is <see cref="GuardedHttp"/>.</param>
public sealed class AcmeClients(TimeProvider time, IOptions<AcmeOptions> options, Func<AcmeConnection, HttpClient>? connect = null) : IDisposable
{
    private const int MostKept = 100;

    private readonly ConcurrentDictionary<AcmeConnection, Lazy<AcmeClient>> _clients = new();

    public AcmeClient For(AcmeIssuer issuer)
    {
        if (_clients.Count >= MostKept) { _clients.Clear(); }   // whoever holds one goes on with it

        var connection = new AcmeConnection(new Uri(issuer.Directory()!), AcmeTrust.ToPem(issuer.CaBundle), issuer.SkipTLSVerify is true, options.Value.AllowPrivateAddresses);
        return _clients.GetOrAdd(connection, key => new Lazy<AcmeClient>(() => new AcmeClient((connect ?? GuardedHttp.Create)(key), key.Directory, time))).Value;
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(each => each.IsValueCreated)) { client.Value.Dispose(); }
    }
}
