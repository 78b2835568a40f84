using System.Security.Cryptography;
using Azure.Security.KeyVault.Certificates;
using Azure.Security.KeyVault.Secrets;
using CertFunctions.LocalVault;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.LocalRuntime.Tests.Vault;

/// <summary>What deletion, recovery and purge do to a name, and when. The vault's clock is ours; the clients' is the machine's.</summary>
public sealed class SoftDeleteTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_that_is_being_deleted_is_neither_there_nor_deleted()
    {
        await using var vault = await StartAsync();
        var secrets = vault.Secrets();
        await secrets.SetSecretAsync("going", "x", Ct);
        await secrets.StartDeleteSecretAsync("going", Ct);

        Assert.Equal("404 SecretNotFound", await Refused.ByAsync(() => secrets.GetSecretAsync("going", cancellationToken: Ct)));
        Assert.Equal("404 SecretNotFound", await Refused.ByAsync(() => secrets.GetDeletedSecretAsync("going", Ct)));
        Assert.Empty(await secrets.GetDeletedSecretsAsync(Ct).ToListAsync(Ct));
        Assert.Equal("409 Conflict/ObjectIsBeingDeleted", await Refused.ByAsync(() => secrets.SetSecretAsync("going", "y", Ct)));
        Assert.Equal("409 Conflict/ObjectIsBeingDeleted", await Refused.ByAsync(() => secrets.StartDeleteSecretAsync("going", Ct)));
        Assert.Equal("409 Conflict/ObjectIsBeingDeleted", await Refused.ByAsync(() => secrets.StartRecoverDeletedSecretAsync("going", Ct)));
        Assert.Equal("409 Conflict/ObjectIsBeingDeleted", await Refused.ByAsync(() => secrets.PurgeDeletedSecretAsync("going", Ct)));

        _time.Advance(Delay);
        var deleted = (await secrets.GetDeletedSecretAsync("going", Ct)).Value;
        Assert.Equal(deleted.DeletedOn!.Value.AddDays(90), deleted.ScheduledPurgeDate);
        Assert.Equal(["going"], await secrets.GetDeletedSecretsAsync(Ct).Select(item => item.Name).ToListAsync(Ct));
        Assert.Equal("409 Conflict/ObjectIsDeletedButRecoverable", await Refused.ByAsync(() => secrets.SetSecretAsync("going", "y", Ct)));
        Assert.Equal("404 SecretNotFound", await Refused.ByAsync(() => secrets.StartDeleteSecretAsync("going", Ct)));
    }

    [Fact]
    public async Task A_certificate_that_is_being_deleted_takes_its_secret_into_the_in_between()
    {
        await using var vault = await StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (certificates, secrets) = (vault.Certificates(), vault.Secrets());
        await certificates.ImportCertificateAsync(Pfx.Import("going", key), Ct);
        await certificates.StartDeleteCertificateAsync("going", Ct);

        Assert.Equal("404 CertificateNotFound", await Refused.ByAsync(() => certificates.GetCertificateAsync("going", Ct)));
        Assert.Equal("404 SecretNotFound", await Refused.ByAsync(() => secrets.GetSecretAsync("going", cancellationToken: Ct)));
        Assert.Equal("404 CertificateNotFound", await Refused.ByAsync(() => certificates.GetDeletedCertificateAsync("going", Ct)));
        Assert.Equal("409 Conflict/ObjectIsBeingDeleted", await Refused.ByAsync(() => certificates.ImportCertificateAsync(Pfx.Import("going", key), Ct)));
        Assert.Equal("409 Conflict/ObjectIsBeingDeleted", await Refused.ByAsync(() => certificates.PurgeDeletedCertificateAsync("going", Ct)));

        _time.Advance(Delay);
        Assert.Equal("409 Conflict/ObjectIsDeletedButRecoverable", await Refused.ByAsync(() => certificates.ImportCertificateAsync(Pfx.Import("going", key), Ct)));
        Assert.Equal(["going"], await certificates.GetDeletedCertificatesAsync(cancellationToken: Ct).Select(item => item.Name).ToListAsync(Ct));
        Assert.Equal("403 Forbidden/SecretManagedByKeyVault", await Refused.ByAsync(() => secrets.PurgeDeletedSecretAsync("going", Ct)));
    }

    [Fact]
    public async Task What_is_being_recovered_cannot_be_read_or_written_yet()
    {
        await using var vault = await StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificates = vault.Certificates();
        await certificates.ImportCertificateAsync(Pfx.Import("back", key), Ct);
        await certificates.StartDeleteCertificateAsync("back", Ct);
        _time.Advance(Delay);
        await certificates.StartRecoverDeletedCertificateAsync("back", Ct);

        Assert.Equal("404 CertificateNotFound", await Refused.ByAsync(() => certificates.GetCertificateAsync("back", Ct)));
        Assert.Equal("404 CertificateNotFound", await Refused.ByAsync(() => certificates.GetDeletedCertificateAsync("back", Ct)));
        Assert.Equal("409 Conflict/ObjectIsBeingRecovered", await Refused.ByAsync(() => certificates.ImportCertificateAsync(Pfx.Import("back", key), Ct)));
        Assert.Equal("409 Conflict/ObjectIsBeingRecovered", await Refused.ByAsync(() => certificates.StartDeleteCertificateAsync("back", Ct)));

        _time.Advance(Delay);
        Assert.NotEmpty((await vault.Secrets().GetSecretAsync("back", cancellationToken: Ct)).Value.Value);
        Assert.Equal(["back"], await certificates.GetPropertiesOfCertificatesAsync(cancellationToken: Ct).Select(item => item.Name).ToListAsync(Ct));
        await certificates.ImportCertificateAsync(Pfx.Import("back", key), Ct);
        Assert.Equal(2, (await certificates.GetPropertiesOfCertificateVersionsAsync("back", Ct).ToListAsync(Ct)).Count);
    }

    [Fact]
    public async Task A_purged_name_is_free_only_a_moment_later_and_its_versions_are_gone()
    {
        await using var vault = await StartAsync();
        var secrets = vault.Secrets();
        await secrets.SetSecretAsync("away", "x", Ct);
        await secrets.StartDeleteSecretAsync("away", Ct);
        _time.Advance(Delay);
        await secrets.PurgeDeletedSecretAsync("away", Ct);

        Assert.Equal("404 SecretNotFound", await Refused.ByAsync(() => secrets.GetDeletedSecretAsync("away", Ct)));
        Assert.Equal("409 Conflict/ObjectIsBeingDeleted", await Refused.ByAsync(() => secrets.SetSecretAsync("away", "y", Ct)));

        _time.Advance(Delay);
        await secrets.SetSecretAsync("away", "y", Ct);
        Assert.Single(await secrets.GetPropertiesOfSecretVersionsAsync("away", Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task After_its_retention_what_was_deleted_is_gone_and_its_name_free()
    {
        await using var vault = await StartAsync(options => options with { RetentionDays = 7 });
        var secrets = vault.Secrets();
        await secrets.SetSecretAsync("late", "x", Ct);
        await secrets.StartDeleteSecretAsync("late", Ct);
        _time.Advance(TimeSpan.FromDays(6.9));
        Assert.Equal("late", (await vault.Secrets().GetDeletedSecretAsync("late", Ct)).Value.Name);

        _time.Advance(TimeSpan.FromDays(0.2));
        secrets = vault.Secrets();      // with a token of today

        Assert.Equal("404 SecretNotFound", await Refused.ByAsync(() => secrets.GetDeletedSecretAsync("late", Ct)));
        Assert.Equal("404 SecretNotFound", await Refused.ByAsync(() => secrets.StartRecoverDeletedSecretAsync("late", Ct)));
        Assert.Empty(await secrets.GetDeletedSecretsAsync(Ct).ToListAsync(Ct));
        await secrets.SetSecretAsync("late", "y", Ct);
        Assert.Single(await secrets.GetPropertiesOfSecretVersionsAsync("late", Ct).ToListAsync(Ct));
    }

    [Theory]
    [InlineData(90, false, "Recoverable+Purgeable")]
    [InlineData(7, false, "CustomizedRecoverable+Purgeable")]
    [InlineData(90, true, "Recoverable")]
    public async Task The_recovery_level_tells_retention_and_purge_protection(int days, bool isProtected, string level)
    {
        await using var vault = await StartAsync(options => options with { RetentionDays = days, PurgeProtection = isProtected, DeletionDelay = TimeSpan.Zero });
        var secrets = vault.Secrets();
        var properties = (await secrets.SetSecretAsync("level", "x", Ct)).Value.Properties;
        await secrets.StartDeleteSecretAsync("level", Ct);

        Assert.Equal((level, days), (properties.RecoveryLevel, properties.RecoverableDays));
        if (isProtected) { Assert.Equal("403 Forbidden", await Refused.ByAsync(() => secrets.PurgeDeletedSecretAsync("level", Ct))); }
        else { await secrets.PurgeDeletedSecretAsync("level", Ct); }
    }

    [Fact]
    public async Task The_SDK_waits_until_a_deletion_and_a_recovery_are_done()
    {
        await using var vault = await VaultFixture.StartAsync(options => options with { DeletionDelay = TimeSpan.FromMilliseconds(100) });
        var secrets = vault.Secrets();
        await secrets.SetSecretAsync("waited", "x", Ct);
        var deletion = await secrets.StartDeleteSecretAsync("waited", Ct);
        Assert.False(deletion.HasCompleted);

        await deletion.WaitForCompletionAsync(TimeSpan.FromMilliseconds(20), Ct);
        var recovery = await secrets.StartRecoverDeletedSecretAsync("waited", Ct);
        await recovery.WaitForCompletionAsync(TimeSpan.FromMilliseconds(20), Ct);

        Assert.Equal("x", (await secrets.GetSecretAsync("waited", cancellationToken: Ct)).Value.Value);
    }

    [Fact]
    public async Task A_retention_outside_7_to_90_days_is_refused() => await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(options => options with { RetentionDays = 91 }));

    [Fact]
    public async Task A_file_from_before_deletions_took_time_is_taken_over()
    {
        await using var vault = await StartAsync(options => options with { DeletionDelay = TimeSpan.Zero });
        await vault.Secrets().SetSecretAsync("old", "x", Ct);
        await vault.Secrets().StartDeleteSecretAsync("old", Ct);
        await vault.Host.DisposeAsync();
        await using (var file = new SqliteConnection($"Data Source={Path.Combine(vault.Directory, "vault", "vault.db")};Pooling=False"))
        {
            await file.OpenAsync(Ct);
            await using var command = file.CreateCommand();
            command.CommandText = "ALTER TABLE deleted DROP COLUMN state; ALTER TABLE deleted DROP COLUMN until";
            await command.ExecuteNonQueryAsync(Ct);
        }

        await vault.InitializeAsync();

        Assert.Equal("old", (await vault.Secrets().GetDeletedSecretAsync("old", Ct)).Value.Name);
    }

    private Task<VaultFixture> StartAsync(Func<LocalVaultOptions, LocalVaultOptions>? configure = null) =>
        VaultFixture.StartAsync(options => (configure ?? (same => same))(options with { DeletionDelay = Delay, Time = _time }));
}
