using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Tests.Pki;
using CertFunctions.Core.Validation;

namespace CertFunctions.Core.Tests.Validation;

public sealed class RulesTests
{
    private static readonly CertificateSpec Valid = Issued.Spec(null, "web.example");

    public static TheoryData<string, CertificateSpec, string> BrokenSpecs => new()
    {
        { "no secret", Valid with { SecretName = "" }, "spec.secretName: Required value" },
        { "secret no subdomain", Valid with { SecretName = "Web_TLS" }, "spec.secretName: Invalid value: \"Web_TLS\": must consist of" },
        { "no issuer name", Valid with { IssuerRef = new IssuerRef { Name = "" } }, "spec.issuerRef.name: Required value" },
        { "issuer kind", Valid with { IssuerRef = new IssuerRef { Name = "a", Kind = "Foo" } }, "spec.issuerRef.kind: Invalid value: \"Foo\": must be \"Issuer\" or \"ClusterIssuer\" (was spec.issuerRef.group forgotten?" },
        { "issuer group", Valid with { IssuerRef = new IssuerRef { Name = "a", Group = "x.io" } }, "spec.issuerRef.group: Unsupported value: \"x.io\": supported values: \"cert-manager.io\"" },
        { "no names", Valid with { DnsNames = null }, "spec: Required value: at least one of" },
        { "long CN", Valid with { CommonName = new string('ü', 33) }, "spec.commonName: Invalid value: " },
        { "IP with zeros", Valid with { IpAddresses = ["::1", "192.0.2.01"] }, "spec.ipAddresses[1]: Invalid value: \"192.0.2.01\": must be an IP address" },
        { "IP with zone", Valid with { IpAddresses = ["fe80::1%eth0"] }, "spec.ipAddresses[0]: Invalid value" },
        { "name not ASCII", Valid with { DnsNames = ["bücher.example"] }, "spec.dnsNames[0]: Invalid value: \"bücher.example\": must be ASCII" },
        { "short", Valid with { Duration = TimeSpan.FromMinutes(59) }, "spec.duration: Invalid value: \"59m0s\": must be at least 1h" },
        { "early", Valid with { RenewBefore = TimeSpan.FromMinutes(4) }, "spec.renewBefore: Invalid value: \"4m0s\": must be at least 5m" },
        { "renewBefore as long as duration", Valid with { Duration = TimeSpan.FromHours(2), RenewBefore = TimeSpan.FromHours(2) }, "spec.renewBefore: Invalid value: \"2h0m0s\": must be less than the duration 2h0m0s" },
        { "renewBefore against default", Valid with { RenewBefore = TimeSpan.FromHours(2160) }, "spec.renewBefore: Invalid value: \"2160h0m0s\": must be less than" },
        { "usage", Valid with { Usages = ["server auth", "tea"] }, "spec.usages[1]: Unsupported value: \"tea\": supported values: \"any\", " },
        { "a leaf that signs", Valid with { Usages = ["cert sign"] }, "spec.usages[0]: Invalid value: \"cert sign\": is for CA certificates only" },
        { "algorithm", WithKey(new PrivateKeySpec { Algorithm = "Ed25519" }), "spec.privateKey.algorithm: Unsupported value: \"Ed25519\": supported values: \"RSA\", \"ECDSA\"" },
        { "RSA size", WithKey(new PrivateKeySpec { Size = 1024 }), "spec.privateKey.size: Unsupported value: \"1024\": supported values: \"2048\", \"3072\", \"4096\"" },
        { "EC size", WithKey(new PrivateKeySpec { Algorithm = "ECDSA", Size = 2048 }), "spec.privateKey.size: Unsupported value: \"2048\": supported values: \"256\", \"384\", \"521\"" },
        { "encoding", WithKey(new PrivateKeySpec { Encoding = "DER" }), "spec.privateKey.encoding: Unsupported value: \"DER\"" },
        { "rotation", WithKey(new PrivateKeySpec { RotationPolicy = "Sometimes" }), "spec.privateKey.rotationPolicy: Unsupported value: \"Sometimes\"" },
    };

    [Theory]
    [MemberData(nameof(BrokenSpecs))]
    public void Names_the_field_and_what_it_must_be(string because, CertificateSpec spec, string expected)
    {
        var violation = Assert.Single(CertificateRules.Check(Certificate(spec)));

        Assert.True($"{violation.Field}: {violation.Message}".StartsWith(expected, StringComparison.Ordinal), $"{because}: {violation}");
    }

    [Fact]
    public void Accepts_a_plain_certificate() => Assert.Empty(CertificateRules.Check(Certificate(Valid)));

    [Fact]
    public void Reports_every_violation_at_once() =>
        Assert.Equal(3, CertificateRules.Check(Certificate(Valid with { SecretName = "", DnsNames = null, Duration = TimeSpan.Zero })).Count(each => each.Field != "spec.renewBefore"));

    [Theory]
    [InlineData(Annotations.VaultObject, "has.dot")]
    [InlineData(Annotations.VaultObject, "")]
    [InlineData(Annotations.Adopt, "yes")]
    public void Checks_the_annotations_that_act_as_spec(string key, string value)
    {
        var certificate = Certificate(Valid);
        certificate = certificate with { Metadata = certificate.Metadata with { Annotations = ValueMap.Empty.With(key, value) } };

        Assert.Equal($"metadata.annotations[{key}]", Assert.Single(CertificateRules.Check(certificate)).Field);
    }

    [Theory]
    [InlineData("web", "default", true, null)]
    [InlineData("a.b-c.d", "default", true, null)]
    [InlineData("", "default", true, "metadata.name")]
    [InlineData("Web", "default", true, "metadata.name")]
    [InlineData("-web", "default", true, "metadata.name")]
    [InlineData("a..b", "default", true, "metadata.name")]
    [InlineData("web", "a.b", true, "metadata.namespace")]
    [InlineData("web", null, true, "metadata.namespace")]
    [InlineData("web", "default", false, "metadata.namespace")]
    [InlineData("web", null, false, null)]
    public void Names_and_namespaces_follow_Kubernetes(string name, string? ns, bool isNamespaced, string? field) =>
        Assert.Equal(field, MetadataRules.Check(new ObjectMeta { Name = name, Namespace = ns }, isNamespaced).SingleOrDefault()?.Field);

    [Theory]
    [InlineData("app.kubernetes.io/name", "web_1.2", 0)]
    [InlineData("name", "", 0)]
    [InlineData("name", "a b", 1)]
    [InlineData("/name", "a", 1)]
    [InlineData("UPPER.io/name", "a", 1)]
    public void Labels_follow_Kubernetes(string key, string value, int violations) =>
        Assert.Equal(violations, MetadataRules.Check(new ObjectMeta { Name = "web", Namespace = "default", Labels = ValueMap.Empty.With(key, value) }, true).Count());

    [Fact]
    public void Annotations_may_be_large_but_not_huge() =>
        Assert.Single(MetadataRules.Check(new ObjectMeta { Name = "web", Namespace = "default", Annotations = ValueMap.Empty.With("a", new string('x', 262_144)) }, true));

    private static CertificateSpec WithKey(PrivateKeySpec key) => Valid with { PrivateKey = key };

    private static Certificate Certificate(CertificateSpec spec) => new() { Metadata = new ObjectMeta { Name = "web", Namespace = "default" }, Spec = spec };
}
