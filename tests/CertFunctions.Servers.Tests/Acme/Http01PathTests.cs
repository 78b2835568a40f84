using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>What strangers may ask of the one anonymous path that tells something (acme-cases 36): one and the same 404, but for the CA's own question.</summary>
public sealed class Http01PathTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_a_live_token_under_its_own_name_is_answered()
    {
        await using var house = await PebbleApp.StartAsync(settings: new Dictionary<string, string> { ["Http01__Hosts__0"] = "Own.example.test", ["Logging__LogLevel__Default"] = "Debug" });
        await house.IssuerAsync("[{waitInsteadOfSelfCheck: 10m, http01: {ingress: {}}}]");
        await Given.ApplyAsync(house.App, Given.Leaf, PebbleApp.Certificate("web", "dnsNames: [web.example.test]"));
        await house.App.EventuallyAsync(async () => (await house.ListAsync("challenges")).Any(each => (bool?)each["status"]?["presented"] is true), "the challenge is presented", Cancel);
        var spec = (await house.ListAsync("challenges"))[0]["spec"]!;
        var (token, key) = ((string)spec["token"]!, (string)spec["key"]!);

        await house.App.EventuallyAsync(async () => (await AskAsync(house.App, $"/.well-known/acme-challenge/{token}", "web.example.test")).Status == 200, "the token is answered", Cancel);
        foreach (var host in (string[])["web.example.test", "WEB.example.test:80", "own.example.test", "web.example.test."])
        {
            Assert.Equal((200, key), await AskAsync(house.App, $"/.well-known/acme-challenge/{token}", host));
        }

        var expected = await AskAsync(house.App, "/.well-known/acme-challenge/no-such-token-0123456789", "web.example.test");
        Assert.Equal(404, expected.Status);
        (string Path, string Host, string Method)[] tricks =
        [
            ($"/.well-known/acme-challenge/{token}", "other.example.test", "GET"), ($"/.well-known/acme-challenge/{token}", "web.example.test", "POST"), ($"/.well-known/acme-challenge/{token}", "web.example.test", "DELETE"),
            ($"/.well-known/acme-challenge/..%2f{token}", "web.example.test", "GET"), ($"/.well-known/acme-challenge//{token}", "web.example.test", "GET"), ($"/.well-known/acme-challenge/{token}/", "web.example.test", "GET"),
            ($"/.well-known/acme-challenge/{token}x", "web.example.test", "GET"), ("/.well-known/acme-challenge/", "web.example.test", "GET"),
            ($"/.well-known/acme-challenge/{new string('a', 6000)}", "web.example.test", "GET"), ($"/.well-known/acme-challenge/{token[..15]}", "web.example.test", "GET"),
        ];
        Assert.Equal((400, ""), await AskAsync(house.App, $"/.well-known/acme-challenge/{token}%00", "web.example.test"));   // the server's own answer
        foreach (var (path, host, method) in tricks) { Assert.True(expected == await AskAsync(house.App, path, host, method), $"{method} {path} for {host}: {await AskAsync(house.App, path, host, method)}"); }

        using var gone = await house.App.Http.DeleteAsync("apis/cert-manager.io/v1/" + Given.Leaf, Cancel);
        gone.EnsureSuccessStatusCode();
        await house.App.EventuallyAsync(async () => await AskAsync(house.App, $"/.well-known/acme-challenge/{token}", "web.example.test") == expected, "the token is gone with its Certificate", Cancel);
        Assert.DoesNotContain(key, house.App.Output, StringComparison.Ordinal);
    }

    /// <summary>By hand: an HTTP client would tidy the path up.</summary>
    private static async Task<(int Status, string Body)> AskAsync(LocalApp app, string path, string host, string method = "GET")
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, app.Port, Cancel);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), Cancel);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync(Cancel);
        var parts = answer.Split("\r\n\r\n", 2);
        return (int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), parts[1].Trim());
    }
}
