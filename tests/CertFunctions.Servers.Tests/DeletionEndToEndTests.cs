using Azure;
using Azure.Security.KeyVault.Certificates;

namespace CertFunctions.Servers.Tests;

/// <summary>Somebody meddles with the vault object, at the worst moment where that can be chosen.</summary>
public sealed class DeletionEndToEndTests
{
    private const string SecondRequest = "namespaces/default/certificaterequests/web-2";

    // As long as in Azure: an issuance fits into it.
    private static readonly Dictionary<string, string> Slow = new() { ["LocalVault__DeletionDelay"] = "00:00:10" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deleted_under_an_issuance_it_is_recovered_and_what_was_there_serves_on()
    {
        using var app = await StartAsync(Slow);
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);
        var before = Assert.Single(await vault.VersionsAsync(Given.Object, Cancel));

        await vault.Certificates.StartDeleteCertificateAsync(Given.Object, Cancel);
        await app.EventuallyAsync(() => Task.FromResult(app.Told("Certificate default/web: Waiting Superseded") > 0), "an import met the deletion", Cancel);
        await app.EventuallyAsync(async () => await IsThereAsync(vault), "it is recovered", Cancel);
        await app.RevisionAsync(Given.Leaf, 1, Cancel);

        Assert.Equal(before.Version, Assert.Single(await vault.VersionsAsync(Given.Object, Cancel)).Version);
        Assert.Contains("issuing revision 2 (DoesNotExist", app.Output, StringComparison.Ordinal);
        await app.EventuallyAsync(async () => await app.GetAsync(SecondRequest, Cancel) is null, "the request of the abandoned attempt is gone", Cancel);
        Assert.Null(LocalApp.ConditionOf(await app.GetAsync(Given.Leaf, Cancel), "Issuing"));
    }

    [Fact]
    public async Task Deleted_under_a_renewal_it_is_recovered_and_then_renewed()
    {
        using var app = await StartAsync(Slow);
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);

        await vault.Certificates.StartDeleteCertificateAsync(Given.Object, Cancel);
        await Given.RenewAsync(app);
        await app.RevisionAsync(Given.Leaf, 2, Cancel);

