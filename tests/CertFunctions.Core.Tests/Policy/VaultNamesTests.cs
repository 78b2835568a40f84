using System.Text.RegularExpressions;
using CertFunctions.Core.Policy;
using CsCheck;

namespace CertFunctions.Core.Tests.Policy;

public sealed class VaultNamesTests
{
    private static readonly Gen<string> AnyName = Gen.String[Gen.Char["ab0-."], 1, 6];

    [Theory]
    [InlineData("default", "web-tls", "default--web-tls")]
    [InlineData("a", "b", "a--b")]
    public void Joins_plain_names(string ns, string secretName, string expected) => Assert.Equal(expected, VaultNames.ObjectName(ns, secretName));

    [Theory]
    [InlineData("a", "b--c", "a--b-c--")]
    [InlineData("a--b", "c", "a-b--c--")]
    [InlineData("default", "web.example.com", "default--web-example-com--")]
    [InlineData("default", "...", "default--x--")]
    public void Marks_other_names_with_a_hash(string ns, string secretName, string start) =>
        Assert.Matches($"^{start}[0-9a-f]{{16}}$", VaultNames.ObjectName(ns, secretName));

    [Fact]
    public void Keeps_apart_what_a_plain_join_would_mix_up() =>
        Assert.NotEqual(VaultNames.ObjectName("a", "b--c"), VaultNames.ObjectName("a--b", "c"));

    [Fact]
    public void Fits_the_longest_names_into_127_characters()
    {
        var ns = new string('n', 63);
        Assert.Equal(127, VaultNames.ObjectName(ns, new string('s', 62)).Length);
        Assert.InRange(VaultNames.ObjectName(ns, new string('s', 63)).Length, 1, 127);
        Assert.InRange(VaultNames.ObjectName(ns, new string('s', 253)).Length, 1, 127);
        Assert.NotEqual(VaultNames.ObjectName(ns, new string('s', 252)), VaultNames.ObjectName(ns, new string('s', 253)));
    }

    [Fact]
    public void Never_gives_two_pairs_one_name() =>
        Gen.Select(AnyName, AnyName, AnyName, AnyName).Sample((ns1, name1, ns2, name2) =>
            (ns1, name1) == (ns2, name2) == (VaultNames.ObjectName(ns1, name1) == VaultNames.ObjectName(ns2, name2)));

    [Fact]
    public void Never_gives_an_escaped_name_that_a_plain_pair_could_have() =>
        Gen.Select(AnyName, AnyName).Sample((ns, name) =>
        {
            var parts = Regex.Count(VaultNames.ObjectName(ns, name), "--", RegexOptions.None, TimeSpan.FromSeconds(1));
            return parts is 1 or 2;
        });
}
