using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Tests.Acme;

/// <summary>What is sent for each object, and what is read of it, also where a CA leaves something out or adds something new.</summary>
public sealed class ObjectsTests : IDisposable
{
    private readonly ScriptedCa _ca = new();
    private readonly AccountKey _key = AccountKey.Generate();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private AcmeIdentity Me => SomeAcme.Identity(_key);

    public void Dispose()
    {
        _ca.Dispose();
        _key.Dispose();
    }

    [Fact]
    public async Task An_account_may_show_no_contact_as_with_Let_s_Encrypt()
    {
        Answer(ScriptedCa.With(ScriptedCa.Json("""{"key":{},"status":"valid","createdAt":"2026-01-01T00:00:00Z"}""", 201), "Location", "/account/7"));

        var account = (await _ca.Client.NewAccountAsync(_key, [], binding: null, Cancel)).Value!;

        Assert.Equal(("https://ca.test/account/7", "valid", null), (account.Url.AbsoluteUri, account.Status, account.Contact));
        Assert.Equal("""{"termsOfServiceAgreed":true}""", Sent());
    }

    [Theory]
    [InlineData("set", new[] { "mailto:a@b.test" }, """{"contact":["mailto:a@b.test"]}""")]
    [InlineData("removed", new string[0], """{"contact":[]}""")]
    public async Task A_contact_is(string because, string[] contact, string sent)
    {
        Answer(ScriptedCa.Json("""{"status":"valid","contact":["mailto:a@b.test"]}"""));

        var account = (await _ca.Client.UpdateContactAsync(Me, contact, Cancel)).Value!;

        Assert.Equal(Me.Account, account.Url);
        Assert.True(Sent() == sent, because);
    }

    [Fact]
    public async Task An_account_is_deactivated_by_its_status()
    {
        Answer(ScriptedCa.Json("""{"status":"deactivated"}"""));

        Assert.Equal("deactivated", (await _ca.Client.DeactivateAccountAsync(Me, Cancel)).Value?.Status);
        Assert.Equal("""{"status":"deactivated"}""", Sent());
    }

    [Fact]
    public async Task An_order_asks_for_all_that_it_can()
    {
        Answer(SomeAcme.NewOrder());
        var wish = new AcmeNewOrder([AcmeIdentifier.Dns("*.web.test"), AcmeIdentifier.Ip("192.0.2.1")], new DateTimeOffset(2026, 2, 1, 1, 0, 0, TimeSpan.FromHours(1)), "shortlived", "aki.serial");

        var answer = await _ca.Client.NewOrderAsync(Me, wish, Cancel);

        Assert.Equal(SomeAcme.OrderUrl, answer.Value?.Url);
        Assert.Equal(SomeAcme.OrderUrl, answer.Location);
        Assert.Equal(
            """{"identifiers":[{"type":"dns","value":"*.web.test"},{"type":"ip","value":"192.0.2.1"}],"notAfter":"2026-02-01T00:00:00Z","profile":"shortlived","replaces":"aki.serial"}""",
            Sent());
    }

    [Fact]
    public async Task An_order_is_read_whole_with_its_date_in_whole_seconds()
    {
        Answer(ScriptedCa.Json(SomeAcme.Order.Replace("\"pending\"", "\"invalid\",\"profile\":\"classic\",\"error\":{\"type\":\"urn:ietf:params:acme:error:badCSR\",\"status\":400}", StringComparison.Ordinal)));

        var order = (await _ca.Client.GetOrderAsync(Me, SomeAcme.OrderUrl, Cancel)).Value!;

        Assert.Equal(("invalid", "classic", "badCSR", 400), (order.Status, order.Profile, order.Error?.Type, order.Error?.Status));
        Assert.Equal(new DateTimeOffset(2026, 1, 8, 0, 0, 0, TimeSpan.Zero), order.Expires);
        Assert.Equal(["https://ca.test/authz/1"], order.Authorizations);
        Assert.Equal([AcmeIdentifier.Dns("web.test")], order.Identifiers);
        Assert.Equal("https://ca.test/order/1/finalize", order.Finalize.AbsoluteUri);
        Assert.Null(order.Certificate);
    }