        Assert.Equal(["1", "2"], (await vault.VersionsAsync(Given.Object, Cancel)).Select(version => version.Tags["cert-manager.io/certificate-revision"]));
    }

    [Fact]
    public async Task Deleted_while_somebody_thinks_about_the_request_it_takes_what_they_approve()
    {
        using var app = new LocalApp(settings: new Dictionary<string, string> { ["Approval__Mode"] = "Manual", ["Schedule__CheckVaults"] = "0 0 0 1 1 *" });
        await app.StartAsync(Cancel);
        await Given.ApplyAsync(app, "clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}");
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(issuer: "selfsigned"));
        await ApproveAsync(app, "namespaces/default/certificaterequests/web-1");
        await app.RevisionAsync(Given.Leaf, 1, Cancel);
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);
        await Given.RenewAsync(app);
        await app.EventuallyAsync(async () => await app.GetAsync(SecondRequest, Cancel) is not null, "the request is there", Cancel);
        var uid = (string?)(await app.GetAsync(SecondRequest, Cancel))!["metadata"]!["uid"];

        await vault.Certificates.StartDeleteCertificateAsync(Given.Object, Cancel);
        await ApproveAsync(app, SecondRequest);
        await app.RevisionAsync(Given.Leaf, 2, Cancel);

        Assert.Equal(["1", "2"], (await vault.VersionsAsync(Given.Object, Cancel)).Select(version => version.Tags["cert-manager.io/certificate-revision"]));
        Assert.Equal(uid, (string?)(await app.GetAsync(SecondRequest, Cancel))!["metadata"]!["uid"]);
    }

    [Fact]
    public async Task Purged_while_paused_it_is_issued_anew_when_resumed()
    {
        using var app = await StartAsync();
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(metadata: ", annotations: {certfunctions.dev/paused: \"true\"}"));
        await app.EventuallyAsync(async () => LocalApp.Condition(await app.GetAsync(Given.Leaf, Cancel), "Paused") == "True", "it says that it is paused", Cancel);

        await Given.PurgeAsync(
            app, () => vault.Certificates.StartDeleteCertificateAsync(Given.Object, Cancel), () => vault.Certificates.PurgeDeletedCertificateAsync(Given.Object, Cancel));
        await Given.ReasonAsync(app, "DoesNotExist");
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish());
        await app.RevisionAsync(Given.Leaf, 2, Cancel);

        Assert.Equal("2", Assert.Single(await vault.VersionsAsync(Given.Object, Cancel)).Tags["cert-manager.io/certificate-revision"]);
    }

    [Fact]
    public async Task A_disabled_newest_version_is_replaced()
    {
        using var app = await StartAsync();
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);
        var version = Assert.Single(await vault.VersionsAsync(Given.Object, Cancel));

        version.Enabled = false;
        await vault.Certificates.UpdateCertificatePropertiesAsync(version, Cancel);
        await app.RevisionAsync(Given.Leaf, 2, Cancel);

        Assert.Contains("issuing revision 2 (MissingData", app.Output, StringComparison.Ordinal);
        Assert.Equal([false, true], (await vault.VersionsAsync(Given.Object, Cancel)).Select(each => each.Enabled));
    }

    [Fact]
    public async Task What_somebody_imported_under_the_name_stays_until_the_annotation_gives_it_up()
    {
        using var app = await StartAsync();
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);

        var foreign = await Given.ForeignAsync(vault, Given.Object);
        await Given.ReasonAsync(app, "SecretNameTaken");
        await Given.RenewAsync(app);
        await app.EventuallyAsync(() => Task.FromResult(app.Told("Certificate default/web: Waiting SecretNameTaken") >= 2), "the renewal was refused", Cancel);
        Assert.Equal((2, foreign), ((await vault.VersionsAsync(Given.Object, Cancel)).Count, await NewestAsync(vault)));

        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(metadata: ", annotations: {certfunctions.dev/adopt: \"true\"}"));
        await app.RevisionAsync(Given.Leaf, 2, Cancel);

        Assert.NotEqual(foreign, await NewestAsync(vault));
        Assert.True((await vault.ReadAsync(Given.Object, Cancel)).Leaf.MatchesHostname("web.test"));
    }

    [Fact]
    public async Task What_somebody_imported_with_our_tags_is_replaced()
    {
        using var app = await StartAsync();
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);
        var ours = Assert.Single(await vault.VersionsAsync(Given.Object, Cancel));

        await Given.ForeignAsync(vault, Given.Object, ours.Tags);
        await app.RevisionAsync(Given.Leaf, 2, Cancel);

        Assert.Contains("issuing revision 2 (SecretMismatch", app.Output, StringComparison.Ordinal);
        Assert.True((await vault.ReadAsync(Given.Object, Cancel)).Leaf.MatchesHostname("web.test"));
    }

    private static async Task<LocalApp> StartAsync(Dictionary<string, string>? settings = null)
    {
        var app = await Given.RootAsync(settings);
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish());
        await app.RevisionAsync(Given.Leaf, 1, Cancel);
        return app;
    }

    private static Task ApproveAsync(LocalApp app, string request) => app.EventuallyAsync(
        async () =>
        {
            using var answer = await app.Http.PostAsync($"apis/cert-manager.io/v1/{request}/approve", content: null, Cancel);
            return answer.IsSuccessStatusCode;
        },
        $"{request} is approved", Cancel);

    private static async Task<string> NewestAsync(VaultReader vault) => (await vault.Certificates.GetCertificateAsync(Given.Object, Cancel)).Value.Properties.Version;

    private static async Task<bool> IsThereAsync(VaultReader vault)
    {
        try { return (await NewestAsync(vault)).Length > 0; }
        catch (RequestFailedException away) when (away.Status is 404 or 409) { return false; }
    }
}
