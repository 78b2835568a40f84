using CertFunctions.Core.Ports;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Core.Tests.Ports;

public sealed class InMemoryVaultTests : VaultContract
{
    private readonly InMemoryVault _vault = new();

    protected override IVault Vault => _vault;

    protected override VaultObject Place(string name) => new(new Uri("https://kv.vault.azure.net/"), name);

    protected override Task SoftDeleteSecretAsync(VaultObject place)
    {
        _vault.SoftDelete(place);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Says_that_a_soft_deleted_name_is_taken_until_it_is_recovered()
    {
        var vault = new InMemoryVault(_ => (new byte[] { 1 }, new SecretText("pfx")));
        var place = Place("deleted");
        var import = new CertificateImport(new SecretText(""), new SecretText(""), "RSA", 2048, Resources.ValueMap.Empty.With("k", "v"));
        await vault.ImportAsync(place, import, Cancelled);

        vault.SoftDelete(place);

        Assert.Null(await vault.FindCertificateAsync(place, version: null, Cancelled));
        Assert.IsType<ImportResult.SoftDeleted>(await vault.ImportAsync(place, import, Cancelled));
        Assert.Equal("v", (await vault.FindDeletedCertificateAsync(place, Cancelled))!.Find("k"));

        await vault.RecoverCertificateAsync(place, Cancelled);

        Assert.IsType<ImportResult.Imported>(await vault.ImportAsync(place, import, Cancelled));
        Assert.Equal(2, vault.CertificateVersions(place).Count);
    }
}
