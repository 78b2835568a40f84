using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Acme;

/// <summary>Which profile is ordered, and for how long: the issuer's word, a Certificate's own, and what the CA does not have.</summary>
public sealed class ProfileTests
{
    [Theory]
    [InlineData(null, null, "classic")]
    [InlineData("tlsserver", null, "tlsserver")]
    [InlineData("tlsserver", "shortlived", "shortlived")]
    [InlineData(null, "shortlived", "shortlived")]
    public async Task Orders_the_profile_of_the_issuer_or_of_the_Certificate(string? ofIssuer, string? ofCertificate, string ordered)
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.AddIssuerAsync(change: acme => { if (ofIssuer is not null) { acme["profile"] = ofIssuer; } });
        await house.AddCertificateAsync("web", ["web.test"], metadata: meta =>
        {
            if (ofCertificate is not null) { meta["annotations"] = new System.Text.Json.Nodes.JsonObject { [Annotations.AcmeProfile] = ofCertificate }; }
        });

        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(1));

        Assert.Equal(ordered, Assert.Single(house.Ca.Book.Orders).Profile);
    }

    [Fact]
    public async Task A_profile_that_the_CA_does_not_have_is_refused_before_anything_is_ordered()
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.AddIssuerAsync(change: acme => acme["profile"] = "tlsclient");
        await house.AddCertificateAsync("web", ["web.test"]);

        await house.RunUntilAsync(() => house.FailedAsync("web", "invalidProfile"), TimeSpan.FromMinutes(10));

        Assert.Equal(0, house.Ca.Log.Count("newOrder"));
    }

    [Fact]
    public async Task A_duration_is_asked_of_the_CA_when_the_issuer_says_so()
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.SupportsDates = true;
        await house.AddIssuerAsync(change: acme => acme["enableDurationFeature"] = true);
        await house.AddCertificateAsync("web", ["web.test"], spec => spec["duration"] = "240h");

        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(1));

        Assert.InRange(Assert.Single(house.Ca.Book.Orders).NotAfter!.Value - house.Now, TimeSpan.FromDays(9.9), TimeSpan.FromDays(10));
    }
}
