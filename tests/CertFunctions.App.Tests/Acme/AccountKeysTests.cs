using CertFunctions.App.Acme.Accounts;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Acme;

/// <summary>One key an account, for ever: made once, found again, never replaced.</summary>
public sealed class AccountKeysTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryVault _vault = new();
    private readonly InMemoryObjectStore _objects = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_processes_that_begin_at_once_end_up_with_one_key()
    {
        await using var one = Process();
        await using var two = Process();

        var keys = await Task.WhenAll(Keys(one).EnsureAsync(Issuer(), Cancel), Keys(two).EnsureAsync(Issuer(), Cancel));

        Assert.Equal(keys[0].Key!.Thumbprint, keys[1].Key!.Thumbprint);
        Assert.Single(await VersionsAsync(one), version => version.IsEnabled);
    }

    [Fact]
    public async Task A_key_that_is_there_is_used_and_a_newer_version_does_not_take_its_place()
    {
        await using var one = Process();
        var first = (await Keys(one).EnsureAsync(Issuer(), Cancel)).Key!.Thumbprint;
        using var other = CertFunctions.Core.Acme.AccountKey.Generate();
        await _vault.SetSecretAsync(Place(one), new SecretText(other.ToPem()), "application/x-pem-file", ValueMap.Empty, Cancel);

        await using var two = Process();
        Assert.Equal(first, (await Keys(two).EnsureAsync(Issuer(), Cancel)).Key!.Thumbprint);
    }

    [Fact]
    public async Task A_disabled_key_is_not_replaced()
    {
        await using var one = Process();
        await Keys(one).EnsureAsync(Issuer(), Cancel);
        await _vault.DisableSecretVersionAsync(Place(one), (await VersionsAsync(one))[0].Version, Cancel);

        await using var two = Process();
        var found = await Keys(two).EnsureAsync(Issuer(), Cancel);

        Assert.Null(found.Key);
        Assert.Contains("is disabled", found.Problem, StringComparison.Ordinal);
        Assert.Single(await VersionsAsync(two));
    }

    [Fact]
    public async Task A_deleted_key_is_recovered()
    {
        await using var one = Process();
        var first = (await Keys(one).EnsureAsync(Issuer(), Cancel)).Key!.Thumbprint;
        _vault.SoftDelete(Place(one));

        await using var two = Process();
        Assert.Equal(first, (await Keys(two).EnsureAsync(Issuer(), Cancel)).Key!.Thumbprint);
    }

    [Fact]
    public async Task None_is_made_when_the_issuer_says_so_and_rubbish_is_refused_without_showing_it()
    {
        await using var one = Process();
        Assert.Contains("disableAccountKeyGeneration", (await Keys(one).EnsureAsync(Issuer(mustExist: true), Cancel)).Problem, StringComparison.Ordinal);
        Assert.Empty(await VersionsAsync(one));

        await _vault.SetSecretAsync(Place(one), new SecretText("top secret rubbish"), "text/plain", ValueMap.Empty, Cancel);
        var found = await Keys(one).EnsureAsync(Issuer(), Cancel);
        Assert.True(found.IsFinal);
        Assert.DoesNotContain("rubbish", found.Problem, StringComparison.Ordinal);
    }

    private static AccountKeys Keys(ServiceProvider process) => process.GetRequiredService<AccountKeys>();

    private static VaultObject Place(ServiceProvider process) => process.GetRequiredService<VaultPlaces>().Referred("ns", "account");

    private static IssuerView Issuer(bool mustExist = false) => new(
        "Issuer", new ObjectMeta { Namespace = "ns", Name = "acme", Uid = "i-uid", Generation = 1 },
        new IssuerSpec { Acme = new AcmeIssuer { Server = "https://ca.test/dir", PrivateKeySecretRef = new SecretKeyRef { Name = "account" }, DisableAccountKeyGeneration = mustExist } },
        Status: null, "ns", new ETag("1"), Due: null);

    private Task<IReadOnlyList<VaultSecretVersion>> VersionsAsync(ServiceProvider process) => _vault.ListSecretVersionsAsync(Place(process), Cancel);

    private ServiceProvider Process() => AppServices.Over(_objects, _vault, _time);
}
