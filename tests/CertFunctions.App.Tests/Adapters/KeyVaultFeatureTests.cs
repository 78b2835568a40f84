using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Tests.Adapters;

public sealed class KeyVaultFeatureTests
{
    [Fact]
    public void Refuses_to_start_without_a_system_vault_and_names_the_setting()
    {
        using var provider = Services(("Vaults:Default", "https://kv.vault.azure.net"));

        var refused = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.Contains("Vaults:System (environment: Vaults__System) is not set", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Vaults:System", "https://kv.vault.azure.net/", "Vaults:System must be another vault")]
    [InlineData("Vaults:System", "kv-system", "Vaults:System must be a vault's address")]
    [InlineData("Vaults:Default", "http://kv.vault.azure.net/", "Vaults:Default must be a vault's address")]
    [InlineData("Vaults:0:Namespace", "", "Vaults:0:Namespace is not set")]
    [InlineData("Vaults:0:Uri", "https://sys.vault.azure.net/", "Vaults:0:Uri must be another vault")]
    [InlineData("Vaults:TrustedCa", "no-such-file.pem", "Vaults:TrustedCa: there is no file")]
    public void Refuses_a_setting(string setting, string value, string message)
    {
        using var provider = Services(
            ("Vaults:Default", "https://kv.vault.azure.net/"), ("Vaults:System", "https://sys.vault.azure.net/"),
            ("Vaults:0:Namespace", "team"), ("Vaults:0:Uri", "https://team.vault.azure.net/"), (setting, value));

        var refused = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<VaultsOptions>>().Value);

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default", null, null, "https://kv.vault.azure.net/certificates/default--web-tls")]
    [InlineData("team", null, null, "https://team.vault.azure.net/certificates/team--web-tls")]
    [InlineData("team", true, null, "https://sys.vault.azure.net/certificates/team--web-tls")]
    [InlineData("team", null, "my-object", "https://team.vault.azure.net/certificates/my-object")]
    public void Places_a_certificate(string ns, bool? isCA, string? exact, string expected)
    {
        var places = Places();
        var certificate = new Certificate
        {
            Metadata = new ObjectMeta { Name = "web", Namespace = ns, Annotations = exact is null ? null : ValueMap.Empty.With(Annotations.VaultObject, exact) },
            Spec = new CertificateSpec { SecretName = "web-tls", IssuerRef = new IssuerRef { Name = "ca" }, IsCA = isCA },
        };

        Assert.Equal(expected, places.ForCertificate(certificate).ToString());
    }

    [Fact]
    public void Places_CA_keys_and_staged_keys_in_the_system_vault()
    {
        var places = Places();

        Assert.Equal("https://sys.vault.azure.net/certificates/cert-manager--root-ca", places.CaSecret("cert-manager", "root-ca").ToString());
        Assert.Equal("https://sys.vault.azure.net/certificates/staged-uid", places.StagedKey("uid").ToString());
        Assert.Equal("cert-manager", places.ClusterResourceNamespace);
    }

    private static VaultPlaces Places()
    {
        using var provider = Services(
            ("Vaults:Default", "https://kv.vault.azure.net"), ("Vaults:System", "https://sys.vault.azure.net"),
            ("Vaults:0:Namespace", "team"), ("Vaults:0:Uri", "https://team.vault.azure.net"));
        return provider.GetRequiredService<VaultPlaces>();
    }

    private static ServiceProvider Services(params (string Key, string Value)[] settings)
    {
        var values = new Dictionary<string, string?>();
        foreach (var (key, value) in settings) { values[key] = value; }

        return new ServiceCollection().AddKeyVault(new ConfigurationBuilder().AddInMemoryCollection(values).Build()).BuildServiceProvider();
    }
}
