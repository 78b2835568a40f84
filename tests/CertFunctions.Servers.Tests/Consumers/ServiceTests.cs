using Azure;

namespace CertFunctions.Servers.Tests.Consumers;

/// <summary>The .NET sample: server and client of <c>docs/consuming.md</c>.</summary>
public sealed class ServiceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serves_what_the_vault_holds_and_a_renewal_without_a_restart()
    {
        await using var house = await ConsumerHouse.StartAsync("web");
        var (port, process) = await house.ServeAsync("web");
        Assert.Equal((0, "hello stranger\n"), await house.CurlAsync($"https://localhost:{port}/") is var hello ? (hello.Code, hello.Output) : default);
        var first = await ConsumerHouse.SerialAsync(port);

        await house.RenewAsync("web", 2);

        await house.App.EventuallyAsync(async () => await ConsumerHouse.SerialAsync(port) != first, "the new certificate is served", Cancel);
        Assert.Equal(0, (await house.CurlAsync($"https://localhost:{port}/")).Code);
        Assert.Equal(1, process.Output.Split("Application started").Length - 1);
    }

    [Fact]
    public async Task Two_services_know_each_other_by_their_certificates_and_neither_reads_the_others_secret()
    {
        await using var house = await ConsumerHouse.StartAsync("shop", "stock");
        var (shop, _) = await house.ServeAsync("shop", clients: "stock.test");
        var (stock, _) = await house.ServeAsync("stock");

        Assert.Equal((0, "hello localhost stock.test\n"), await house.CurlAsync($"https://localhost:{stock}/call?url=https://localhost:{shop}/") is var called ? (called.Code, called.Output) : default);
        Assert.NotEqual(0, (await house.CurlAsync($"https://localhost:{shop}/")).Code);   // a caller without a certificate

        var thief = await Assert.ThrowsAsync<InvalidOperationException>(() => house.ServeAsync("stock", secret: ConsumerHouse.Object("shop")));
        Assert.Contains("Forbidden", thief.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_the_bundle_refuses_a_server_whose_secret_somebody_replaced()
    {
        await using var house = await ConsumerHouse.StartAsync("shop", "stock");
        var (shop, _) = await house.ServeAsync("shop");
        var (stock, _) = await house.ServeAsync("stock");
        var call = $"https://localhost:{stock}/call?url=https://localhost:{shop}/";
        Assert.Equal("hello stranger\n", (await house.CurlAsync(call)).Output);
        var genuine = await ConsumerHouse.SerialAsync(shop);

        // Paused: otherwise the app would notice and put it right within a second.
        using (var paused = await house.App.Http.PostAsync($"apis/cert-manager.io/v1/{ConsumerHouse.Certificate("shop")}/pause", content: null, Cancel)) { Assert.True(paused.IsSuccessStatusCode); }
        using var vault = await VaultReader.OfAsync(house.App, ConsumerHouse.Certificate("shop"), Cancel);
        await Given.ForeignAsync(vault, ConsumerHouse.Object("shop"));
        await house.App.EventuallyAsync(async () => await ConsumerHouse.SerialAsync(shop) != genuine, "the foreign certificate is served", Cancel);

        Assert.Equal(60, (await house.CurlAsync($"https://localhost:{shop}/")).Code);   // curl: the peer's certificate cannot be verified
        await house.App.EventuallyAsync(
            async () => (await house.CurlAsync(call)).Output.Contains("rejected", StringComparison.Ordinal), "the .NET client refuses on its next connection", Cancel);
    }
}
