using CertFunctions.LocalVault;

namespace CertFunctions.LocalRuntime.Tests.Vault;

public sealed class PagingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_goes_on_over_empty_pages()
    {
        await using var vault = await VaultFixture.StartAsync(options => options with { EmptyPages = true });
        var secrets = vault.Secrets();
        for (var i = 0; i < 27; i++) { await secrets.SetSecretAsync($"page-{i:00}", "x", Ct); }

        var pages = new List<int>();
        await foreach (var page in secrets.GetPropertiesOfSecretsAsync(Ct).AsPages()) { pages.Add(page.Values.Count); }

        Assert.Equal([0, 0, 25, 0, 0, 2], pages);
    }

    [Fact]
    public async Task Lists_of_the_deleted_are_cut_into_pages_too()
    {
        await using var vault = await VaultFixture.StartAsync(options => options);
        var secrets = vault.Secrets();
        for (var i = 0; i < 27; i++)
        {
            await secrets.SetSecretAsync($"page-{i:00}", "x", Ct);
            await secrets.StartDeleteSecretAsync($"page-{i:00}", Ct);
        }

        var pages = new List<int>();
        await foreach (var page in secrets.GetDeletedSecretsAsync(Ct).AsPages()) { pages.Add(page.Values.Count); }

        Assert.Equal([25, 2], pages);
    }

    [Theory]
    [InlineData("maxresults=26")]
    [InlineData("maxresults=0")]
    [InlineData("maxresults=many")]
    [InlineData("$skiptoken=page-05")]
    public async Task Page_sizes_and_skip_tokens_of_others_are_refused(string query)
    {
        await using var vault = await VaultFixture.StartAsync(options => options);

        var answer = await vault.SendAsync("GET", $"secrets?api-version=7.6&{query}");

        Assert.Equal((400, "BadParameter"), (answer.Status, answer.Error));
    }
}
