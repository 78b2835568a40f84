using System.Net;
using System.Net.Sockets;

namespace CertFunctions.Core.Acme;

/// <summary>Opens connections: resolves the name itself and looks at every address before it connects, so that no later answer of DNS can slip past the check.</summary>
internal sealed class GuardedConnect(OutboundRules rules)
{
    private static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(5);

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        if (!rules.AllowsPlainHttp && context.InitialRequestMessage.RequestUri?.Scheme != Uri.UriSchemeHttps) { throw new AddressRefusedException($"Only https is allowed, also for {host}."); }

        var found = await ResolveAsync(context.DnsEndPoint, cancellationToken);
        var allowed = found.Where(each => Refusal(each) is null).ToList();
        if (allowed.Count == 0)
        {
            throw found.Count == 0
                ? new SocketException((int)SocketError.HostNotFound)
                : new AddressRefusedException($"{host} is not connected to: {Refusal(found[0])}.");
        }

        for (var i = 0; ; i++)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (i < allowed.Count - 1) { deadline.CancelAfter(LongestTry); }
            try
            {
                return await OpenAsync(allowed[i], deadline.Token);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException && i < allowed.Count - 1 && !cancellationToken.IsCancellationRequested)
            {
                // the next address may do
            }
        }
    }

    private string? Refusal(IPEndPoint endpoint) => AddressRules.Refusal(endpoint.Address, rules.AllowsPrivateAddresses);

    private async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(DnsEndPoint asked, CancellationToken cancellationToken)
    {
        if (rules.Resolve is { } resolve) { return await resolve(asked, cancellationToken); }

        var addresses = await Dns.GetHostAddressesAsync(asked.Host, cancellationToken);
        return [.. addresses.Select(address => new IPEndPoint(address, asked.Port))];
    }

    private static async Task<Stream> OpenAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