    [Fact]
    public async Task A_new_order_without_its_URL_is_none()
    {
        Answer(ScriptedCa.Json(SomeAcme.Order, 201));

        Assert.Equal(AcmeProblem.InvalidResponse, (await _ca.Client.NewOrderAsync(Me, SomeAcme.Wish, Cancel)).Problem?.Type);
    }

    [Fact]
    public async Task A_finalized_order_is_named_by_the_CA()
    {
        Answer(ScriptedCa.With(ScriptedCa.With(ScriptedCa.Json(SomeAcme.Order.Replace("pending", "processing", StringComparison.Ordinal)), "Location", "/order/1"), "Retry-After", "3"));

        var answer = await _ca.Client.FinalizeAsync(Me, new Uri("https://ca.test/order/1/finalize"), new byte[] { 0xfb, 0xff }, Cancel);

        Assert.Equal(SomeAcme.OrderUrl, answer.Value?.Url);
        Assert.Equal(TimeSpan.FromSeconds(3), answer.RetryAfter);
        Assert.Equal("""{"csr":"-_8"}""", Sent());
    }

    [Fact]
    public async Task An_authorization_keeps_challenges_that_are_new_to_us()
    {
        Answer(ScriptedCa.Json("""
            {"status":"invalid","identifier":{"type":"dns","value":"web.test"},"wildcard":true,"challenges":[
             {"type":"dns-01","url":"https://ca.test/c/1","status":"invalid","token":"t","error":{"type":"urn:ietf:params:acme:error:dns","detail":"NXDOMAIN","status":400}},
             {"type":"dns-persist-01","url":"https://ca.test/c/2","status":"pending","issuer-domain-names":["ca.test"]},
             {"type":"without-url"}, null]}
            """));

        var found = (await _ca.Client.GetAuthorizationAsync(Me, new Uri("https://ca.test/authz/1"), Cancel)).Value!;

        Assert.True(found.IsWildcard);
        Assert.Null(found.Expires);
        Assert.Equal(("https://ca.test/authz/1", "invalid", "web.test"), (found.Url.AbsoluteUri, found.Status, found.Identifier.Value));
        Assert.Equal(["dns-01 t dns", "dns-persist-01  "], found.Challenges.Select(each => $"{each.Type} {each.Token} {each.Error?.Type}"));
    }

    [Fact]
    public async Task A_challenge_is_accepted_with_an_empty_object()
    {
        Answer(ScriptedCa.Json("""{"type":"http-01","url":"https://ca.test/c/1","status":"processing","token":"t"}"""));

        Assert.Equal("processing", (await _ca.Client.AcceptChallengeAsync(Me, new Uri("https://ca.test/c/1"), Cancel)).Value?.Status);
        Assert.Equal("{}", Sent());
    }

    [Fact]
    public async Task A_chain_comes_with_its_alternates_however_they_are_named()
    {
        var leaf = SomeAcme.IssuedBy("ca");
        var answer = ScriptedCa.Json(SomeAcme.Pem(leaf, leaf), 200, "application/pem-certificate-chain");
        answer.Headers.Add("Link", ["<https://ca.test/dir>;rel=\"index\"", "</cert/1/1>;rel=\"alternate\", <https://ca.test/cert/1/2>; title=\"a, b; c\"; rel=\"up alternate\"", "<https://ca.test/cert/1/3>;rel=alternate, nonsense, <unclosed"]);
        Answer(answer);

        var chain = (await _ca.Client.DownloadAsync(Me, new Uri("https://ca.test/cert/1"), Cancel)).Value!;

        Assert.Equal([leaf, leaf], chain.Certificates);
        Assert.Equal(["https://ca.test/cert/1/1", "https://ca.test/cert/1/2", "https://ca.test/cert/1/3"], chain.Alternates.Select(each => each.AbsoluteUri));
    }

