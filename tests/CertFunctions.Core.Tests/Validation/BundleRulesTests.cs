using System.Security.Cryptography;
using System.Text.Json;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Tests.Pki.Trust;
using CertFunctions.Core.Validation;

namespace CertFunctions.Core.Tests.Validation;

public sealed class BundleRulesTests
{
    private const string Text = "{\"inLine\":\"-\"}";
    private const string Theirs = Bundle.TrustVersion;
    private const string Ours = Bundle.OwnVersion;
    private const string Jks = "spec.target.additionalFormats.jks";
    private const string P12 = "spec.target.additionalFormats.pkcs12";

    public static TheoryData<string, string, string[]> Sources => new()
    {
        // because                                        sources                                                                             violations
        { "text, without a block yet",                    Text,                                                                               [] },
        { "the public roots",                             "{\"useDefaultCAs\":true}",                                                         [] },
        { "off beside another",                           $"{{\"useDefaultCAs\":false}},{Text}",                                              [] },
        { "a key of a ConfigMap",                         ConfigMap("\"name\":\"roots\",\"key\":\"ca.crt\""),                                 [] },
        { "all keys of those with a label",               ConfigMap("\"selector\":{\"matchLabels\":{\"team\":\"a\"}},\"includeAllKeys\":true"), [] },
        { "all of them",                                  ConfigMap("\"selector\":{},\"key\":\"ca.crt\""),                                    [] },
        { "the chain of a secret",                        Secret("\"name\":\"root\",\"key\":\"tls.crt\""),                                    [] },
        { "the root of a secret",                         Secret("\"name\":\"root\",\"key\":\"ca.crt\""),                                     [] },
        { "none",                                         "",                                                                                 ["spec.sources: Required value"] },
        { "nothing but off",                              "{\"useDefaultCAs\":false}",                                                        ["spec.sources: Required value"] },
        { "a source of nothing",                          "{}",                                                                               ["spec.sources[0]: Required value: exactly one"] },
        { "a source of two things",                       "{\"inLine\":\"-\",\"useDefaultCAs\":true}",                                        ["spec.sources[0].useDefaultCAs: Forbidden: a source is one thing"] },
        { "the roots twice",                              "{\"useDefaultCAs\":true},{\"useDefaultCAs\":false}",                               ["spec.sources[1].useDefaultCAs: Forbidden: may be set in one source only"] },
        { "empty text",                                   "{\"inLine\":\"\"}",                                                                ["spec.sources[0].inLine: Required value"] },
        { "text that is no PEM",                          $"{Text},{{\"inLine\":\"-----BEGIN CERTIFICATE-----\"}}",                           ["spec.sources[1].inLine: Invalid value: The PEM block"] },
        { "name and selector",                            ConfigMap("\"name\":\"a\",\"selector\":{},\"key\":\"b\""),                          ["spec.sources[0].configMap.selector: Forbidden"] },
        { "neither",                                      ConfigMap("\"key\":\"b\""),                                                         ["spec.sources[0].configMap.name: Required value: or selector"] },
        { "an impossible name",                           ConfigMap("\"name\":\"../a\",\"key\":\"b\""),                                       ["spec.sources[0].configMap.name: Invalid value"] },
        { "an impossible label",                          ConfigMap("\"selector\":{\"matchLabels\":{\"a b\":\"-\"}},\"key\":\"b\""),          ["spec.sources[0].configMap.selector.matchLabels: Invalid value", "spec.sources[0].configMap.selector.matchLabels: Invalid value"] },
        { "key and all keys",                             ConfigMap("\"name\":\"a\",\"key\":\"b\",\"includeAllKeys\":true"),                  ["spec.sources[0].configMap.includeAllKeys: Forbidden"] },
        { "no key",                                       ConfigMap("\"name\":\"a\",\"includeAllKeys\":false"),                               ["spec.sources[0].configMap.key: Required value"] },
        { "an impossible key",                            ConfigMap("\"name\":\"a\",\"key\":\"b/c\""),                                        ["spec.sources[0].configMap.key: Invalid value"] },
        { "no file is called so",                         ConfigMap("\"name\":\"a\",\"key\":\"..\""),                                         ["spec.sources[0].configMap.key: Invalid value"] },
        { "the private key of a secret",                  Secret("\"name\":\"root\",\"key\":\"tls.key\""),                                    ["spec.sources[0].secret.key: Unsupported value: \"tls.key\""] },
        { "all of a secret",                              Secret("\"name\":\"root\",\"includeAllKeys\":true"),                                ["spec.sources[0].secret.includeAllKeys: Forbidden"] },
        { "secrets by label",                             Secret("\"selector\":{},\"key\":\"ca.crt\""),                                       ["spec.sources[0].secret.selector: Forbidden"] },
        { "a secret without name and key",                Secret(""),                                                                         ["spec.sources[0].secret.name: Required value", "spec.sources[0].secret.key: Required value"] },
        { "an issuer, as trust-manager would read it",    "{\"issuer\":{\"name\":\"ca\"}}",                                                   ["spec.sources[0].issuer: Forbidden: this source is not trust-manager's: write the Bundle as certfunctions.dev/v1alpha1"] },
        { "a certificate, as trust-manager would read it", "{\"certificate\":{\"name\":\"ca\",\"namespace\":\"a\"}}",                         ["spec.sources[0].certificate: Forbidden"] },
        { "every one that is wrong",                      $"{{}},{Text},{ConfigMap("")}",                                                     ["spec.sources[0]: Required", "spec.sources[2].configMap.name: Required", "spec.sources[2].configMap.key: Required"] },
    };

