using System.Security.Cryptography.X509Certificates;
using CertFunctions.AwkwardCa;

namespace CertFunctions.App.Tests.Acme;

/// <summary>Rows 1 to 8 of acme-cases: nonces, and what comes back.</summary>
public sealed class CasesCertificateTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(50)]
    [InlineData(90)]
    public async Task Row_01_good_nonces_are_refused_and_it_is_Ready_all_the_same(int percent)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.BadNoncePercent = percent;

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test", "www.test"]);
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(12));

        Assert.Single(house.Stored("web"));
        Assert.InRange(house.Ca.Log.Count("newOrder"), 1, 2);
        Assert.Equal(1, house.Ca.Book.EffectiveFinalizes);
        Assert.Single(house.Ca.Book.Accounts);
    }

    [Theory]
    [InlineData("the key is another", CertificateFlaw.OtherKey, "key")]
    [InlineData("a name is missing", CertificateFlaw.MissingName, "www.test")]
    [InlineData("a name is one too many", CertificateFlaw.ExtraName, "extra.test")]
    [InlineData("it is a CA", CertificateFlaw.IsCa, "CA")]
    [InlineData("it has expired", CertificateFlaw.Expired, "")]
    public async Task Row_02_and_03_a_wrong_certificate_is_not_stored_and_the_next_attempt_waits(string because, CertificateFlaw flaw, string says)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.Certificate = flaw;

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test", "www.test"]);
        await house.RunUntilAsync(() => house.FailedAsync("web", "InvalidCertificate"), Soon);

        Assert.Empty(house.Stored("web"));
        Assert.Contains(says, (await house.ConditionAsync("web", "Issuing"))!.Message, StringComparison.OrdinalIgnoreCase);
        await house.RunForAsync(TimeSpan.FromMinutes(50));
        Assert.True(house.Ca.Log.Count("newOrder") == 1, because);

        house.Ca.Awkward.Certificate = CertificateFlaw.None;
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(2));
        Assert.Equal(2, house.Ca.Log.Count("newOrder"));
    }

    [Theory]
    [InlineData("names in upper case", CertificateFlaw.UpperCaseNames, null)]
    [InlineData("another common name", CertificateFlaw.OtherCommonName, null)]
    [InlineData("no common name", CertificateFlaw.NoCommonName, null)]
    [InlineData("other usages", CertificateFlaw.OtherUsages, null)]
    [InlineData("Let's Encrypt's bare shape", CertificateFlaw.None, "tlsserver")]
    [InlineData("six days", CertificateFlaw.None, "shortlived")]
    public async Task Row_04_what_is_only_unusual_is_stored(string because, CertificateFlaw flaw, string? profile)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.Certificate = flaw;

        await house.AddIssuerAsync(change: acme => { if (profile is not null) { acme["profile"] = profile; } });
        await house.AddCertificateAsync("web", ["web.test", "www.test"], spec => spec["commonName"] = "web.test");
        await house.RunUntilReadyAsync("web", Soon);
        await house.RunForAsync(TimeSpan.FromDays(1));

        Assert.True(house.Stored("web").Count == 1, because);
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.True(await house.IsReadyAsync("web"));
    }

    [Theory]
    [InlineData(24 * 10)]
    [InlineData(24 * 200)]
    public async Task Row_04_another_life_than_asked_is_stored_and_renewed_by_its_own_dates(int hours)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.Lifetime = TimeSpan.FromHours(hours);
        house.Ca.Awkward.HasRenewalInfo = false;

        await house.WithReadyAsync("web", "web.test");
        var status = (await house.CertificateAsync("web")).Status!;

        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.Equal(house.Ca.Book.Certificates[0].NotAfter, status.NotAfter);
        Assert.True(Math.Abs((status.RenewalTime!.Value - status.NotBefore!.Value) / (status.NotAfter!.Value - status.NotBefore.Value) - (2.0 / 3)) < 0.001);
    }

    [Theory]
    [InlineData(ChainFlaw.Reordered)]
    [InlineData(ChainFlaw.Duplicated)]
    [InlineData(ChainFlaw.WithRoot)]
    public async Task Row_05_an_untidy_chain_is_stored_leaf_first_each_once_without_the_root(ChainFlaw flaw)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.Chain = flaw;

        await house.WithReadyAsync("web", "web.test");

        var issued = house.Ca.Book.Certificates[0];
        var intermediate = house.Ca.Authority.Intermediates.Single(each => each.Subject == X509CertificateLoader.LoadCertificate(issued.Leaf).Issuer);
        Assert.Equal([issued.Leaf, intermediate.RawData], await house.PublishedChainAsync("web"));
        Assert.Equal(2, (await house.StoredBagAsync("web")).Count);
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
    }

    [Theory]
    [InlineData(ChainFlaw.LeafOnly, "IncompleteChain")]
    [InlineData(ChainFlaw.Stray, "InvalidChain")]
    public async Task Row_06_and_07_a_chain_that_is_none_is_fetched_again_from_the_same_order(ChainFlaw flaw, string reason)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.Chain = flaw;

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilAsync(() => house.WaitsForAsync("web", reason), Soon);
        await house.RunForAsync(TimeSpan.FromHours(3));

        Assert.Empty(house.Stored("web"));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.InRange(house.Ca.Log.Count("certificate"), 2, 40);

        house.Ca.Awkward.Chain = ChainFlaw.None;
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(3));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.Equal(1, house.Ca.Book.EffectiveFinalizes);
    }

    [Theory]
    [InlineData(DownloadFlaw.Garbage)]
    [InlineData(DownloadFlaw.Html)]
    [InlineData(DownloadFlaw.Empty)]
    [InlineData(DownloadFlaw.NoPem)]
    [InlineData(DownloadFlaw.TenMegabytes)]
    [InlineData(DownloadFlaw.TenMegabytesOfUnsaidLength)]
    public async Task Row_08_rubbish_instead_of_a_chain_is_fetched_again_from_the_same_order(DownloadFlaw flaw)
    {
        await using var house = await AcmeHouse.StartAsync();
        (house.Ca.Awkward.Download, house.Ca.Awkward.DownloadsSpoilt) = (flaw, 1000);

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilAsync(() => house.WaitsForAsync("web", "InvalidResponse"), Soon);
        Assert.Empty(house.Stored("web"));
        Assert.InRange(house.Ca.Log.Count("certificate"), 1, 3);

        house.Ca.Awkward.DownloadsSpoilt = 0;
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(2));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
    }
}
