using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

/// <summary>cert-manager semantics §6.4, row by row.</summary>
public sealed class SolverPolicyTests
{
    private static readonly AcmeSolver Http = new() { Http01 = new() { Ingress = new() } };

    private static readonly AcmeSolver Dns = new() { Dns01 = new() { Rfc2136 = new() { Nameserver = "ns.test" } } };

    private static AcmeSolver For(AcmeSolver solver, string[]? names = null, string[]? zones = null, (string, string)[]? labels = null) => solver with
    {
        Selector = new SolverSelector
        {
            DnsNames = names?.ToValueList(), DnsZones = zones?.ToValueList(), MatchLabels = labels is null ? null : ValueMap.From(labels.Select(each => KeyValuePair.Create(each.Item1, each.Item2))),
        },
    };

    private static readonly AcmeSolver ByName = For(Dns, names: ["a.example.com"]);
    private static readonly AcmeSolver ByZone = For(Dns, zones: ["example.com"]);
    private static readonly AcmeSolver ByLongerZone = For(Dns, zones: ["dev.example.com", "test"]);
    private static readonly AcmeSolver ByLabel = For(Http, labels: [("team", "blue")]);
    private static readonly AcmeSolver ByTwoLabels = For(Http, labels: [("team", "blue"), ("tier", "one")]);
    private static readonly AcmeSolver Empty = For(Http);

    public static TheoryData<string, AcmeSolver[], string, AcmeSolver?> Choices => new()
    {
        // because                                                   solvers                          name                  chosen
        { "there is none",                                           [],                              "a.example.com",      null },
        { "the first of equals stays",                               [Http, Dns],                     "a.example.com",      Http },
        { "a wildcard cannot go by HTTP",                            [Http, Dns],                     "*.example.com",      Dns },
        { "a wildcard without DNS has none",                         [Http],                          "*.example.com",      null },
        { "an exact name beats a zone",                              [ByZone, ByName],                "a.example.com",      ByName },
        { "an exact name is exact",                                  [ByName],                        "b.example.com",      null },
        { "a wildcard must be listed as such",                       [ByName],                        "*.a.example.com",    null },
        { "a zone holds itself",                                     [ByZone],                        "example.com",        ByZone },
        { "a zone holds its wildcard",                               [ByZone],                        "*.example.com",      ByZone },
        { "a zone goes by labels, not by letters",                   [ByZone],                        "badexample.com",     null },
        { "the longer zone wins",                                    [ByZone, ByLongerZone],          "x.dev.example.com",  ByLongerZone },
        { "the longer zone wins, whatever the order",                [ByLongerZone, ByZone],          "x.dev.example.com",  ByLongerZone },
        { "a zone beats labels",                                     [ByTwoLabels, ByZone],           "a.example.com",      ByZone },
        { "more labels win",                                         [ByLabel, ByTwoLabels],          "a.other.com",        ByTwoLabels },
        { "a label that does not match excludes",                    [For(Http, labels: [("team", "red")])], "a.example.com", null },
        { "one without a selector only fills in",                    [Dns, ByLabel],                  "a.example.com",      ByLabel },
        { "one without a selector never replaces",                   [Empty, Dns],                    "a.example.com",      Empty },
    };

    [Theory, MemberData(nameof(Choices))]
    public void Chooses(string because, AcmeSolver[] solvers, string name, AcmeSolver? chosen) =>
        Assert.True(chosen == SolverPolicy.Choose([.. solvers], name, isIp: false, offered: null, ValueMap.From([new("team", "blue"), new("tier", "one")])), because);

    [Fact]
    public void Takes_only_what_the_authorization_offers() => Assert.Equal(Dns, SolverPolicy.Choose([Http, Dns], "a.test", isIp: false, ["dns-01", "tls-alpn-01"], null));

    [Fact]
    public void Proves_an_address_by_http_only() => Assert.Equal(Http, SolverPolicy.Choose([Dns, Http], "192.0.2.1", isIp: true, offered: null, null));
}
