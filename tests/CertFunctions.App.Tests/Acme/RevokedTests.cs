using CertFunctions.AwkwardCa;
using CertFunctions.Core.Pki;

namespace CertFunctions.App.Tests.Acme;

/// <summary>The verb <c>revoke</c> on a certificate of an ACME server.</summary>
public sealed class RevokedTests
{
    [Fact]
    public async Task The_CA_is_told_once_and_another_certificate_with_another_key_is_there_at_once()
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.WithReadyAsync("web", "web.test");
        await house.PostAsync("Certificate", "web", "revoke", """{"reason":"keyCompromise"}""");
        await house.RunUntilAsync(() => Task.FromResult(house.Stored("web").Count == 2), TimeSpan.FromMinutes(5));
        await house.RunForAsync(TimeSpan.FromDays(2));

        Assert.Equal(1, house.Ca.Book.Orders[0].Certificate!.Revoked);
        Assert.Null(house.Ca.Book.Orders[1].Certificate!.Revoked);
        Assert.Equal(1, house.Ca.Log.Count("revokeCert"));
        Assert.Equal(2, house.Ca.Log.Count("newOrder"));
        Assert.NotEqual(X509Facts.Read(house.Stored("web")[0].Leaf).KeyHash, X509Facts.Read(house.Stored("web")[1].Leaf).KeyHash);
        Assert.NotNull((await house.CertificateAsync("web")).Status!.Revocation?.RevokedAt);
    }

    [Theory]
    [InlineData("the answer is lost")]
    [InlineData("somebody else was faster")]
    public async Task What_is_revoked_already_is_revoked(string how)
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.WithReadyAsync("web", "web.test");
        house.Ca.Awkward.Losses.Lose("revokeCert");
        if (how != "the answer is lost") { house.Ca.OnRequest = call => Task.FromResult(call.Resource == "revokeCert" ? new AcmeFault("alreadyRevoked", "Certificate already revoked", 400) : null); }

        await house.PostAsync("Certificate", "web", "revoke");
        await house.RunUntilAsync(async () => (await house.CertificateAsync("web")).Status!.Revocation?.RevokedAt is not null, TimeSpan.FromHours(1));
        await house.RunUntilAsync(() => Task.FromResult(house.Stored("web").Count == 2), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_CA_that_cannot_revoke_for_hours_is_told_when_it_can()
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.WithReadyAsync("web", "web.test");
        var until = house.Now.AddHours(5);
        house.Ca.OnRequest = call => Task.FromResult(call.Resource == "revokeCert" && house.Now < until ? new AcmeFault("serverInternal", "Unable to revoke", 500) : null);

        await house.PostAsync("Certificate", "web", "revoke", """{"reason":"superseded"}""");
        await house.RunUntilAsync(() => Task.FromResult(house.Stored("web").Count == 2), TimeSpan.FromHours(1));   // it does not wait for that
        await house.RunUntilAsync(() => Task.FromResult(house.Ca.Book.Orders[0].Certificate!.Revoked == 4), TimeSpan.FromHours(12));
        Assert.InRange(house.Ca.Log.Calls.Count(call => call.Resource == "revokeCert"), 2, 60);
    }
}
