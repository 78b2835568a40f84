using System.Net.Http.Json;
using System.Net.Sockets;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>pebble-challtestsrv as a resolver for <see cref="Pebble"/>: every name is 127.0.0.1 unless told otherwise. Hosts are given without the final dot.</summary>
public sealed class ChallTestServer : IDisposable
{
    private readonly int _dnsPort = FreePort.Next();
    private readonly int _managementPort = FreePort.Next();
    private readonly HttpClient _management;
    private readonly ServerProcess _process;

    private ChallTestServer()
    {
        _management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_managementPort}/") };

        // Without the empty IPv6 default Pebble dials [::1] and does not fall back.
        string[] none = ["-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""];
        _process = ServerProcess.Start(
            "pebble-challtestsrv", "pebble", ["-dns01", DnsAddress, "-management", $"127.0.0.1:{_managementPort}", "-defaultIPv4", "127.0.0.1", .. none]);
    }

    /// <summary>For <see cref="PebbleOptions.DnsServer"/>.</summary>
    public string DnsAddress => $"127.0.0.1:{_dnsPort}";

    public static async Task<ChallTestServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = new ChallTestServer();
        try
        {
            await server._process.UntilAsync(async () => await IsOpenAsync(server._managementPort, cancellationToken) && await IsOpenAsync(server._dnsPort, cancellationToken), cancellationToken);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Adds a value beside those that are there.</summary>
    public Task SetTxtAsync(string host, string value, CancellationToken cancellationToken) => PostAsync("set-txt", new { host = host + ".", value }, cancellationToken);

    /// <summary>Removes every value.</summary>
    public Task ClearTxtAsync(string host, CancellationToken cancellationToken) => PostAsync("clear-txt", new { host = host + "." }, cancellationToken);

    public Task SetCnameAsync(string host, string target, CancellationToken cancellationToken) => PostAsync("set-cname", new { host = host + ".", target = target + "." }, cancellationToken);

    public Task ClearCnameAsync(string host, CancellationToken cancellationToken) => PostAsync("clear-cname", new { host = host + "." }, cancellationToken);

    public Task SetServfailAsync(string host, CancellationToken cancellationToken) => PostAsync("set-servfail", new { host = host + "." }, cancellationToken);

    public Task ClearServfailAsync(string host, CancellationToken cancellationToken) => PostAsync("clear-servfail", new { host = host + "." }, cancellationToken);

    public Task AddAddressAsync(string host, string address, CancellationToken cancellationToken) => PostAsync("add-a", new { host = host + ".", addresses = new[] { address } }, cancellationToken);

    public void Dispose()
    {
        _process.Dispose();
        _management.Dispose();
    }

    private async Task PostAsync<T>(string path, T body, CancellationToken cancellationToken)
    {
        using var answer = await _management.PostAsJsonAsync(path, body, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<bool> IsOpenAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(System.Net.IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
