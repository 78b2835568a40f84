using Azure;
using Azure.Security.KeyVault.Secrets;

namespace CertFunctions.LocalRuntime.Tests.Vault;

public sealed class SecretTests(VaultFixture vault) : IClassFixture<VaultFixture>
{
    private readonly SecretClient _secrets = vault.Secrets();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_comes_back_with_everything_it_was_set_with()
    {
        var from = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var secret = new KeyVaultSecret("full", "v1");
        secret.Properties.ContentType = "text/plain";
        secret.Properties.NotBefore = from;
        secret.Properties.ExpiresOn = from.AddYears(20);
        secret.Properties.Tags["k"] = "v";
        await _secrets.SetSecretAsync(secret, Ct);

        var read = (await _secrets.GetSecretAsync("full", cancellationToken: Ct)).Value;

        Assert.Equal("v1", read.Value);
        Assert.Equal("text/plain", read.Properties.ContentType);
        Assert.Equal(from, read.Properties.NotBefore);
        Assert.Equal(from.AddYears(20), read.Properties.ExpiresOn);
        Assert.Equal("v", read.Properties.Tags["k"]);
        Assert.True(read.Properties.Enabled);
        Assert.False(read.Properties.Managed);
    }

    [Fact]
    public async Task The_latest_version_is_the_last_one_written_even_within_a_second()
    {
        for (var i = 0; i < 30; i++)
        {
            await _secrets.SetSecretAsync("quick", $"{i}", Ct);
            Assert.Equal($"{i}", (await _secrets.GetSecretAsync("quick", cancellationToken: Ct)).Value.Value);
        }

        var versions = await _secrets.GetPropertiesOfSecretVersionsAsync("quick", Ct).ToListAsync(Ct);
        Assert.Equal(30, versions.Select(version => version.Version).Distinct().Count());
    }

    [Fact]
    public async Task A_list_names_each_secret_once_over_several_pages()
    {
        for (var i = 0; i < 30; i++)
        {
            await _secrets.SetSecretAsync($"page-{i:00}", "x", Ct);
        }

        await _secrets.SetSecretAsync("page-00", "y", Ct);

        var names = await _secrets.GetPropertiesOfSecretsAsync(Ct).Select(item => item.Name).Where(name => name.StartsWith("page-", StringComparison.Ordinal)).ToListAsync(Ct);

        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"page-{i:00}"), names);
    }

    [Fact]
    public async Task A_disabled_version_is_refused_until_it_is_enabled()
    {
        var properties = (await _secrets.SetSecretAsync("switch", "on", Ct)).Value.Properties;
        properties.Enabled = false;
        await _secrets.UpdateSecretPropertiesAsync(properties, Ct);

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => _secrets.GetSecretAsync("switch", cancellationToken: Ct));
        Assert.Equal((403, "Forbidden"), (refused.Status, refused.ErrorCode));
        Assert.Contains("SecretDisabled", refused.GetRawResponse()!.Content.ToString(), StringComparison.Ordinal);

        properties.Enabled = true;
        await _secrets.UpdateSecretPropertiesAsync(properties, Ct);
        Assert.Equal("on", (await _secrets.GetSecretAsync("switch", cancellationToken: Ct)).Value.Value);
    }

    [Fact]
    public async Task What_does_not_exist_is_SecretNotFound()
    {
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => _secrets.GetSecretAsync("absent", cancellationToken: Ct));
        Assert.Equal((404, "SecretNotFound"), (refused.Status, refused.ErrorCode));
    }

    [Fact]
    public async Task Names_values_and_tags_beyond_the_limits_are_refused()
    {
        var tagged = new KeyVaultSecret("tags", "x");
        for (var i = 0; i < 16; i++)
        {
            tagged.Properties.Tags[$"t{i}"] = "x";
        }

        await RefusedAsync(() => _secrets.SetSecretAsync("under_score", "x", Ct));
        await RefusedAsync(() => _secrets.SetSecretAsync(new string('a', 128), "x", Ct));
        await RefusedAsync(() => _secrets.SetSecretAsync("big", new string('a', (25 * 1024) + 1), Ct));
        await RefusedAsync(() => _secrets.SetSecretAsync(tagged, Ct));
        await _secrets.SetSecretAsync(new string('a', 127), new string('a', 25 * 1024), Ct);
    }

    [Fact]
    public async Task A_deleted_name_is_taken_until_it_is_recovered_or_purged()
    {
        await _secrets.SetSecretAsync("bin", "x", Ct);
        await _secrets.StartDeleteSecretAsync("bin", Ct);

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => _secrets.SetSecretAsync("bin", "y", Ct));
        Assert.Equal((409, "Conflict"), (refused.Status, refused.ErrorCode));
        Assert.Contains("ObjectIsDeletedButRecoverable", refused.GetRawResponse()!.Content.ToString(), StringComparison.Ordinal);

        await _secrets.StartRecoverDeletedSecretAsync("bin", Ct);
        Assert.Equal("x", (await _secrets.GetSecretAsync("bin", cancellationToken: Ct)).Value.Value);

        await _secrets.StartDeleteSecretAsync("bin", Ct);
        await _secrets.PurgeDeletedSecretAsync("bin", Ct);
        await _secrets.SetSecretAsync("bin", "z", Ct);
    }

    [Fact]
    public async Task The_two_vaults_do_not_see_each_other()
    {
        await _secrets.SetSecretAsync("apart", "default", Ct);
        var system = vault.Secrets(vault.Host.SystemVault);

        await Assert.ThrowsAsync<RequestFailedException>(() => system.GetSecretAsync("apart", cancellationToken: Ct));
    }

    private static async Task RefusedAsync(Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<RequestFailedException>(call);
        Assert.Equal((400, "BadParameter"), (refused.Status, refused.ErrorCode));
    }
}
