using System.Net;
using System.Net.Sockets;
using System.Text;
using CertFunctions.App.Acme;
using CertFunctions.App.Acme.Http01;
using CertFunctions.Core.Policy;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Tests.Acme;

/// <summary>What a look from here can tell of an HTTP-01 answer: it is there, it is not, or nobody can say.</summary>
public sealed class HttpSelfCheckTests : IDisposable
{
    private const string Token = "token-0123456789abcdef";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _connections;

    public HttpSelfCheckTests() => _listener.Start();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    [Theory]
    [InlineData("200 OK", "key", SelfCheck.Visible)]
    [InlineData("200 OK", "key\n", SelfCheck.Visible)]
    [InlineData("200 OK", "another key", SelfCheck.NotVisible)]
    [InlineData("404 Not Found", "key", SelfCheck.NotVisible)]
    public async Task Tells_what_is_there(string status, string body, string state)
    {
        var serving = ServeAsync(status, body);

        Assert.Equal(state, (await LookAsync("127.0.0.1", allowsPrivate: true)).State);
        await serving;
    }

    [Fact]
    public async Task A_private_address_is_not_connected_to()
    {
        var serving = ServeAsync("200 OK", "key");

        var seen = await LookAsync("127.0.0.1", allowsPrivate: false);

        Assert.Equal(SelfCheck.Inconclusive, seen.State);
        Assert.Contains("loopback", seen.Message, StringComparison.Ordinal);
        Assert.Equal(0, _connections);
        Assert.False(serving.IsCompleted);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_and_a_closed_port_tell_nothing()
    {
        _listener.Stop();

        Assert.Equal(SelfCheck.Inconclusive, (await LookAsync("no-such-name.invalid", allowsPrivate: true, port: 80)).State);
        Assert.Equal(SelfCheck.Inconclusive, (await LookAsync("127.0.0.1", allowsPrivate: true, port: 1)).State);
    }

    public void Dispose() => _listener.Dispose();

    private async Task<SelfCheck> LookAsync(string name, bool allowsPrivate, int? port = null)
    {
        using var check = new HttpSelfCheck(Options.Create(new AcmeOptions { AllowPrivateAddresses = allowsPrivate }), Options.Create(new Http01Options { Port = port ?? Port }));
        return await check.LookAsync(name, Token, "key", Cancel);
    }

    private async Task ServeAsync(string status, string body)
    {
        using var client = await _listener.AcceptTcpClientAsync(Cancel);
        Interlocked.Increment(ref _connections);
        await using var stream = client.GetStream();
        var asked = new byte[4096];
        var length = await stream.ReadAsync(asked, Cancel);
        Assert.StartsWith($"GET /.well-known/acme-challenge/{Token} HTTP/1.1", Encoding.ASCII.GetString(asked, 0, length), StringComparison.Ordinal);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"), Cancel);
    }
}