    public static TheoryData<string, string, string[]> OwnSources => new()
    {
        { "a ClusterIssuer is meant",          "{\"issuer\":{\"name\":\"ca\"}}",                                                    [] },
        { "an Issuer has a namespace",         "{\"issuer\":{\"name\":\"ca\",\"kind\":\"Issuer\",\"namespace\":\"team-a\"}}",       [] },
        { "a CA of this system",               "{\"certificate\":{\"name\":\"root\",\"namespace\":\"cert-manager\"}}",              [] },
        { "which Issuer",                      "{\"issuer\":{\"name\":\"ca\",\"kind\":\"Issuer\"}}",                                ["spec.sources[0].issuer.namespace: Required value"] },
        { "a ClusterIssuer has no namespace",  "{\"issuer\":{\"name\":\"ca\",\"namespace\":\"a\"}}",                                ["spec.sources[0].issuer.namespace: Forbidden"] },
        { "a namespace is a label",            "{\"issuer\":{\"name\":\"ca\",\"kind\":\"Issuer\",\"namespace\":\"a.b\"}}",          ["spec.sources[0].issuer.namespace: Invalid value"] },
        { "there is no other kind",            "{\"issuer\":{\"name\":\"\",\"kind\":\"Other\"}}",                                   ["spec.sources[0].issuer.name: Required value", "spec.sources[0].issuer.kind: Unsupported value"] },
        { "a Certificate has both",            "{\"certificate\":{\"name\":\"\",\"namespace\":\"\"}}",                              ["spec.sources[0].certificate.name: Required value", "spec.sources[0].certificate.namespace: Required value"] },
        { "and both are names",                "{\"certificate\":{\"name\":\"A\",\"namespace\":\"a/b\"}}",                          ["spec.sources[0].certificate.name: Invalid value", "spec.sources[0].certificate.namespace: Invalid value"] },
    };

    public static TheoryData<string, string, string[]> Targets => new()
    {
        { "the shortest of trust-manager's",   "\"configMap\":{\"key\":\"ca.crt\"}",                                                [] },
        { "both",                              "\"configMap\":{\"key\":\"ca.crt\"},\"secret\":{\"key\":\"ca.crt\"}",                [] },
        { "none",                              "",                                                                                  [] },
        { "everything",                        "\"configMap\":{\"key\":\"a\",\"metadata\":{\"labels\":{\"a\":\"b\"},\"annotations\":{\"c\":\"d e\"}}},\"namespaceSelector\":{\"matchLabels\":{\"a\":\"b\"}},\"additionalFormats\":{\"jks\":{\"key\":\"b\",\"password\":\"x\"},\"pkcs12\":{\"key\":\"c\",\"password\":\"\",\"profile\":\"Modern2023\"}}", [] },
        { "files of fixed names",              "\"additionalFormats\":{\"jks\":{},\"pkcs12\":{}}",                                  [] },
        { "an object needs a key",             "\"configMap\":{},\"secret\":{\"key\":\"\"}",                                        ["spec.target.configMap.key: Required value", "spec.target.secret.key: Required value"] },
        { "keys are file names",               "\"configMap\":{\"key\":\"a b\"},\"additionalFormats\":{\"jks\":{\"key\":\"/\"},\"pkcs12\":{\"key\":\".\"}}", ["spec.target.configMap.key: Invalid value", $"{Jks}.key: Invalid value", $"{P12}.key: Invalid value"] },
        { "formats have keys of their own",    "\"additionalFormats\":{\"jks\":{\"key\":\"a\"},\"pkcs12\":{\"key\":\"a\"}}",        [$"{P12}.key: Duplicate value"] },
        { "and other keys than the PEM",       "\"configMap\":{\"key\":\"a\"},\"secret\":{\"key\":\"b\"},\"additionalFormats\":{\"jks\":{\"key\":\"a\"},\"pkcs12\":{\"key\":\"b\"}}", [$"{Jks}.key: Duplicate value", $"{P12}.key: Duplicate value"] },
        { "a JKS has a password",              "\"additionalFormats\":{\"jks\":{\"password\":\"\"}}",                               [$"{Jks}.password: Invalid value: \"***\": must have 1 to 128"] },
        { "a PKCS#12 may do without",          "\"additionalFormats\":{\"pkcs12\":{\"password\":\"" + new string('x', 129) + "\"}}", [$"{P12}.password: Invalid value: \"***\": must have 0 to 128"] },
        { "profiles are trust-manager's",      "\"additionalFormats\":{\"pkcs12\":{\"profile\":\"Modern2026\"}}",                   [$"{P12}.profile: Unsupported value: \"Modern2026\": supported values: \"LegacyRC2\", \"LegacyDES\", \"Modern2023\""] },
        { "their labels are theirs",           "\"configMap\":{\"key\":\"a\",\"metadata\":{\"labels\":{\"trust.cert-manager.io/bundle\":\"x\"},\"annotations\":{\"trust-manager.io/hash\":\"x\"}}}", ["spec.target.configMap.metadata.labels[trust.cert-manager.io/bundle]: Forbidden", "spec.target.configMap.metadata.annotations[trust-manager.io/hash]: Forbidden"] },
    };

