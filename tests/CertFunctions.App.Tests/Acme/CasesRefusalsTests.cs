using System.Text.Json.Nodes;
using CertFunctions.App.Issuers;
using CertFunctions.AwkwardCa;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Acme;

/// <summary>Rows 21 to 24, 29, 36 to 38 of acme-cases: what the CA does not want, and what is not asked of it.</summary>
public sealed class CasesRefusalsTests
{
    [Theory]
    [InlineData("used up", "The external account key has already been used")]
    [InlineData("terms", "Terms of service have changed")]
    [InlineData("required", "externalAccountBinding")]
    public async Task Row_21_a_refused_account_is_final_until_the_issuer_changes(string what, string says)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.RequiresExternalAccount = what == "required";
        house.Ca.Awkward.RefuseAccount = what switch { "used up" => Boulder.ExternalAccountUsedUp(), "terms" => Boulder.TermsChanged(), _ => null };

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunForAsync(TimeSpan.FromDays(2));

        var ready = (await house.FindAsync(IssuerKind.Kind, AcmeHouse.Issuer))!.Status!.Conditions.Find("Ready")!;
        Assert.Equal(("False", "ErrRegisterACMEAccount"), (ready.Status, ready.Reason));
        Assert.Contains(says, ready.Message, StringComparison.Ordinal);
        Assert.Equal(2, house.Ca.Log.Count("newAccount"));   // is it there? no: refused
        Assert.Equal(0, house.Ca.Log.Count("newOrder"));

