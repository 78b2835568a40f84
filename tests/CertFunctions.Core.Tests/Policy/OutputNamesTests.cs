using CertFunctions.Core.Policy;
using CsCheck;

namespace CertFunctions.Core.Tests.Policy;

public sealed class OutputNamesTests
{
    private static readonly string[] Ends = ["", "-tls-crt", "-tls-key", "-keystore-jks", ".ca-crt"];

    private static readonly Gen<string> SecretName =
        Gen.Select(Gen.String[Gen.Char["ab-."], 1, 4], Gen.Int[0, Ends.Length - 1]).Select((start, end) => start + Ends[end]);

    private static readonly Gen<string> Type = Gen.Int[0, OutputNames.Types.Count - 1].Select(i => OutputNames.Types[i]);

    [Theory]
    [InlineData("tls.crt", "default--web-tls-tls-crt")]
    [InlineData("tls.key", "default--web-tls-tls-key")]
    [InlineData("ca.crt", "default--web-tls-ca-crt")]
    [InlineData("keystore.p12", "default--web-tls-keystore-p12")]
    [InlineData("tls-combined.pem", "default--web-tls-tls-combined-pem")]
    public void Are_the_object_s_name_and_the_entry_s(string type, string expected) => Assert.Equal(expected, OutputNames.Secret("default--web-tls", type));

    [Fact]
    public void Fit_Key_Vault_for_the_longest_objects_and_stay_apart()
    {
        var one = new string('a', VaultNames.MaxLength - 1) + "b";
        var other = new string('a', VaultNames.MaxLength);
        foreach (var type in OutputNames.Types)
        {
            Assert.Matches("^[0-9A-Za-z-]{1,127}$", OutputNames.Secret(one, type));
            Assert.NotEqual(OutputNames.Secret(one, type), OutputNames.Secret(other, type));
            Assert.Equal(OutputNames.Secret(one, type)[^20..], OutputNames.Secret(one.ToUpperInvariant(), type)[^20..]);
        }
    }

    [Fact]
    public void No_suffix_ends_with_another() =>
        Assert.All(OutputNames.Types, one => Assert.DoesNotContain(
            OutputNames.Types, other => one != other && OutputNames.Secret("", one).EndsWith(OutputNames.Secret("", other), StringComparison.Ordinal)));

    [Fact]
    public void Are_no_other_Certificate_s_object_and_no_other_output() =>
        Gen.Select(SecretName, SecretName, Type, Type).Sample((name1, name2, type1, type2) =>
        {
            var output = OutputNames.Secret(VaultNames.ObjectName("ns", name1), type1);
            Assert.NotEqual(output, VaultNames.ObjectName("ns", name2));
            Assert.Equal((name1, type1) == (name2, type2), output == OutputNames.Secret(VaultNames.ObjectName("ns", name2), type2));
        });
}