    [Theory, MemberData(nameof(Sources))]
    public void Sources_of_trust_manager(string because, string sources, string[] expected) => Violates(because, Read(Theirs, $"{{\"sources\":[{sources}]}}"), expected);

    [Theory, MemberData(nameof(OwnSources))]
    public void Sources_of_ours(string because, string sources, string[] expected) => Violates(because, Read(Ours, $"{{\"sources\":[{sources}]}}"), expected);

    [Theory, MemberData(nameof(Targets))]
    public void Targets_of_trust_manager(string because, string target, string[] expected) =>
        Violates(because, Read(Theirs, $"{{\"sources\":[{Text}],\"target\":{{{target}}}}}"), expected);

    [Fact]
    public void A_hundred_sources_and_no_more()
    {
        Violates("100", Read(Theirs, $"{{\"sources\":[{string.Join(',', Enumerable.Repeat(Text, 100))}]}}"), []);
        Violates("101", Read(Theirs, $"{{\"sources\":[{string.Join(',', Enumerable.Repeat("{}", 101))}]}}"),
            ["spec.sources: Too many: 101: must have at most 100 items", .. Enumerable.Range(0, 100).Select(i => $"spec.sources[{i}]: Required")]);
    }

    [Fact]
    public void Text_of_a_mebibyte_and_no_more()
    {
        Violates("it is", InLine(new string('x', 1 << 20)), []);
        Violates("it is one byte more", InLine(new string('x', (1 << 20) - 1) + "ü"), ["spec.sources[0].inLine: Too long: may not be more than 1048576 bytes"]);
    }

    [Fact]
    public void A_private_key_is_named_and_not_shown()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var violation = Assert.Single(BundleRules.Check(InLine(Anchors.Pem(Anchors.NewRoot("Root")) + key.ExportPkcs8PrivateKeyPem())));

        Assert.Equal("Invalid value: It holds a private key (\"PRIVATE KEY\"), which belongs in no bundle.", violation.Message);
    }

    private static string ConfigMap(string members) => $"{{\"configMap\":{{{members}}}}}";

    private static string Secret(string members) => $"{{\"secret\":{{{members}}}}}";

    private static Bundle InLine(string text) => Of(Theirs, new BundleSpec { Sources = [new BundleSource { InLine = text }] });

    private static Bundle Read(string version, string spec) => Of(version, JsonSerializer.Deserialize(spec, ResourceJson.Default.BundleSpec)!);

    private static Bundle Of(string version, BundleSpec spec) => new() { ApiVersion = version, Metadata = new ObjectMeta { Name = "trust" }, Spec = spec };

    private static void Violates(string because, Bundle bundle, string[] expected)
    {
        var violations = BundleRules.Check(bundle).Select(violation => $"{violation.Field}: {violation.Message}").ToArray();

        Assert.True(
            violations.Length == expected.Length && violations.Zip(expected).All(pair => pair.First.StartsWith(pair.Second, StringComparison.Ordinal)),
            $"{because}: {string.Join(" | ", violations)}");
    }
}
