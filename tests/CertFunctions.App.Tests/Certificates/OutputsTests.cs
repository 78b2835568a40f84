using System.Security.Cryptography;
using System.Text.Json;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Certificates;

/// <summary>Outputs follow the stored certificate and the spec: written, rewritten, turned off, and never over what is not ours.</summary>
public sealed class OutputsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_the_three_PEM_secrets_beside_the_object_and_says_where()
    {
        var house = new OutputHouse(WithPem(A.Certificate()));
        await house.StartAsync();

        var (wrote, status) = await house.RunAsync();

        Assert.True(wrote);
        using var key = ECDsa.Create();
        key.ImportFromPem(await house.ValueAsync("tls.key"));
        Assert.Equal(house.KeyHash, Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())));
        Assert.StartsWith("-----BEGIN CERTIFICATE-----\n", await house.ValueAsync("tls.crt"), StringComparison.Ordinal);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----\n", await house.ValueAsync("ca.crt"), StringComparison.Ordinal);
        var tags = (await house.VersionsAsync("tls.key"))[0].Tags;
        Assert.Equal(("uid-web", "1"), (tags.Find(Annotations.CertificateUid), tags.Find(Annotations.CertificateRevision)));
        Assert.True(status.Conditions.IsTrue(OutputPolicy.Condition));
        Assert.Equal(["tls.crt", "tls.key", "ca.crt"], status.Outputs!.Select(each => each.Type));
        Assert.StartsWith("https://default.vault.test/secrets/ns--web-tls-tls-crt/", status.Outputs![0].Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Costs_one_listing_an_output_and_no_value_when_nothing_changed()
    {
        var house = new OutputHouse(WithPem(A.Certificate()));
        await house.StartAsync();
        await house.RunAsync();
        house.Vault.Calls.Clear();

        var (wrote, _) = await house.RunAsync();

        Assert.False(wrote);
        Assert.Equal(
            ["certificate ns--web-tls", "list ns--web-tls-ca-crt", "list ns--web-tls-tls-crt", "list ns--web-tls-tls-key"],
            house.Vault.Calls.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Costs_no_vault_call_without_outputs()
    {
        var house = new OutputHouse(A.Certificate());
        await house.StartAsync();

        var (wrote, status) = await house.RunAsync();

        Assert.False(wrote);
        Assert.Equal(["certificate ns--web-tls"], house.Vault.Calls);
        Assert.Null(status.Conditions.Find(OutputPolicy.Condition));
    }

    [Fact]
    public async Task Follows_a_new_certificate_and_a_changed_wish_and_only_those()
    {
        var house = new OutputHouse(WithJks(A.Certificate()));
        await house.StartAsync();
        await house.RunAsync();

        await house.ImportAsync(2);
        Assert.True((await house.RunAsync()).Wrote);
        Assert.Equal("2", (await house.VersionsAsync("keystore.jks"))[0].Tags.Find(Annotations.CertificateRevision));

        await house.ChangeAsync(c => WithJks(c, jks => jks with { Alias = "other" }));
        Assert.True((await house.RunAsync()).Wrote);
        Assert.Equal(3, (await house.VersionsAsync("keystore.jks")).Count);

        Assert.False((await house.RunAsync()).Wrote);
        Assert.Equal(3, (await house.VersionsAsync("keystore.jks")).Count);
    }

    [Fact]
    public async Task Rewrites_a_keystore_when_the_referred_password_changes()
    {
        var reference = new SecretKeyRef { Name = "stores", Key = "jks" };
        var house = new OutputHouse(WithJks(A.Certificate(), jks => jks with { Password = null, PasswordSecretRef = reference }));
        await house.StartAsync();
        await SetPasswordAsync(house, "{\"jks\": \"first-1\"}");
        await house.RunAsync();
        house.Vault.Calls.Clear();

        Assert.False((await house.RunAsync()).Wrote);
        Assert.DoesNotContain(house.Vault.Calls, call => call.StartsWith("value", StringComparison.Ordinal));
        await SetPasswordAsync(house, "{\"jks\": \"second-2\"}");
        Assert.True((await house.RunAsync()).Wrote);
        Assert.Equal(2, (await house.VersionsAsync("keystore.jks")).Count);
    }

    [Fact]
    public async Task Waits_for_a_missing_password_and_writes_everything_else()
    {
        var certificate = WithPem(WithJks(A.Certificate(), jks => jks with { Password = null, PasswordSecretRef = new() { Name = "stores" } }));
        var house = new OutputHouse(certificate);
        await house.StartAsync();

        var (_, status) = await house.RunAsync();

        var condition = status.Conditions.Find(OutputPolicy.Condition)!;
        Assert.Equal(("False", "KeystorePasswordSecretNotFound"), (condition.Status, condition.Reason));
        Assert.Contains("ns--stores", condition.Message, StringComparison.Ordinal);
        Assert.NotNull(await house.ValueAsync("tls.key"));
        Assert.Empty(await house.VersionsAsync("keystore.jks"));

        await SetPasswordAsync(house, "changeit");
        (_, status) = await house.RunAsync();
        Assert.True(status.Conditions.IsTrue(OutputPolicy.Condition));
        Assert.NotNull(await house.ValueAsync("keystore.jks"));
    }

    [Theory, InlineData(""), InlineData(null)]
    public async Task Refuses_what_is_no_password(string? password)
    {
        var house = new OutputHouse(WithJks(A.Certificate(), jks => jks with { Password = null, PasswordSecretRef = new() { Name = "stores" } }));
        await house.StartAsync();
        await SetPasswordAsync(house, password ?? new string('M', 3000));

        var (_, status) = await house.RunAsync();

        Assert.Equal("KeystorePasswordInvalid", status.Conditions.Find(OutputPolicy.Condition)!.Reason);
        Assert.Empty(await house.VersionsAsync("keystore.jks"));
    }

    [Fact]
    public async Task Never_writes_over_a_foreign_secret_and_names_it()
    {
        var house = new OutputHouse(WithPem(A.Certificate()));
        await house.StartAsync();
        await house.Inner.SetSecretAsync(house.Output("tls.key"), new SecretText("theirs"), "text/plain", ValueMap.Empty, Cancel);

        var (_, status) = await house.RunAsync();

        Assert.Equal("theirs", await house.ValueAsync("tls.key"));
        Assert.NotNull(await house.ValueAsync("tls.crt"));
        var condition = status.Conditions.Find(OutputPolicy.Condition)!;
        Assert.Equal("OutputNameTaken", condition.Reason);
        Assert.Contains("ns--web-tls-tls-key", condition.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(status.Outputs!, each => each.Type == "tls.key");
    }

    [Fact]
    public async Task Disables_what_is_turned_off_keeps_it_and_enables_a_new_one_later()
    {
        var house = new OutputHouse(WithPem(WithJks(A.Certificate())));
        await house.StartAsync();
        await house.RunAsync();
        await house.ImportAsync(2);
        await house.RunAsync();

        await house.ChangeAsync(c => c with { Spec = c.Spec with { Keystores = null } });
        var (_, status) = await house.RunAsync();
        Assert.All(await house.VersionsAsync("keystore.jks"), each => Assert.False(each.IsEnabled));
        Assert.Equal(2, (await house.VersionsAsync("keystore.jks")).Count);
        Assert.Equal(["tls.crt", "tls.key", "ca.crt"], status.Outputs!.Select(each => each.Type));

        await house.ChangeAsync(c => c with { Metadata = c.Metadata with { Annotations = null } });
        (_, status) = await house.RunAsync();
        Assert.Null(status.Outputs);
        Assert.Null(status.Conditions.Find(OutputPolicy.Condition));
        house.Vault.Calls.Clear();
        await house.RunAsync();
        Assert.Equal(["certificate ns--web-tls"], house.Vault.Calls);

        await house.ChangeAsync(c => WithJks(c));
        await house.RunAsync();
        Assert.True((await house.VersionsAsync("keystore.jks"))[0].IsEnabled);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Brings_back_what_somebody_took_away(bool isSoftDeleted)
    {
        var house = new OutputHouse(WithPem(A.Certificate()));
        await house.StartAsync();
        await house.RunAsync();
        if (isSoftDeleted) { house.Inner.SoftDelete(house.Output("tls.key")); }
        else { await house.Inner.DisableSecretVersionAsync(house.Output("tls.key"), (await house.VersionsAsync("tls.key"))[0].Version, Cancel); }

        var (wrote, status) = await house.RunAsync();

        Assert.True(wrote);
        Assert.NotNull(await house.ValueAsync("tls.key"));
        Assert.True(status.Conditions.IsTrue(OutputPolicy.Condition));
    }

    [Fact]
    public async Task Leaves_a_soft_deleted_foreign_secret_where_it_is()
    {
        var house = new OutputHouse(WithPem(A.Certificate()));
        await house.StartAsync();
        await house.Inner.SetSecretAsync(house.Output("tls.key"), new SecretText("theirs"), "text/plain", ValueMap.Empty, Cancel);
        house.Inner.SoftDelete(house.Output("tls.key"));

        var (_, status) = await house.RunAsync();

        Assert.Equal("OutputNameTaken", status.Conditions.Find(OutputPolicy.Condition)!.Reason);
        Assert.Null(await house.ValueAsync("tls.key"));
    }

    [Fact]
    public async Task Makes_no_truststore_and_no_CA_secret_where_the_CA_is_not_known()
    {
        var house = new OutputHouse(WithPem(WithJks(A.Certificate())));
        await house.StartAsync(knowsCa: false);

        var (_, status) = await house.RunAsync();

        Assert.Equal(["tls.crt", "tls.key", "keystore.jks"], status.Outputs!.Select(each => each.Type));
        Assert.True(status.Conditions.IsTrue(OutputPolicy.Condition));
    }

    /// <summary>A slow run must not leave the key of the certificate before.</summary>
    [Fact]
    public async Task Ends_at_the_newest_certificate_when_one_is_stored_while_it_writes()
    {
        var house = new OutputHouse(WithPem(A.Certificate()));
        await house.StartAsync();
        house.Vault.Before = async call =>
        {
            if (call != "set ns--web-tls-tls-key") { return; }
            house.Vault.Before = null;
            await house.ImportAsync(2);
        };

        var (_, status) = await house.RunAsync();

        using var key = ECDsa.Create();
        key.ImportFromPem(await house.ValueAsync("tls.key"));
        Assert.Equal(house.KeyHash, Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())));
        Assert.True(status.Conditions.IsTrue(OutputPolicy.Condition));
    }

    /// <summary>The process dies after the first secret and before the status is recorded; then the outputs are turned off.</summary>
    [Fact]
    public async Task Finds_what_a_killed_run_had_written()
    {
        var house = new OutputHouse(WithPem(A.Certificate()));
        await house.StartAsync();
        house.Vault.Before = call => call == "set ns--web-tls-tls-key" ? throw new InvalidOperationException("killed") : Task.CompletedTask;
        await Assert.ThrowsAsync<InvalidOperationException>(house.RunAsync);
        house.Vault.Before = null;

        await house.ChangeAsync(c => c with { Metadata = c.Metadata with { Annotations = null } });
        await house.RunAsync();

        Assert.All(await house.VersionsAsync("tls.crt"), each => Assert.False(each.IsEnabled));
        Assert.Single(await house.VersionsAsync("tls.crt"));
    }

    [Fact]
    public async Task A_vault_that_refuses_is_a_condition_and_not_the_end_of_the_run()
    {
        var house = new OutputHouse(WithPem(A.Certificate()));
        await house.StartAsync();
        house.Vault.Before = call => call.StartsWith("set", StringComparison.Ordinal)
            ? throw new VaultException(403, "Forbidden", "no role", retryAfter: null, inner: null) : Task.CompletedTask;

        var (_, status) = await house.RunAsync();

        Assert.Equal("VaultRefused", status.Conditions.Find(OutputPolicy.Condition)!.Reason);
    }

    /// <summary>What goes into history and into the store.</summary>
    [Fact]
    public async Task Facts_and_status_hold_no_key_and_no_password()
    {
        var house = new OutputHouse(WithPem(WithJks(A.Certificate(), jks => jks with { Password = null, PasswordSecretRef = new() { Name = "stores" } })));
        await house.StartAsync();
        await SetPasswordAsync(house, "very-secret-word");

        await house.RunAsync();
        var facts = await house.Gatherer.GatherWithOutputsAsync(new("certificates", "ns", "web", "uid-web", "due/x"), Cancel);

        var text = JsonSerializer.Serialize(facts) + JsonSerializer.Serialize(house.Certificate, ResourceJson.Default.Certificate);
        Assert.DoesNotContain("very-secret-word", text, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", text, StringComparison.Ordinal);
    }

    private static Certificate WithPem(Certificate c) =>
        c with { Metadata = c.Metadata with { Annotations = (c.Metadata.Annotations ?? ValueMap.Empty).With(Annotations.PemSecrets, "true") } };

    private static Certificate WithJks(Certificate c, Func<JksKeystore, JksKeystore>? change = null)
    {
        var jks = new JksKeystore { Create = true, Password = "changeit" };
        return c with { Spec = c.Spec with { Keystores = new() { Jks = change?.Invoke(jks) ?? jks } } };
    }

    private static Task SetPasswordAsync(OutputHouse house, string value) =>
        house.Inner.SetSecretAsync(house.Places.Referred("ns", "stores"), new SecretText(value), "text/plain", ValueMap.Empty, Cancel);
}
