using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class OutputPolicyTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan First = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Most = TimeSpan.FromHours(1);

    public static TheoryData<string, Keystores?, string[], bool, string[]> Wishes => new()
    {
        { "nothing is asked for", null, [], false, [] },
        { "create is false", new() { Jks = Jks with { Create = false } }, [], false, [] },
        { "JKS", new() { Jks = Jks }, [], false, ["keystore.jks", "truststore.jks"] },
        { "PKCS#12", new() { Pkcs12 = P12 }, [], false, ["keystore.p12", "truststore.p12"] },
        { "formats", null, ["DER", "CombinedPEM"], false, ["tls-combined.pem", "key.der"] },
        { "PEM secrets", null, [], true, ["tls.crt", "tls.key", "ca.crt"] },
        { "all at once", new() { Jks = Jks, Pkcs12 = P12 }, ["DER", "CombinedPEM"], true, [.. OutputNames.Types] },
    };

    public static TheoryData<string, VaultSecretVersion[], string?, OutputStep, string?> Comparisons => new()
    {
        { "there is none", [], "d1", OutputStep.Write, null },
        { "it is current", [V("1", "d1")], "d1", OutputStep.None, null },
        { "it was made from something else", [V("1", "d0")], "d1", OutputStep.Write, null },
        { "somebody disabled it", [V("1", "d1") with { IsEnabled = false }], "d1", OutputStep.Write, null },
        { "the current one is not the newest", [V("2", "d0"), V("1", "d1")], "d1", OutputStep.Write, null },
        { "the order within one second is unknown", [V("2", "d0") with { Created = Now }, V("1", "d1") with { Created = Now }], "d1", OutputStep.None, null },
        { "seconds differ", [V("2", "d0") with { Created = Now }, V("1", "d1") with { Created = Now.AddSeconds(-1) }], "d1", OutputStep.Write, null },
        { "it is foreign", [new("1", true, ValueMap.Empty)], "d1", OutputStep.None, "OutputNameTaken" },
        { "it is foreign and disabled", [new("1", false, ValueMap.Empty)], "d1", OutputStep.None, "OutputNameTaken" },
        { "somebody wrote over ours", [new("2", true, ValueMap.Empty), V("1", "d1")], "d1", OutputStep.None, "OutputNameTaken" },
        { "it is another Certificate's", [V("1", "d1", name: "api")], "d1", OutputStep.None, "OutputNameTaken" },
        { "it is a certificate of ours, not an output", [new("1", true, Ours("web"))], "d1", OutputStep.None, "OutputNameTaken" },
        { "it is turned off", [V("1", "d1")], null, OutputStep.Disable, null },
        { "it is turned off under a foreign version", [new("2", true, ValueMap.Empty), V("1", "d1")], null, OutputStep.Disable, null },
        { "it is disabled already", [V("1", "d1") with { IsEnabled = false }], null, OutputStep.None, null },
        { "a foreign one is nothing to turn off", [new("1", true, ValueMap.Empty)], null, OutputStep.None, null },
    };

    private static JksKeystore Jks => new() { Create = true, Password = "changeit" };

    private static Pkcs12Keystore P12 => new() { Create = true, Password = "changeit" };

    [Theory, MemberData(nameof(Wishes))]
    public void Asks_for(string because, Keystores? keystores, string[] formats, bool pem, string[] expected)
    {
        var certificate = A.Certificate();
        certificate = certificate with
        {
            Spec = certificate.Spec with { Keystores = keystores, AdditionalOutputFormats = [.. formats.Select(type => new AdditionalOutputFormat { Type = type })] },
            Metadata = certificate.Metadata with { Annotations = pem ? ValueMap.Empty.With(Annotations.PemSecrets, "true") : null },
        };

        Assert.True(expected.SequenceEqual(OutputWishes.Types(certificate)), because);
    }

    [Theory, MemberData(nameof(Comparisons))]
    public void Decides(string because, VaultSecretVersion[] versions, string? wanted, OutputStep step, string? problem)
    {
        var fact = OutputPolicy.Compare(A.Certificate(), "tls.key", "s", wanted, versions, problem: null);

        Assert.True((step, problem) == (fact.Step, fact.Problem?.Code), because);
    }

    [Fact]
    public void The_digest_moves_with_what_the_output_is_made_from_and_with_nothing_else()
    {
        var certificate = With(A.Certificate(), new() { Jks = Jks, Pkcs12 = P12 });
        string Of(Certificate c, string type, string source = "v1", byte ca = 1, string? password = "p1") => OutputWishes.Digest(c, type, source, [[ca]], password);

        Assert.Equal(Of(certificate, "keystore.jks"), Of(certificate with { Spec = certificate.Spec with { RenewBefore = TimeSpan.FromHours(1) } }, "keystore.jks"));
        Assert.Equal(Of(certificate, "keystore.jks"), Of(With(certificate, new() { Jks = Jks with { Alias = "certificate" } }), "keystore.jks"));
        string[] different =
        [
            Of(certificate, "keystore.jks"),
            Of(certificate, "keystore.p12"),
            Of(certificate, "truststore.jks"),
            Of(certificate, "keystore.jks", source: "v2"),
            Of(certificate, "keystore.jks", ca: 2),
            Of(certificate, "keystore.jks", password: "p2"),
            Of(certificate, "keystore.jks", password: null),
            Of(certificate with { Metadata = certificate.Metadata with { Generation = 7 } }, "keystore.jks", password: null),
            Of(With(certificate, new() { Jks = Jks with { Alias = "web" } }), "keystore.jks"),
            Of(With(certificate, new() { Pkcs12 = P12 with { Profile = "Modern2023" } }), "keystore.p12"),
            Of(certificate, "tls.key"),
            Of(certificate with { Spec = certificate.Spec with { PrivateKey = new() { Encoding = "PKCS8" } } }, "tls.key"),
        ];
        Assert.Equal(different.Length, different.Distinct().Count());
    }

    [Fact]
    public void The_status_names_places_and_is_ready()
    {
        var facts = Facts(new OutputFact("tls.key", "web-tls-key", "d1", "d1", "v1"));

        var (status, next) = OutputPolicy.Show(new(), Now.AddDays(30), facts, facts.Outputs, First, Most);

        Assert.Equal("True", status.Conditions.Find("OutputsReady")!.Status);
        Assert.Equal([new OutputLocation { Type = "tls.key", Id = "https://kv/secrets/web-tls-key/v1" }], status.Outputs!);
        Assert.Equal(Now.AddDays(30), next);
    }

    [Fact]
    public void A_problem_is_named_and_looked_at_again_ever_more_slowly()
    {
        var facts = Facts(new OutputFact("tls.key", "web-tls-key", "d1", null, null, OutputPolicy.Taken("web-tls-key")));

        var (status, next) = OutputPolicy.Show(new(), Now.AddDays(30), facts, facts.Outputs, First, Most);
        var (_, later) = OutputPolicy.Show(status, Now.AddDays(30), facts with { Now = Now.AddDays(1) }, facts.Outputs, First, Most);

        var condition = status.Conditions.Find("OutputsReady")!;
        Assert.Equal(("False", "OutputNameTaken"), (condition.Status, condition.Reason));
        Assert.Contains("web-tls-key", condition.Message, StringComparison.Ordinal);
        Assert.Null(status.Outputs);
        Assert.Equal(Now + First, next);
        Assert.Equal(Now.AddDays(1) + Most, later);
    }

    [Fact]
    public void Nothing_of_it_shows_on_a_Certificate_without_outputs()
    {
        var certificate = A.Certificate();
        var facts = new CertificateFacts(certificate, "1", null, Now, null, null, null, null, null);
        var old = new CertificateStatus { Conditions = [new() { Type = "OutputsReady", Status = "True" }, new() { Type = "Ready", Status = "True" }] };

        var (status, next) = OutputPolicy.Show(old, Now, facts, null, First, Most);

        Assert.Equal(["Ready"], status.Conditions!.Select(each => each.Type));
        Assert.Equal(Now, next);
        Assert.False(OutputPolicy.IsDue(facts, new("Issued")));
    }

    [Theory]
    [InlineData("plain", "key", "plain")]
    [InlineData("{\"key\": \"inner\"}", "key", "inner")]
    [InlineData("{\"key\": \"inner\"}", "other", "{\"key\": \"inner\"}")]
    [InlineData("{\"key\": \"inner\"}", null, "{\"key\": \"inner\"}")]
    [InlineData("{\"key\": 5}", "key", "{\"key\": 5}")]
    [InlineData("{brace", "key", "{brace")]
    [InlineData("{\"a\": 1, \"a\": 2}", "key", "{\"a\": 1, \"a\": 2}")]
    public void A_secret_s_value_is_taken_whole_unless_it_holds_the_key(string value, string? key, string expected) =>
        Assert.Equal(expected, SecretValues.Pick(new SecretText(value), key).Reveal());

    private static CertificateFacts Facts(OutputFact fact)
    {
        var certificate = A.Certificate();
        certificate = certificate with { Metadata = certificate.Metadata with { Annotations = ValueMap.Empty.With(Annotations.PemSecrets, "true") } };
        return new CertificateFacts(certificate, "1", null, Now, null, null, null, null, null, new OutputFacts("https://kv/", [fact]));
    }

    private static Certificate With(Certificate certificate, Keystores keystores) => certificate with { Spec = certificate.Spec with { Keystores = keystores } };

    private static ValueMap Ours(string name) => ValueMap.Empty.With(Annotations.CertificateName, name).With(Annotations.Namespace, "ns");

    private static VaultSecretVersion V(string version, string digest, string name = "web") =>
        new(version, true, Ours(name).With(Annotations.Output, "tls.key").With(Annotations.OutputDigest, digest));
}