        (house.Ca.Awkward.RefuseAccount, house.Ca.Awkward.RequiresExternalAccount) = (null, false);
        await house.AddIssuerAsync(change: acme => acme["email"] = "new@example.test");
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(2));
    }

    [Theory]
    [InlineData(OutageKind.ServerError, null)]
    [InlineData(OutageKind.ServerError, "60")]
    [InlineData(OutageKind.ServerErrorWithoutBody, null)]
    [InlineData(OutageKind.Busy, "60")]
    [InlineData(OutageKind.Refused, null)]
    [InlineData(OutageKind.WrongTls, null)]
    public async Task Row_22_a_CA_that_is_away_for_half_an_hour_is_waited_for(OutageKind kind, string? retryAfter)
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.AddIssuerAsync();
        await house.RunForAsync(TimeSpan.FromMinutes(2));
        var outage = new Outage(kind, house.Now.AddMinutes(30), retryAfter);
        house.Ca.Awkward.Outage = outage;

        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilAsync(() => house.WaitsForAsync("web", kind == OutageKind.Busy ? "RateLimited" : "ACMEUnavailable"), TimeSpan.FromMinutes(20));   // a minute's wait is no state to write down
        var calls = house.Ca.Log.Total;
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(2));

        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.Null((await house.CertificateAsync("web")).Status!.FailedIssuanceAttempts);
        Assert.InRange(house.Ca.Log.Calls.Skip(calls).Count(call => call.Time < outage.Until), 0, 120);
    }

    [Theory]
    [InlineData(OutageKind.ServerError)]
    [InlineData(OutageKind.Refused)]
    [InlineData(OutageKind.WrongTls)]
    public async Task Row_22_an_issuer_that_finds_its_CA_away_becomes_Ready_by_itself(OutageKind kind)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.Outage = new Outage(kind, house.Now.AddMinutes(30));

        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(2));

        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        Assert.Single(house.Ca.Book.Accounts);
    }

    [Fact]
    public async Task Row_22_a_CA_whose_name_nobody_knows_is_waited_for_at_a_slow_pace()
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.AddIssuerAsync(change: acme => acme["server"] = "https://ca.nowhere.invalid/dir");
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunForAsync(TimeSpan.FromHours(3));

        var ready = (await house.FindAsync(IssuerKind.Kind, AcmeHouse.Issuer))!.Status!.Conditions.Find("Ready")!;
        Assert.Equal("False", ready.Status);
        Assert.Contains("ca.nowhere.invalid", ready.Message, StringComparison.Ordinal);

        await house.AddIssuerAsync();
        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(1));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
    }

    public static TheoryData<string, string, string[]> Refusals => new()
    {
        { "rejected", "rejectedIdentifier", ["a.test: rejectedIdentifier", "b.test: rejectedIdentifier", "forbidden by policy"] },
        { "unsupported", "unsupportedIdentifier", ["unsupported identifier"] },
        { "wildcard", "malformed", ["is redundant with a wildcard domain in the same request"] },
        { "dates", "malformed", ["NotBefore and NotAfter are not supported"] },
        { "csr", "badCSR", ["CSR does not please"] },
        { "caa", "caa", ["CAA record for a.test prevents issuance", "CAA record for b.test prevents issuance"] },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Row_23_a_verdict_gives_its_own_token_as_reason_and_is_tried_again_slowly(string what, string reason, string[] says)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.RefuseOrder = names => what switch
        {
            "rejected" => Boulder.Rejected("a.test", "b.test"), "unsupported" => Boulder.UnsupportedIdentifier(names[0]), "wildcard" => Boulder.RedundantWithWildcard("a.test"), _ => null,
        };
        house.Ca.Awkward.RefuseFinalize = _ => what switch { "csr" => Boulder.BadCsr("CSR does not please"), "caa" => Boulder.Caa("a.test", "b.test"), _ => null };

        await house.AddIssuerAsync(change: acme => { if (what == "dates") { acme["enableDurationFeature"] = true; } });
        await house.AddCertificateAsync("web", ["a.test", "b.test"], spec => spec["duration"] = "240h0m0s");
        await house.RunUntilAsync(() => house.FailedAsync("web", reason), TimeSpan.FromMinutes(5));

        Assert.All(says, words => Assert.Contains(words, house.ConditionAsync("web", "Issuing").Result!.Message, StringComparison.Ordinal));
        await house.RunForAsync(TimeSpan.FromMinutes(50));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
        await house.RunForAsync(TimeSpan.FromHours(10));
        Assert.InRange(house.Ca.Log.Count("newOrder"), 2, 4);   // after 1, 2, 4 hours
        Assert.Empty(house.Stored("web"));
    }

    [Theory]
    [InlineData("Awkward Root B", 3)]
    [InlineData("Awkward Root A", 2)]
    [InlineData("Nobody's Root", 2)]
    public async Task Row_24_the_preferred_chain_is_taken_and_a_missing_one_is_only_a_warning(string preferred, int length)
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.AddIssuerAsync(change: acme => acme["preferredChain"] = preferred);
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilReadyAsync("web", TimeSpan.FromMinutes(10));

        Assert.Equal(length, (await house.PublishedChainAsync("web")).Count);
        Assert.Equal(preferred == "Nobody's Root", (await house.EventsOfAsync("certificaterequests", "web-1")).Any(each => each.IsWarning && each.Message.Contains(preferred, StringComparison.Ordinal)));
        Assert.Equal(1, house.Ca.Log.Count("newOrder"));
    }

    public static TheoryData<string> ReplacesRefusals => ["another account's", "other names", "replaced already", "not found", "unlike any"];

    [Theory]
    [MemberData(nameof(ReplacesRefusals))]
    public async Task Row_29_an_order_whose_predecessor_is_refused_is_placed_without_it(string why)
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.WithReadyAsync("web", "web.test");
        house.Ca.Awkward.RefuseReplaces = why switch
        {
            "another account's" => Boulder.ReplacesOfAnother(), "other names" => Boulder.ReplacesOtherNames(), "replaced already" => Boulder.AlreadyReplaced("05ab"),
            "not found" => Boulder.NotFound("Could not validate ARI 'replaces' field :: no such certificate"), _ => Boulder.Malformed("replaces: what is this?"),
        };

        await house.PostAsync("Certificate", "web", "renew");
        await house.RunUntilAsync(() => Task.FromResult(house.Stored("web").Count == 2), TimeSpan.FromHours(1));

        Assert.InRange(house.Ca.Log.Count("newOrder"), 2, 3);
        Assert.Null((await house.CertificateAsync("web")).Status!.FailedIssuanceAttempts);
        Assert.True(await house.IsReadyAsync("web"));
    }

    [Fact]
    public async Task An_order_names_the_certificate_it_takes_the_place_of()
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.WithReadyAsync("web", "web.test");
        await house.PostAsync("Certificate", "web", "renew");
        await house.RunUntilAsync(() => Task.FromResult(house.Stored("web").Count == 2), TimeSpan.FromHours(1));

        Assert.Equal([null, house.Ca.Book.Orders[0].Certificate!.Serial], house.Ca.Book.Orders.Select(order => order.Replaces));
    }

    [Fact]
    public async Task Row_36_tricks_with_the_challenge_s_path_get_one_and_the_same_404()
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.ValidationTakes = TimeSpan.FromMinutes(2);
        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"]);
        await house.RunUntilAsync(() => Task.FromResult(house.Ca.Book.Validations.Count == 1), TimeSpan.FromMinutes(5));
        var token = house.Ca.Book.Authorizations[0].Challenges[0].Token;
        var nothing = await house.AskAsync("GET", "web.test", new string('x', 43));

        Assert.Equal(200, (await house.AskAsync("GET", "web.test", token)).Status);
        Assert.Equal(200, (await house.AskAsync("GET", "WEB.test:80", token)).Status);
        Assert.Equal(404, nothing.Status);
        foreach (var (method, host, path) in new[]
        {
            ("POST", "web.test", token), ("DELETE", "web.test", token), ("GET", "other.test", token), ("GET", "web.test.other", token), ("GET", "", token), ("GET", "web.test", token + "/"),
            ("GET", "web.test", "../" + token), ("GET", "web.test", "..%2f" + token), ("GET", "web.test", "/" + token), ("GET", "web.test", token + "\0"), ("GET", "web.test", new string('a', 10_000)), ("GET", "web.test", ""),
        })
        {
            Assert.Equal(nothing, await house.AskAsync(method, host, path));
        }

        await house.RunUntilReadyAsync("web", TimeSpan.FromHours(1));
        Assert.Equal(nothing, await house.AskAsync("GET", "web.test", token));
        Assert.DoesNotContain(house.Logs.Lines, line => line.Contains(token, StringComparison.Ordinal));
        Assert.DoesNotContain(house.Logs.Lines, line => line.Contains(house.Ca.Book.Accounts.Single().Thumbprint, StringComparison.Ordinal));
    }

    public static TheoryData<string, string> Unordered => new() { { "uris", "spiffe://web.test/a" }, { "emailAddresses", "a@web.test" } };

    [Theory]
    [MemberData(nameof(Unordered))]
    public async Task Row_37_names_that_ACME_cannot_order_are_refused_before_the_CA_is_asked(string member, string value)
    {
        await using var house = await AcmeHouse.StartAsync();
        await house.AddIssuerAsync();
        await house.AddCertificateAsync("web", ["web.test"], spec => spec[member] = new JsonArray(value));
        await house.RunUntilAsync(() => house.FailedAsync("web", "InvalidOrder"), TimeSpan.FromMinutes(5));

        Assert.Equal(0, house.Ca.Log.Count("newOrder"));
        Assert.Empty(house.Stored("web"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Row_38_a_contact_that_the_CA_leaves_out_sets_nothing_off(bool shows)
    {
        await using var house = await AcmeHouse.StartAsync();
        house.Ca.Awkward.ShowsContact = shows;
        await house.WithReadyAsync("web", "web.test");
        await house.RunForAsync(TimeSpan.FromDays(3));

        Assert.Equal(0, house.Ca.Log.Count("account"));
        Assert.Equal(["mailto:ops@example.test"], house.Ca.Book.Accounts.Single().Contact);

        await house.AddIssuerAsync(change: acme => acme["email"] = "new@example.test");
        await house.RunForAsync(TimeSpan.FromHours(1));
        Assert.Equal(["mailto:new@example.test"], house.Ca.Book.Accounts.Single().Contact);
        Assert.Equal("new@example.test", (await house.FindAsync(IssuerKind.Kind, AcmeHouse.Issuer))!.Status!.Acme!.LastRegisteredEmail);
    }
}
