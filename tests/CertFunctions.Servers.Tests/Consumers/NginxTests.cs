using CertFunctions.Servers.Tests.Acme;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Servers.Tests.Consumers;

/// <summary>nginx with the PEM secrets, fetched by the script of <c>samples/consumers/nginx</c>.</summary>
public sealed class NginxTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serves_the_PEM_secrets_and_takes_over_a_renewal_on_reload()
    {
        await using var house = await ConsumerHouse.StartAsync("web");
        var port = FreePort.Next();
        var folder = Directory.CreateTempSubdirectory("certfunctions-nginx-").FullName;
        var configuration = await File.ReadAllTextAsync(ConsumerHouse.Sample("nginx/nginx.conf"), Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), configuration.Replace("8443", $"{port}", StringComparison.Ordinal), Cancel);
        await FetchAsync(house, folder);
        using var nginx = ServerProcess.Start("nginx", "nginx-light", ["-p", folder, "-c", "nginx.conf", "-g", "daemon off;"]);
        await using var stop = new Stopping(folder);
        await nginx.UntilAsync(async () => (await house.CurlAsync($"https://localhost:{port}/")).Code == 0, Cancel);
        Assert.Equal("hello from nginx\n", (await house.CurlAsync($"https://localhost:{port}/")).Output);
        var first = await ConsumerHouse.SerialAsync(port);

        await house.RenewAsync("web", 2);
        await FetchAsync(house, folder);

        await house.App.EventuallyAsync(async () => await ConsumerHouse.SerialAsync(port) != first, "the new certificate is served", Cancel);
        Assert.Equal(0, (await house.CurlAsync($"https://localhost:{port}/")).Code);
        using (var tool = new Tool()) { Assert.Equal("600\n", await tool.RunAsync("stat", "-c", "%a", Path.Combine(folder, "tls.key"))); }

    }

    /// <summary>Until both secrets are of one version, as a timer would.</summary>
    private static async Task FetchAsync(ConsumerHouse house, string folder)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var fetch = System.Diagnostics.Process.Start(Started(house, folder))!;
            var error = await fetch.StandardError.ReadToEndAsync(Cancel);
            await fetch.WaitForExitAsync(Cancel);
            if (fetch.ExitCode == 0) { return; }
            Assert.True(attempt < 20, error);
        }
    }

    private static System.Diagnostics.ProcessStartInfo Started(ConsumerHouse house, string folder)
    {
        var start = new System.Diagnostics.ProcessStartInfo(ConsumerHouse.Sample("nginx/fetch.sh"), [ConsumerHouse.Object("web"), folder, "-p", folder, "-c", "nginx.conf"])
        {
            UseShellExecute = false, RedirectStandardError = true,
        };
        foreach (var (name, value) in house.Environment("web")) { start.Environment[name] = value; }
        return start;
    }

    /// <summary>Asks it to stop: killed, it would leave its workers behind.</summary>
    private sealed class Stopping(string folder) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            using var tool = new Tool();
            await tool.TryRunAsync("nginx", "-p", folder, "-c", "nginx.conf", "-s", "stop");
            while (File.Exists(Path.Combine(folder, "nginx.pid"))) { await Task.Delay(20, Cancel); }
            Directory.Delete(folder, recursive: true);
        }
    }
}
