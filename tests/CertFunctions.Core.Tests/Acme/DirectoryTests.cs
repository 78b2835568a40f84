using System.Net;
using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Tests.Acme;

/// <summary>The directory: fetched seldom, by one for all.</summary>
public sealed class DirectoryTests : IDisposable
{
    private readonly ScriptedCa _ca = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _ca.Dispose();

    [Fact]
    public async Task Says_what_the_CA_offers()
    {
        _ca.More = """
            ,"renewalInfo":"https://ca.test/ari","revokeCert":"","meta":{"termsOfService":"https://ca.test/terms","website":"not a URL","caaIdentities":["ca.test"],
             "externalAccountRequired":true,"profiles":{"shortlived":"six days","odd":7}}
            """;

        var found = (await _ca.Client.GetDirectoryAsync(Cancel)).Value!;

        Assert.Equal("https://ca.test/ari", found.RenewalInfo?.AbsoluteUri);
        Assert.Null(found.RevokeCert);
        Assert.Null(found.Meta.Website);
        Assert.Equal("https://ca.test/terms", found.Meta.TermsOfService?.AbsoluteUri);
        Assert.True(found.Meta.ExternalAccountRequired);
        Assert.Equal(["ca.test"], found.Meta.CaaIdentities);
        Assert.Equal(("six days", ""), (found.Meta.Profiles?.Find("shortlived"), found.Meta.Profiles?.Find("odd")));
    }

    [Fact]
    public async Task May_say_very_little()
    {
        var found = (await _ca.Client.GetDirectoryAsync(Cancel)).Value!;

        Assert.False(found.Meta.ExternalAccountRequired);
        Assert.Empty(found.Meta.CaaIdentities);
        Assert.Null(found.Meta.Profiles);
    }

    [Fact]
    public async Task Is_kept_for_an_hour()
    {
        await _ca.Client.GetDirectoryAsync(Cancel);
        _ca.Time.Advance(TimeSpan.FromMinutes(59));
        await _ca.Client.GetDirectoryAsync(Cancel);
        Assert.Single(_ca.Requests);

        _ca.Time.Advance(TimeSpan.FromMinutes(2));
        await _ca.Client.GetDirectoryAsync(Cancel);

        Assert.Equal(2, _ca.Requests.Count);
    }

    [Fact]
    public async Task Is_fetched_by_one_request_for_all_who_wait_also_when_the_first_gives_up()
    {
        var open = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        _ca.Before = (_, _) => open.Task;

        var first = _ca.Client.GetDirectoryAsync(impatient.Token);
        var others = Enumerable.Range(0, 10).Select(_ => _ca.Client.GetDirectoryAsync(Cancel)).ToList();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        open.SetResult();

        Assert.All(await Task.WhenAll(others), answer => Assert.NotNull(answer.Value));
        Assert.Single(_ca.Requests);
    }

    [Fact]
    public async Task Is_fetched_again_after_a_failure()
    {
        _ca.Answer = _ => _ca.Requests.Count == 1 ? ScriptedCa.With(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable), "Retry-After", "60") : null;

        var failed = await _ca.Client.GetDirectoryAsync(Cancel);
        var found = await _ca.Client.GetDirectoryAsync(Cancel);

        Assert.Equal((AcmeProblem.Unavailable, TimeSpan.FromSeconds(60)), (failed.Problem?.Type, failed.RetryAfter));
        Assert.NotNull(found.Value);
    }

    [Fact]
    public async Task Must_name_what_nobody_can_do_without()
    {
        _ca.Answer = asked => ScriptedCa.Json("""{"newNonce":"https://ca.test/n"}""");

        Assert.Equal(AcmeProblem.InvalidResponse, (await _ca.Client.GetDirectoryAsync(Cancel)).Problem?.Type);
    }

    [Fact]
    public async Task May_lack_what_is_then_not_offered()
    {
        using var key = AccountKey.Generate();

        var renewal = await _ca.Client.GetRenewalInfoAsync("a.b", Cancel);
        var revocation = await _ca.Client.RevokeAsync(SomeAcme.Identity(key), new byte[] { 1 }, reason: null, Cancel);

        Assert.Equal((AcmeProblem.NotOffered, AcmeProblem.NotOffered), (renewal.Problem?.Type, revocation.Problem?.Type));
        Assert.Single(_ca.Requests);
    }
}
