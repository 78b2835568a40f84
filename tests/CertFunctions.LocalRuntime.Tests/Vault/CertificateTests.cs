using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure;
using Azure.Security.KeyVault.Certificates;

namespace CertFunctions.LocalRuntime.Tests.Vault;

public sealed class CertificateTests(VaultFixture vault) : IClassFixture<VaultFixture>
{
    private readonly CertificateClient _certificates = vault.Certificates();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(256)]
    [InlineData(384)]
    [InlineData(521)]
    [InlineData(2048)]
    public async Task An_imported_chain_is_read_back_by_both_clients(int size)
    {
        using AsymmetricAlgorithm key = size > 1000 ? RSA.Create(size) : ECDsa.Create(size switch { 256 => ECCurve.NamedCurves.nistP256, 384 => ECCurve.NamedCurves.nistP384, _ => ECCurve.NamedCurves.nistP521 });
        var import = Pfx.Import($"chain-{size}", key);
        import.Tags["owner"] = "me";

        var stored = (await _certificates.ImportCertificateAsync(import, Ct)).Value;

        var secret = (await vault.Secrets().GetSecretAsync(stored.Name, stored.Properties.Version, cancellationToken: Ct)).Value;
        Assert.Equal("application/x-pkcs12", secret.Properties.ContentType);
        Assert.True(secret.Properties.Managed);
        Assert.Equal("me", stored.Properties.Tags["owner"]);
        var chain = X509CertificateLoader.LoadPkcs12Collection(Convert.FromBase64String(secret.Value), password: null);
        Assert.Equal(2, chain.Count);
        using var downloaded = (await _certificates.DownloadCertificateAsync(stored.Name, cancellationToken: Ct)).Value;
        Assert.True(downloaded.HasPrivateKey);
        Assert.Equal(stored.Cer, downloaded.RawData);
        Assert.Equal(downloaded.GetCertHash(), stored.Properties.X509Thumbprint);
    }

    [Fact]
    public async Task The_linked_secret_keeps_the_certificates_leaf_first()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var stored = (await _certificates.ImportCertificateAsync(Pfx.Import("order", key), Ct)).Value;

        var value = (await vault.Secrets().GetSecretAsync("order", cancellationToken: Ct)).Value.Value;

        var first = System.Security.Cryptography.Pkcs.Pkcs12Info.Decode(Convert.FromBase64String(value), out _).AuthenticatedSafe[0].GetBags()
            .OfType<System.Security.Cryptography.Pkcs.Pkcs12CertBag>().First().GetCertificate();
        Assert.Equal(stored.Cer, first.RawData);
    }

    [Fact]
    public async Task What_the_real_vault_refuses_is_refused()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var small = RSA.Create(1024);
        var wrongCurve = Pfx.Import("refused", ec);
        wrongCurve.Policy.KeyCurveName = CertificateKeyCurveName.P384;
        var wrongPassword = Pfx.Import("refused", ec);
        wrongPassword.Password = "no";
        var (leaf, _) = Pfx.Chain(ec);
        var wrongKey = Pfx.Import("refused", other);
        var mixed = new ImportCertificateOptions("refused", Pfx.Build(other, "pw", leaf)) { Password = "pw", Policy = wrongKey.Policy };

        await RefusedAsync(Pfx.Import("refused", ec, withPolicy: false));
        await RefusedAsync(Pfx.Import("refused", ec, leafFirst: false));
        await RefusedAsync(Pfx.Import("refused", small, withPolicy: false));
        await RefusedAsync(wrongCurve);
        await RefusedAsync(wrongPassword);
        await RefusedAsync(mixed);
        await RefusedAsync(new ImportCertificateOptions("refused", [1, 2, 3]));
    }

    [Fact]
    public async Task A_plain_secret_is_not_taken_over_by_a_certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await vault.Secrets().SetSecretAsync("theirs", "value", Ct);

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => _certificates.ImportCertificateAsync(Pfx.Import("theirs", key), Ct));

        Assert.Equal(409, refused.Status);
        Assert.Equal("value", (await vault.Secrets().GetSecretAsync("theirs", cancellationToken: Ct)).Value.Value);
    }

    [Fact]
    public async Task An_RSA_import_needs_no_policy()
    {
        using var key = RSA.Create(2048);
        await _certificates.ImportCertificateAsync(Pfx.Import("plain", key, withPolicy: false), Ct);

        var policy = (await _certificates.GetCertificatePolicyAsync("plain", Ct)).Value;
        Assert.Equal((CertificateKeyType.Rsa, 2048), (policy.KeyType!.Value, policy.KeySize!.Value));
    }

    [Fact]
    public async Task A_secret_behind_a_certificate_is_only_read()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await _certificates.ImportCertificateAsync(Pfx.Import("linked", key), Ct);
        var secrets = vault.Secrets();
        var properties = (await secrets.GetSecretAsync("linked", cancellationToken: Ct)).Value.Properties;
        properties.Enabled = false;

        foreach (var write in new Func<Task>[]
        {
            () => secrets.SetSecretAsync("linked", "mine", Ct),
            () => secrets.StartDeleteSecretAsync("linked", Ct),
            () => secrets.UpdateSecretPropertiesAsync(properties, Ct),
        })
        {
            var refused = await Assert.ThrowsAsync<RequestFailedException>(write);
            Assert.Equal((403, "Forbidden"), (refused.Status, refused.ErrorCode));
            Assert.Contains("SecretManagedByKeyVault", refused.GetRawResponse()!.Content.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Disabling_and_tagging_a_certificate_reaches_its_secret()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var properties = (await _certificates.ImportCertificateAsync(Pfx.Import("both", key), Ct)).Value.Properties;
        properties.Enabled = false;
        properties.Tags["state"] = "old";

        var updated = (await _certificates.UpdateCertificatePropertiesAsync(properties, Ct)).Value;

        Assert.False(updated.Properties.Enabled);
        Assert.Equal("old", updated.Properties.Tags["state"]);
        Assert.Equal(403, (await Assert.ThrowsAsync<RequestFailedException>(() => vault.Secrets().GetSecretAsync("both", cancellationToken: Ct))).Status);
        Assert.False((await _certificates.GetCertificateAsync("both", Ct)).Value.Properties.Enabled);
    }

    [Fact]
    public async Task Each_import_is_a_version_and_the_last_is_the_latest()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        for (var i = 0; i < 5; i++)
        {
            var stored = (await _certificates.ImportCertificateAsync(Pfx.Import("again", key), Ct)).Value;
            Assert.Equal(stored.Properties.Version, (await _certificates.GetCertificateAsync("again", Ct)).Value.Properties.Version);
        }

        var versions = await _certificates.GetPropertiesOfCertificateVersionsAsync("again", Ct).ToListAsync(Ct);
        Assert.Equal(5, versions.Count);
        Assert.Equal(versions[0].X509Thumbprint, (await _certificates.GetCertificateVersionAsync("again", versions[0].Version, Ct)).Value.Properties.X509Thumbprint);
        Assert.Contains("again", await _certificates.GetPropertiesOfCertificatesAsync(cancellationToken: Ct).Select(item => item.Name).ToListAsync(Ct));
    }

    [Fact]
    public async Task A_deleted_certificate_takes_its_secret_along_and_back()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await _certificates.ImportCertificateAsync(Pfx.Import("gone", key), Ct);
        await _certificates.StartDeleteCertificateAsync("gone", Ct);

        Assert.Equal(404, (await Assert.ThrowsAsync<RequestFailedException>(() => vault.Secrets().GetSecretAsync("gone", cancellationToken: Ct))).Status);
        Assert.Equal(409, (await Assert.ThrowsAsync<RequestFailedException>(() => _certificates.ImportCertificateAsync(Pfx.Import("gone", key), Ct))).Status);

        await _certificates.StartRecoverDeletedCertificateAsync("gone", Ct);
        Assert.NotEmpty((await vault.Secrets().GetSecretAsync("gone", cancellationToken: Ct)).Value.Value);
    }

    [Fact]
    public async Task A_PEM_import_is_read_back_as_PEM()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (leaf, _) = Pfx.Chain(key);
        var pem = key.ExportPkcs8PrivateKeyPem() + "\n" + PemEncoding.WriteString("CERTIFICATE", leaf);
        var import = new ImportCertificateOptions("pem", System.Text.Encoding.ASCII.GetBytes(pem)) { Policy = Pfx.Import("pem", key).Policy };
        import.Policy.ContentType = CertificateContentType.Pem;

        await _certificates.ImportCertificateAsync(import, Ct);

        using var downloaded = (await _certificates.DownloadCertificateAsync("pem", cancellationToken: Ct)).Value;
        Assert.True(downloaded.HasPrivateKey);
    }

    [Fact]
    public async Task A_policy_is_read_and_changed_apart_from_the_versions()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await _certificates.ImportCertificateAsync(Pfx.Import("policy", key), Ct);
        var policy = (await _certificates.GetCertificatePolicyAsync("policy", Ct)).Value;
        policy.LifetimeActions.Add(new LifetimeAction(CertificatePolicyAction.EmailContacts) { DaysBeforeExpiry = 10 });

        await _certificates.UpdateCertificatePolicyAsync("policy", policy, Ct);

        var changed = (await _certificates.GetCertificateAsync("policy", Ct)).Value.Policy;
        Assert.Equal(10, Assert.Single(changed.LifetimeActions).DaysBeforeExpiry);
        Assert.Equal(CertificateKeyType.Ec, changed.KeyType);
        Assert.Single(await _certificates.GetPropertiesOfCertificateVersionsAsync("policy", Ct).ToListAsync(Ct));
        policy.KeyType = CertificateKeyType.RsaHsm;
        Assert.Equal("400 NotSupported", await Refused.ByAsync(() => _certificates.UpdateCertificatePolicyAsync("policy", policy, Ct)));
    }

    [Fact]
    public async Task An_EC_policy_names_usages_that_EC_can_do()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var import = Pfx.Import("usages", key);
        import.Policy.KeyUsage.Clear();

        await RefusedAsync(import);
    }

    private async Task RefusedAsync(ImportCertificateOptions import)
    {
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => _certificates.ImportCertificateAsync(import, Ct));
        Assert.Equal((400, "BadParameter"), (refused.Status, refused.ErrorCode));
    }
}
