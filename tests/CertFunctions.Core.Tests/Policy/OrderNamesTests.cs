using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class OrderNamesTests
{
    private static readonly CsrFacts Csr = new("hash", "ECDSA", 256, CommonName: null, [], []) { Subject = default, AlternativeNames = null, SubjectPublicKeyInfo = default };

    public static TheoryData<string, CsrFacts, string?, string?> Orders => new()
    {
        // because                                   csr                                                                             names                        problem says
        { "names are sorted, addresses last",        Csr with { DnsNames = ["b.test", "*.a.test", "A.test"], IpAddresses = ["192.0.2.1"] }, "*.a.test a.test b.test 192.0.2.1", null },
        { "a name counts once",                      Csr with { DnsNames = ["a.test", "A.TEST"] },                                   "a.test",                    null },
        { "the common name is one of them",          Csr with { CommonName = "A.test", DnsNames = ["a.test"] },                      "a.test",                    null },
        { "the common name may be an address",       Csr with { CommonName = "192.0.2.1", IpAddresses = ["192.0.2.1"] },             "192.0.2.1",                 null },
        { "the common name is not proved",           Csr with { CommonName = "other.test", DnsNames = ["a.test"] },                  null,                        "other.test" },
        { "there is nothing to prove",               Csr,                                                                            null,                        "no DNS name" },
        { "URIs cannot be proved",                   Csr with { DnsNames = ["a.test"], Uris = ["spiffe://a/b"] },                    null,                        "spiffe://a/b" },
        { "mailboxes cannot be proved",              Csr with { DnsNames = ["a.test"], EmailAddresses = ["a@b.test"] },              null,                        "a@b.test" },
        { "otherNames cannot be proved",             Csr with { DnsNames = ["a.test"], OtherNames = [new OtherName { Oid = "1.2.3", Utf8Value = "x" }] }, null,   "otherNames" },
    };

    [Theory, MemberData(nameof(Orders))]
    public void Orders_what_the_CSR_names(string because, CsrFacts csr, string? names, string? says)
    {
        var (identifiers, problem) = OrderNames.Of(csr);

        Assert.True((names ?? "") == string.Join(' ', identifiers.Select(each => each.Value)), $"{because}: {identifiers}");
        Assert.True(says is null ? problem is null : problem?.Contains(says, StringComparison.Ordinal) is true, $"{because}: {problem}");
    }

    [Fact]
    public void Sets_are_told_apart_by_all_their_names()
    {
        var one = OrderNames.SetHash(OrderNames.Of(Csr with { DnsNames = ["a.test", "b.test"] }).Identifiers);

        Assert.Equal(one, OrderNames.SetHash(OrderNames.Of(Csr with { DnsNames = ["B.test", "a.test"] }).Identifiers));
        Assert.NotEqual(one, OrderNames.SetHash(OrderNames.Of(Csr with { DnsNames = ["a.test"] }).Identifiers));
    }
}
