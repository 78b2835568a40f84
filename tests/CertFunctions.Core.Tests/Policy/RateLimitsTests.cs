using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;

namespace CertFunctions.Core.Tests.Policy;

public sealed class RateLimitsTests
{
    private static readonly DateTimeOffset Now = Some.Day1;
    private static readonly AcmeIdentifier[] Names = [AcmeIdentifier.Dns("*.a.example.com"), AcmeIdentifier.Dns("b.example.com")];

    public static TheoryData<string, string, TimeSpan?, string, string, double> Limits => new()
    {
        // because                       the CA's words                                                                                                                                  Retry-After               scope      value                       hours
        { "the set is limited",          "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-01-02 03:00:00 UTC: see …",   null,                     "set",     OrderNames.SetHash(Names),  27 },
        { "the domain is limited",       "too many certificates (50) already issued for \"example.com\" in the last 168h0m0s, retry after 2026-01-01 02:00:00 UTC: see …",                 null,                     "domain",  "example.com",              2 },
        { "the name is limited",         "too many failed authorizations (5) for \"b.example.com\" in the last 1h0m0s, retry after 2026-01-01 00:30:00 UTC: see …",                       null,                     "name",    "b.example.com",            0.5 },
        { "the account is limited",      "too many new orders (300) from this account in the last 3h0m0s, retry after 2026-01-01 01:00:00 UTC: see …",                                    null,                     "account", "",                         1 },
        { "the header goes first",       "too many new orders (300) from this account in the last 3h0m0s, retry after 2026-01-01 01:00:00 UTC: see …",                                    TimeSpan.FromHours(36),   "account", "",                         36 },
        { "unknown words limit all",     "Service busy; retry later.",                                                                                                                    null,                     "account", "",                         1 },
        { "a moment in the past is none", "too many new orders, retry after 2020-01-01 01:00:00 UTC",                                                                                     null,                     "account", "",                         1 },
    };

    [Theory, MemberData(nameof(Limits))]
    public void Limits_what_the_words_name(string because, string words, TimeSpan? retryAfter, string scope, string value, double hours)
    {
        var limit = Assert.Single(RateLimits.Of(new AcmeProblem("rateLimited", words, 429) { RetryAfter = retryAfter }, Names, Now));

        Assert.True((limit.Scope, limit.Value, limit.Until, limit.Reason) == (scope, value, Now.AddHours(hours), RateLimits.RateLimited), $"{because}: {limit}");
    }

    [Fact]
    public void A_pause_limits_every_name_and_keeps_the_link_whole()
    {
        const string words = "Your account is temporarily prevented from requesting certificates for a.example.com and possibly others. Please visit: https://portal.test/sfe/v1/unpause?jwt=abc.def-ghi";

        var limits = RateLimits.Of(new AcmeProblem("rateLimited", words, 429), Names, Now);

        Assert.Equal(["a.example.com", "b.example.com"], limits.Select(limit => limit.Value));
        Assert.All(limits, limit => Assert.Equal(("name", RateLimits.Paused, words, Now.AddHours(24)), (limit.Scope, limit.Reason, limit.Message, limit.Until)));
    }

    [Theory]
    [InlineData("account", "", true)]
    [InlineData("set", "other", false)]
    [InlineData("name", "a.example.com", true)]
    [InlineData("name", "c.example.com", false)]
    [InlineData("domain", "example.com", true)]
    [InlineData("domain", "ample.com", false)]
    public void Concerns_orders_of_these_names(string scope, string value, bool concerns) =>
        Assert.Equal(concerns, RateLimits.Concerns(scope, value, Names, OrderNames.SetHash(Names)));
}
