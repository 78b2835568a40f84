using System.Net;
using System.Net.Sockets;
using CertFunctions.Core.Validation;
using DnsClient;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Dns01.Lookups;

/// <summary>A server to ask.</summary>
/// <param name="Label">For messages.</param>
/// <param name="Endpoint">Null: DNS over HTTPS at <paramref name="Https"/>.</param>
internal sealed record DnsServer(string Label, IPEndPoint? Endpoint, Uri? Https, bool Recursion);

/// <summary>Which recursive servers are asked: the solver's, the settings', or the machine's.</summary>
internal sealed class RecursiveServers(IOptions<Dns01Options> options)
{
    public async Task<IReadOnlyList<DnsServer>> ForAsync(IReadOnlyList<string>? ofSolver, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> named = ofSolver is { Count: > 0 } ? ofSolver : [.. options.Value.Nameservers];
        if (named.Count == 0) { return [.. NameServer.ResolveNameServers(skipIPv6SiteLocal: true, fallbackToGooglePublicDns: false).Select(OfMachine).OfType<DnsServer>()]; }

        var servers = new List<DnsServer>();
        foreach (var text in named)
        {
            if (NameserverSyntax.Parse(text) is not { } server) { continue; }   // rules refuse it before
            if (server.Https is { } https) { servers.Add(new DnsServer(text, null, https, Recursion: true)); }
            else if (await AddressAsync(server.Host, cancellationToken) is { } address) { servers.Add(new DnsServer(text, new IPEndPoint(address, server.Port), null, Recursion: true)); }
        }

        return servers;
    }

    private static DnsServer? OfMachine(NameServer server) =>
        IPAddress.TryParse(server.Address, out var address) ? new DnsServer(server.Address, new IPEndPoint(address, server.Port), null, Recursion: true) : null;

    private static async Task<IPAddress?> AddressAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal)) { return literal; }

        try
        {
            return (await Dns.GetHostAddressesAsync(host, cancellationToken)).MinBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
