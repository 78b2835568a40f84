using System.Security.Cryptography;
using CertFunctions.Core.Acme;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>A Pebble that registers only whom it knows from elsewhere.</summary>
public sealed class PebbleWithExternalAccounts : IAsyncLifetime
{
    public const string Mac = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

    private Pebble? _pebble;

    public Pebble Pebble => _pebble!;

    public async ValueTask InitializeAsync() => _pebble = await Pebble.StartAsync(
        new PebbleOptions { ExternalAccounts = new Dictionary<string, string> { ["kid-1"] = Mac } }, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _pebble?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>The client's accounts against a real ACME server.</summary>
public sealed class AcmeAccountTests : IClassFixture<PebbleWithExternalAccounts>, IDisposable
{
    private readonly AcmeClient _client;
    private readonly AccountKey _key = AccountKey.Generate();

    public AcmeAccountTests(PebbleWithExternalAccounts server) => _client = server.Pebble.NewClient();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static ExternalAccountKey Binding => ExternalAccountKey.Parse("kid-1", PebbleWithExternalAccounts.Mac);

    public void Dispose()
    {
        _client.Dispose();
        _key.Dispose();
    }

    [Fact]
    public async Task Is_told_that_an_external_account_is_required()
    {
        var directory = Issuance.Value(await _client.GetDirectoryAsync(Cancel));

        var refused = await _client.NewAccountAsync(_key, [], binding: null, Cancel);

        Assert.True(directory.Meta.ExternalAccountRequired);
        Assert.Equal("externalAccountRequired", refused.Problem?.Type);
        Assert.True(refused.Problem!.IsVerdict);
    }

    [Fact]
    public async Task Is_refused_with_a_key_id_or_MAC_that_is_not_known()
    {
        var stranger = await _client.NewAccountAsync(_key, [], ExternalAccountKey.Parse("kid-2", PebbleWithExternalAccounts.Mac), Cancel);
        var liar = await _client.NewAccountAsync(_key, [], ExternalAccountKey.Parse("kid-1", "c2VjcmV0"), Cancel);

        Assert.True(stranger.Problem is { IsVerdict: true } && liar.Problem is { IsVerdict: true });
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("RS256")]
    public async Task Registers_and_is_found_again_by_its_key(string algorithm)
    {
        using var made = algorithm == "RS256" ? RSA.Create(2048) : (AsymmetricAlgorithm)ECDsa.Create(algorithm == "ES384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256);
        using var key = AccountKey.FromPem(made.ExportPkcs8PrivateKeyPem());
        var before = await _client.FindAccountAsync(key, Cancel);

        var account = Issuance.Value(await _client.NewAccountAsync(key, ["mailto:a@b.test"], Binding, Cancel));
        var found = Issuance.Value(await _client.FindAccountAsync(key, Cancel));

        Assert.Equal("accountDoesNotExist", before.Problem?.Type);
        Assert.Equal(algorithm, key.Algorithm);
        Assert.Equal((account.Url, "valid"), (found.Url, found.Status));
    }

    [Fact]
    public async Task Changes_its_contact()
    {
        var me = await RegisterAsync();

        var changed = Issuance.Value(await _client.UpdateContactAsync(me, ["mailto:c@d.test"], Cancel));

        Assert.Equal(["mailto:c@d.test"], changed.Contact!);
    }

    [Fact]
    public async Task Rolls_its_key_over_and_goes_on_with_the_new_one()
    {
        var me = await RegisterAsync();
        using var next = AccountKey.Generate();

        Issuance.Value(await _client.ChangeKeyAsync(me, next, Cancel));

        Assert.Equal(me.Account, Issuance.Value(await _client.FindAccountAsync(next, Cancel)).Url);
        Issuance.Value(await _client.NewOrderAsync(me with { Key = next }, new AcmeNewOrder([AcmeIdentifier.Dns("web.test")]), Cancel));
        Assert.True((await _client.NewOrderAsync(me, new AcmeNewOrder([AcmeIdentifier.Dns("web.test")]), Cancel)).Problem is { IsVerdict: true });
    }

    [Fact]
    public async Task Is_deactivated_for_good()
    {
        var me = await RegisterAsync();

        var ended = Issuance.Value(await _client.DeactivateAccountAsync(me, Cancel));

        Assert.Equal("deactivated", ended.Status);
        Assert.Equal("unauthorized", (await _client.NewOrderAsync(me, new AcmeNewOrder([AcmeIdentifier.Dns("web.test")]), Cancel)).Problem?.Type);
    }

    private async Task<AcmeIdentity> RegisterAsync() => new(_key, Issuance.Value(await _client.NewAccountAsync(_key, ["mailto:a@b.test"], Binding, Cancel)).Url);
}
