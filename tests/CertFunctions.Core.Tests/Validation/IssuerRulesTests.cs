using System.Text.Json;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.Core.Tests.Validation;

public sealed class IssuerRulesTests
{
    private const string Long = "http://example.com/";

    public static TheoryData<string, string, string[]> Specs => new()
    {
        // because                                   spec                                                                            violations
        { "self-signing needs nothing",              "{\"selfSigned\":{}}",                                                          [] },
        { "a CA needs its secret",                   "{\"ca\":{\"secretName\":\"root\"}}",                                           [] },
        { "URLs of every kind",                      "{\"ca\":{\"secretName\":\"root\",\"crlDistributionPoints\":[\"http://a.example/a.crl\"],\"ocspServers\":[\"http://o.example\"],\"issuingCertificateURLs\":[\"ldap://c.example/cn=a\"]}}", [] },
        { "none of them",                            "{}",                                                                           ["spec: Required value: exactly one"] },
        { "the later one is at fault",               "{\"ca\":{\"secretName\":\"root\"},\"selfSigned\":{}}",                         ["spec.selfSigned: Forbidden: may not set more than one"] },
        { "its name is a name",                      "{\"ca\":{\"secretName\":\"\"}}",                                               ["spec.ca.secretName: Required value"] },
        { "an empty URL leads nowhere",              "{\"ca\":{\"secretName\":\"root\",\"ocspServers\":[\"\"]}}",                    ["spec.ca.ocspServers[0]: Required value"] },
        { "every wrong one is named",                "{\"ca\":{\"secretName\":\"\",\"crlDistributionPoints\":[\"a.crl\"],\"issuingCertificateURLs\":[\"http://a.example\",\"http://bücher.example\"]}}",
            ["spec.ca.secretName: ", "spec.ca.crlDistributionPoints[0]: Invalid value: \"a.crl\": must be an absolute URL", "spec.ca.issuingCertificateURLs[1]: Invalid value"] },
        { "files are no URLs for others",            "{\"selfSigned\":{\"crlDistributionPoints\":[\"/etc/passwd\"]}}",               ["spec.selfSigned.crlDistributionPoints[0]: Invalid value"] },
        { "ACME needs a server and a key",           "{\"acme\":{}}",                                                              ["spec.acme.server: Required value", "spec.acme.privateKeySecretRef.name: Required value"] },
        { "plain http is none",                      Acme("\"server\":\"http://acme.example/dir\""),                               ["spec.acme.server: Invalid value"] },
        { "ACME v1 is gone",                         Acme("\"server\":\"https://acme-v01.api.letsencrypt.org/directory\""),        ["spec.acme.server: Invalid value: \"https://acme-v01.api.letsencrypt.org/directory\": is of ACME v1"] },
        { "a bundle is PEM in base64",               Acme("\"server\":\"https://a.example/\",\"caBundle\":\"x\""),               ["spec.acme.caBundle: Invalid value"] },
        { "a bundle makes no sense unverified",      Acme("\"server\":\"https://a.example/\",\"caBundle\":\"x\",\"skipTLSVerify\":true"), ["spec.acme.caBundle: Forbidden", "spec.acme.caBundle: Invalid value"] },
        { "a binding needs id and key",              Acme("\"server\":\"https://a.example/\",\"externalAccountBinding\":{\"keyAlgorithm\":\"MD5\"}"),
            ["spec.acme.externalAccountBinding.keyID: Required", "spec.acme.externalAccountBinding.keySecretRef.name: Required", "spec.acme.externalAccountBinding.keySecretRef.key: Required", "spec.acme.externalAccountBinding.keyAlgorithm: Unsupported value"] },
        { "Vault too",                               "{\"vault\":{\"server\":\"https://vault.example\"}}",                           ["spec.vault: Forbidden: Vault issuers"] },
        { "Venafi too",                              "{\"venafi\":{\"zone\":\"a\"}}",                                                ["spec.venafi: Forbidden: Venafi issuers"] },
    };

    private static string Acme(string members) => $"{{\"acme\":{{{members},\"privateKeySecretRef\":{{\"name\":\"account\"}}}}}}";

    [Theory]
    [MemberData(nameof(Specs))]
    public void Names_the_field_and_what_it_must_be(string because, string spec, string[] expected)
    {
        var violations = IssuerRules.Check(Read(spec)).Select(violation => $"{violation.Field}: {violation.Message}").ToArray();

        Assert.True(violations.Length == expected.Length && violations.Zip(expected).All(pair => pair.First.StartsWith(pair.Second, StringComparison.Ordinal)), $"{because}: {string.Join(" | ", violations)}");
    }

    [Fact]
    public void Too_many_and_too_long_URLs_are_refused()
    {
        var many = new SelfSignedIssuer { CrlDistributionPoints = [.. Enumerable.Range(0, 11).Select(i => $"http://{i}.example")] };
        var tall = new SelfSignedIssuer { CrlDistributionPoints = [Long + new string('a', 512)] };

        Assert.Equal("spec.selfSigned.crlDistributionPoints", Assert.Single(IssuerRules.Check(new IssuerSpec { SelfSigned = many })).Field);
        Assert.Equal("spec.selfSigned.crlDistributionPoints[0]", Assert.Single(IssuerRules.Check(new IssuerSpec { SelfSigned = tall })).Field);
    }

