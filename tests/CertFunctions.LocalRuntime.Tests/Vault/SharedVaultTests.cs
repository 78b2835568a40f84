using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using CertFunctions.LocalVault;

namespace CertFunctions.LocalRuntime.Tests.Vault;

/// <summary>Several processes on one data directory. Two hosts in one process have nothing in common but the directory, so they stand for them.</summary>
public sealed class SharedVaultTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-").FullName;
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_that_start_at_once_serve_one_vault_at_one_address()
    {
        var hosts = await Task.WhenAll(StartAsync(), StartAsync());
        await using var first = hosts[0];
        await using var second = hosts[1];

        Assert.Equal((first.DefaultVault, first.SystemVault), (second.DefaultVault, second.SystemVault));
        await Client(first).SetSecretAsync("ours", "x", Ct);
        Assert.Equal("x", (await Client(second).GetSecretAsync("ours", cancellationToken: Ct)).Value.Value);
    }

    [Fact]
    public async Task Writes_of_both_at_once_are_all_kept_each_a_version_of_its_own()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var clients = Enumerable.Range(0, 8).Select(i => Client(i % 2 == 0 ? first : second)).ToList();

        var written = await Task.WhenAll(clients.SelectMany((client, i) => Enumerable.Range(0, 10).Select(
            async j => (await client.SetSecretAsync($"busy-{j}", $"{i}", Ct)).Value.Properties.Version)));

        var found = new List<string>();
        for (var j = 0; j < 10; j++)
        {
            await foreach (var version in Client(second).GetPropertiesOfSecretVersionsAsync($"busy-{j}", Ct)) { found.Add(version.Version); }
        }

        Assert.Equal(written.Order(), found.Order());
    }

    [Fact]
    public async Task The_other_goes_on_at_the_same_address_when_one_ends()
    {
        await using var survivor = await StartAsync();
        await using (var ended = await StartAsync()) { await Client(ended).SetSecretAsync("kept", "x", Ct); }

        Assert.Equal("x", (await Client(survivor).GetSecretAsync("kept", cancellationToken: Ct)).Value.Value);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Task<LocalVaultHost> StartAsync() => LocalVaultHost.StartAsync(new LocalVaultOptions { DataDirectory = _directory, Shared = true }, Ct);

    private static SecretClient Client(LocalVaultHost host) => new(host.DefaultVault, host.Credential, new SecretClientOptions
    {
        DisableChallengeResourceVerification = true, Transport = new HttpClientTransport(new HttpClient(host.CreateHandler())), Retry = { MaxRetries = 0 },
    });
}
