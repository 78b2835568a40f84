using System.Security.Cryptography;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.Tests.Shared;

/// <summary>What every vault must do, whatever is behind it.</summary>
public abstract class VaultContract
{
    private static readonly DateTimeOffset Day1 = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ValueMap Tags = ValueMap.Empty.With(Annotations.CertificateUid, "uid-1");

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected abstract IVault Vault { get; }

    /// <summary>The address of a vault that is empty of this name.</summary>
    protected abstract VaultObject Place(string name);

    /// <summary>Deletes a plain secret as a person in the portal would.</summary>
    protected abstract Task SoftDeleteSecretAsync(VaultObject place);

    [Fact]
    public async Task Has_nothing_under_an_unused_name()
    {
        var place = Place("unused");

        Assert.Null(await Vault.FindCertificateAsync(place, version: null, Cancelled));
        Assert.Null(await Vault.FindDeletedCertificateAsync(place, Cancelled));
        Assert.Null(await Vault.FindSecretAsync(place, version: null, Cancelled));
        Assert.Null(await Vault.FindDeletedSecretAsync(place, Cancelled));
        Assert.Empty(await Vault.ListSecretVersionsAsync(place, Cancelled));
    }

    [Theory, InlineData(256), InlineData(384), InlineData(521)]
    public async Task Gives_back_the_imported_leaf_its_tags_and_its_key(int size)
    {
        var place = Place($"import-{size}");
        using var key = ECDsa.Create(Curve(size));
        var (import, leaf) = Import(key, size);

        var imported = Assert.IsType<ImportResult.Imported>(await Vault.ImportAsync(place, import, Cancelled));

        var found = await Vault.FindCertificateAsync(place, version: null, Cancelled);
        Assert.Equal(imported.Version, found!.Version);
        Assert.Equal(leaf, found.Leaf.ToArray());
        Assert.Equal("uid-1", found.Tags.Find(Annotations.CertificateUid));
        Assert.True(found.IsEnabled);

        var pfx = await Vault.FindSecretAsync(place, imported.Version, Cancelled);
        var (stored, certificates) = Pfx.Read(pfx!, "");
        using (stored) { Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())), stored.KeyHash); }

        Assert.Equal(leaf, Assert.Single(certificates));
    }

    [Fact]
    public async Task Keeps_the_earlier_version_of_a_certificate_readable()
    {
        var place = Place("renewed");
        using var first = ECDsa.Create(Curve(256));
        using var second = ECDsa.Create(Curve(256));
        var (firstImport, firstLeaf) = Import(first, 256);
        var (secondImport, secondLeaf) = Import(second, 256);

        var old = Assert.IsType<ImportResult.Imported>(await Vault.ImportAsync(place, firstImport, Cancelled));
        await Vault.ImportAsync(place, secondImport, Cancelled);

        Assert.Equal(secondLeaf, (await Vault.FindCertificateAsync(place, version: null, Cancelled))!.Leaf.ToArray());
        Assert.Equal(firstLeaf, (await Vault.FindCertificateAsync(place, old.Version, Cancelled))!.Leaf.ToArray());
    }

    [Fact]
    public async Task Replaces_the_tags_of_one_version_and_nothing_else()
    {
        var place = Place("tagged");
        using var key = ECDsa.Create(Curve(256));
        var (import, leaf) = Import(key, 256);
        var old = Assert.IsType<ImportResult.Imported>(await Vault.ImportAsync(place, import, Cancelled));
        var newest = Assert.IsType<ImportResult.Imported>(await Vault.ImportAsync(place, import, Cancelled));

        await Vault.UpdateCertificateTagsAsync(place, newest.Version, ValueMap.Empty.With("team", "a"), Cancelled);
        await Vault.UpdateCertificateTagsAsync(place, newest.Version, ValueMap.Empty.With("team", "b"), Cancelled);

        var found = await Vault.FindCertificateAsync(place, version: null, Cancelled);
        Assert.Equal(ValueMap.Empty.With("team", "b"), found!.Tags);
        Assert.Equal((newest.Version, true), (found.Version, found.IsEnabled));
        Assert.Equal(leaf, found.Leaf.ToArray());
        Assert.Equal(Tags, (await Vault.FindCertificateAsync(place, old.Version, Cancelled))!.Tags);
    }

    [Fact]
    public async Task Refuses_tags_for_a_version_that_does_not_exist()
    {
        var place = Place("untagged");
        using var key = ECDsa.Create(Curve(256));
        await Vault.ImportAsync(place, Import(key, 256).Import, Cancelled);

        var refused = await Assert.ThrowsAsync<VaultException>(
            () => Vault.UpdateCertificateTagsAsync(place, "00000000000000000000000000000000", Tags, Cancelled));

        Assert.Equal(404, refused.Status);
    }

    [Fact]
    public async Task Adds_a_version_at_each_write_of_a_secret()
    {
        var place = Place("staged");
        var first = await Vault.SetSecretAsync(place, new SecretText("one"), "text/plain", Tags, Cancelled);
        var second = await Vault.SetSecretAsync(place, new SecretText("two"), "text/plain", Tags, Cancelled);

        Assert.Equal("one", (await Vault.FindSecretAsync(place, first, Cancelled))!.Reveal());
        Assert.Equal("two", (await Vault.FindSecretAsync(place, version: null, Cancelled))!.Reveal());
        var versions = await Vault.ListSecretVersionsAsync(place, Cancelled);
        Assert.Equal(new[] { first, second }.Order(StringComparer.Ordinal), versions.Select(version => version.Version).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Hides_a_disabled_version_keeps_its_tags_and_may_be_told_twice()
    {
        var place = Place("disabled");
        var version = await Vault.SetSecretAsync(place, new SecretText("one"), "text/plain", Tags, Cancelled);

        await Vault.DisableSecretVersionAsync(place, version, Cancelled);
        await Vault.DisableSecretVersionAsync(place, version, Cancelled);

        Assert.Null(await Vault.FindSecretAsync(place, version, Cancelled));
        var listed = Assert.Single(await Vault.ListSecretVersionsAsync(place, Cancelled));
        Assert.False(listed.IsEnabled);
        Assert.Equal("uid-1", listed.Tags.Find(Annotations.CertificateUid));
    }

    [Fact]
    public async Task Lists_the_newest_version_of_every_certificate_object_and_no_secret()
    {
        using var key = ECDsa.Create(Curve(256));
        var (import, leaf) = Import(key, 256);
        await Vault.ImportAsync(Place("listed-one"), import with { Tags = ValueMap.Empty }, Cancelled);
        await Vault.ImportAsync(Place("listed-one"), import, Cancelled);
        await Vault.SetSecretAsync(Place("listed-secret"), new SecretText("x"), "text/plain", Tags, Cancelled);

        var listed = new List<VaultCertificateEntry>();
        await foreach (var each in Vault.ListCertificatesAsync(Place("any").Vault, Cancelled)) { listed.Add(each); }

        var mine = Assert.Single(listed, each => each.Name.EndsWith("listed-one", StringComparison.Ordinal));
        Assert.Equal((X509Facts.Read(leaf).X5t, true, "uid-1"), (mine.X5t, mine.IsEnabled, mine.Tags.Find(Annotations.CertificateUid)));
        Assert.DoesNotContain(listed, each => each.Name.EndsWith("listed-secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Recovers_a_soft_deleted_secret_with_all_its_versions_and_may_be_told_twice()
    {
        var place = Place("recovered");
        await Vault.SetSecretAsync(place, new SecretText("one"), "text/plain", ValueMap.Empty, Cancelled);
        await Vault.SetSecretAsync(place, new SecretText("two"), "text/plain", Tags, Cancelled);
        await SoftDeleteSecretAsync(place);

        Assert.Null(await Vault.FindSecretAsync(place, version: null, Cancelled));
        Assert.Empty(await Vault.ListSecretVersionsAsync(place, Cancelled));
        var refused = await Assert.ThrowsAsync<VaultException>(() => Vault.SetSecretAsync(place, new SecretText("three"), "text/plain", Tags, Cancelled));
        Assert.Equal((409, "ObjectIsDeletedButRecoverable"), (refused.Status, refused.Code));
        Assert.Equal("uid-1", (await Vault.FindDeletedSecretAsync(place, Cancelled))!.Find(Annotations.CertificateUid));

        await Vault.RecoverSecretAsync(place, Cancelled);
        await Vault.RecoverSecretAsync(place, Cancelled);

        Assert.Equal("two", (await Vault.FindSecretAsync(place, version: null, Cancelled))!.Reveal());
        Assert.Equal(2, (await Vault.ListSecretVersionsAsync(place, Cancelled)).Count);
        Assert.Null(await Vault.FindDeletedSecretAsync(place, Cancelled));
    }

    [Fact]
    public async Task Refuses_to_write_the_secret_of_a_certificate()
    {
        var place = Place("linked");
        using var key = ECDsa.Create(Curve(256));
        await Vault.ImportAsync(place, Import(key, 256).Import, Cancelled);

        var refused = await Assert.ThrowsAsync<VaultException>(() => Vault.SetSecretAsync(place, new SecretText("x"), "text/plain", Tags, Cancelled));

        Assert.InRange(refused.Status, 400, 499);
    }

    [Fact]
    public async Task Refuses_a_wrong_password_without_telling_the_right_one()
    {
        using var key = ECDsa.Create(Curve(256));
        var import = Import(key, 256).Import;

        var refused = await Assert.ThrowsAsync<VaultException>(
            () => Vault.ImportAsync(Place("wrong"), import with { Password = new SecretText("wrong") }, Cancelled));

        Assert.Equal(400, refused.Status);
        Assert.DoesNotContain(import.PfxBase64.Reveal(), refused.ToString(), StringComparison.Ordinal);
    }

    private static ECCurve Curve(int size) => size switch
    {
        256 => ECCurve.NamedCurves.nistP256,
        384 => ECCurve.NamedCurves.nistP384,
        _ => ECCurve.NamedCurves.nistP521,
    };

    private static (CertificateImport Import, byte[] Leaf) Import(ECDsa key, int size)
    {
        using var x509 = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=web", key, HashAlgorithmName.SHA256).CreateSelfSigned(Day1, Day1.AddYears(10));
        var password = Pfx.NewPassword();
        using var pair = PrivateKey.FromPkcs8Base64(Convert.ToBase64String(key.ExportPkcs8PrivateKey()));
        return (new CertificateImport(Pfx.Build(pair, [x509.RawData], password), password, "ECDSA", size, Tags), x509.RawData);
    }
}