    /// <summary>One field of every stanza of cert-manager's, as in its documentation.</summary>
    private const string Everything = """
        {"acme":{"server":"https://acme.example","email":"a@b.example","preferredChain":"R","profile":"tls","caBundle":"QQ==","skipTLSVerify":false,"privateKeySecretRef":{"name":"k","key":"tls.key"},
        "disableAccountKeyGeneration":true,"externalAccountBinding":{"keyID":"1","keySecretRef":{"name":"e","key":"s"},"keyAlgorithm":"HS256"},"enableDurationFeature":true,"renewalInformationSource":"ARI",
        "solvers":[{"selector":{"matchLabels":{"a":"b"},"dnsNames":["x"],"dnsZones":["y"]},"waitInsteadOfSelfCheck":"1m0s","http01":{"ingress":{"serviceType":"ClusterIP","class":"nginx","ingressClassName":"n","name":"i",
        "podTemplate":{"spec":{"nodeSelector":{"a":"b"}}},"ingressTemplate":{"metadata":{}}}}},
        {"http01":{"gatewayHTTPRoute":{"serviceType":"NodePort","labels":{"a":"b"},"parentRefs":[{"name":"g"}],"podTemplate":{}}}},
        {"dns01":{"cnameStrategy":"Follow","nameservers":["8.8.8.8:53"],"akamai":{"serviceConsumerDomain":"a","clientTokenSecretRef":{"name":"a","key":"b"},"clientSecretSecretRef":{"name":"a","key":"b"},"accessTokenSecretRef":{"name":"a","key":"b"}}}},
        {"dns01":{"azureDNS":{"subscriptionID":"s","resourceGroupName":"r","hostedZoneName":"z","environment":"AzurePublicCloud","zoneType":"AzurePublicZone","clientID":"c","clientSecretSecretRef":{"name":"a","key":"b"},"tenantID":"t",
        "managedIdentity":{"clientID":"c","resourceID":"r","tenantID":"t"}}}},
        {"dns01":{"cloudDNS":{"project":"p","hostedZoneName":"z","serviceAccountSecretRef":{"name":"a","key":"b"}}}},{"dns01":{"cloudflare":{"email":"e","apiKeySecretRef":{"name":"a","key":"b"},"apiTokenSecretRef":{"name":"a","key":"b"}}}},
        {"dns01":{"digitalocean":{"tokenSecretRef":{"name":"a","key":"b"}}}},
        {"dns01":{"route53":{"region":"r","accessKeyID":"i","accessKeyIDSecretRef":{"name":"a","key":"b"},"secretAccessKeySecretRef":{"name":"a","key":"b"},"role":"o","hostedZoneID":"z","auth":{"kubernetes":{"serviceAccountRef":{"name":"a"}}}}}},
        {"dns01":{"acmeDNS":{"host":"h","accountSecretRef":{"name":"a","key":"b"}}}},{"dns01":{"rfc2136":{"nameserver":"n","tsigKeyName":"k","tsigSecretSecretRef":{"name":"a","key":"b"},"tsigAlgorithm":"HMACSHA512","protocol":"TCP"}}},
        {"dns01":{"webhook":{"groupName":"g","solverName":"s","config":{"any":[1,{"thing":null}]}}}}]},
        "vault":{"server":"s","serverName":"n","path":"pki/sign/role","namespace":"ns","caBundle":"QQ==","caBundleSecretRef":{"name":"a","key":"b"},"clientCertSecretRef":{"name":"a"},"clientKeySecretRef":{"name":"a"},
        "auth":{"tokenSecretRef":{"name":"a","key":"token"},"appRole":{"path":"p","roleId":"r","secretRef":{"name":"a","key":"b"}},"clientCertificate":{"mountPath":"m","secretName":"s","name":"n"},
        "kubernetes":{"mountPath":"m","role":"r","secretRef":{"name":"a","key":"b"},"serviceAccountRef":{"name":"a","audiences":["x"]}},
        "aws":{"mountPath":"m","role":"r","region":"e","serviceAccountRef":{"name":"a"},"iamRoleArn":"i","vaultHeaderValue":"v"}}},
        "venafi":{"zone":"z","tpp":{"url":"u","credentialsRef":{"name":"a"},"caBundle":"QQ==","caBundleSecretRef":{"name":"a","key":"b"}},"cloud":{"url":"u","apiTokenSecretRef":{"name":"a","key":"b"}},
        "ngts":{"tsgID":"t","credentialsRef":{"name":"a"},"url":"u","tokenEndpoint":"e"}}}
        """;

    [Fact]
    public void Manifests_of_all_issuer_types_come_back_as_they_were_read()
    {
        var written = JsonSerializer.Serialize(Read(Everything), ResourceJson.Default.IssuerSpec);

        using var before = JsonDocument.Parse(Everything);
        using var after = JsonDocument.Parse(written);
        Assert.True(JsonElement.DeepEquals(before.RootElement, after.RootElement), written);
    }

    [Fact]
    public void Specs_compare_by_content_also_where_any_JSON_goes() => Assert.Equal(Read(Everything), Read(Everything));

    private static IssuerSpec Read(string json) => JsonSerializer.Deserialize(json, ResourceJson.Default.IssuerSpec)!;
}