    [Theory]
    [InlineData("a reason", 1, """{"certificate":"-_8","reason":1}""")]
    [InlineData("none", null, """{"certificate":"-_8"}""")]
    public async Task A_certificate_is_revoked_with(string because, int? reason, string sent)
    {
        _ca.More = ""","revokeCert":"https://ca.test/revoke" """;
        Answer(new HttpResponseMessage());

        var answer = await _ca.Client.RevokeAsync(Me, new byte[] { 0xfb, 0xff }, reason, Cancel);

        Assert.NotNull(answer.Value);
        Assert.True(Sent() == sent, because);
    }

    public static TheoryData<string, string, bool> Windows => new()
    {
        // because                    body                                                                                               is one
        { "RFC 9773 §4.2",            """{"suggestedWindow":{"start":"2026-01-02T04:00:00Z","end":"2026-01-03T04:00:00Z"},"explanationURL":"https://ca.test/why"}""", true },
        { "the end before the start", """{"suggestedWindow":{"start":"2026-01-03T04:00:00Z","end":"2026-01-02T04:00:00Z"},"explanationURL":"https://ca.test/why"}""", true },
        { "no end",                   """{"suggestedWindow":{"start":"2026-01-03T04:00:00Z"}}""",                                        false },
        { "no date",                  """{"suggestedWindow":{"start":"soon","end":"later"}}""",                                          false },
        { "no window",                "{}",                                                                                              false },
    };

    [Theory, MemberData(nameof(Windows))]
    public async Task Renewal_information_is_asked_for_unsigned(string because, string body, bool isOne)
    {
        _ca.More = ""","renewalInfo":"https://ca.test/ari/" """;
        _ca.Answer = asked => asked is { Method: "GET", Url.AbsolutePath: "/ari/aki.serial" } ? ScriptedCa.With(ScriptedCa.Json(body), "Retry-After", "21600") : null;

        var answer = await _ca.Client.GetRenewalInfoAsync("aki.serial", Cancel);

        Assert.True(isOne ? answer.Value?.ExplanationUrl == "https://ca.test/why" : answer.Problem?.Type == AcmeProblem.InvalidResponse, because);
        Assert.Equal(TimeSpan.FromHours(6), answer.RetryAfter);
    }

    /// <summary>The certificate is made here; its authority key id and serial number are the RFC's.</summary>
    [Fact]
    public void A_renewal_id_is_that_of_RFC_9773_4_1()
    {
        var leaf = SomeAcme.IssuedBy(
            "ca",
            request => request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(Convert.FromHexString("69885B6B87464041E1B37B847BA0AE2CDE01C8D4"))),
            Convert.FromHexString("0087654321"));

        Assert.Equal("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", RenewalId.Of(leaf));
    }

    [Fact]
    public void There_is_no_renewal_id_without_an_authority_key_id_or_a_certificate()
    {
        Assert.Null(RenewalId.Of(SomeAcme.IssuedBy("ca")));
        Assert.Null(RenewalId.Of(new byte[] { 1, 2 }));
    }

    public static TheoryData<string, string?, int, bool> Wishes => new()
    {
        // because                               wish           chosen  met
        { "nothing is wished for",               null,          0,      true },
        { "the default one is it",               "Root A",      0,      true },
        { "an alternate is it",                  "Root B",      1,      true },
        { "the last certificate counts only",    "Middle",      0,      false },
        { "case counts",                         "root b",      0,      false },
        { "nobody has it",                       "Root C",      0,      false },
    };

    [Theory, MemberData(nameof(Wishes))]
    public void The_preferred_chain_is_chosen_when(string because, string? wish, int chosen, bool isMet)
    {
        AcmeChain[] chains = [Chain("Middle", "Root A"), Chain("Middle", "Root B"), Chain("Root B")];

        var choice = PreferredChain.Choose(chains, wish);

        Assert.True(ReferenceEquals(chains[chosen], choice.Chain) && choice.WishIsMet == isMet, because);
    }

    private static AcmeChain Chain(params string[] issuers) => new([.. issuers.Select(issuer => SomeAcme.IssuedBy(issuer))], []);

    private void Answer(HttpResponseMessage answer) => _ca.Answer = asked => asked.Method == "POST" ? answer : null;

    private string Sent() => Assert.Single(_ca.Posts).Payload.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
