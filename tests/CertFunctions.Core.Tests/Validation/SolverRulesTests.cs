using System.Text;
using System.Text.Json;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.Core.Tests.Validation;

public sealed class SolverRulesTests
{
    private const string Http = "\"http01\":{\"ingress\":{}}";
    private const string Azure = "\"subscriptionID\":\"s\",\"resourceGroupName\":\"r\"";
    private const string Secret = "{\"name\":\"n\",\"key\":\"k\"}";

    public static TheoryData<string, string, string[]> Solvers => new()
    {
        // because                                          solver                                                             violations, each below solvers[0]
        { "this app answers",                               Http,                                                              [] },
        { "the other stanza means the same",                "\"http01\":{\"gatewayHTTPRoute\":{\"parentRefs\":[{\"name\":\"g\"}]}}", [] },
        { "neither is set",                                 "\"selector\":{}",                                                 [": Required value: exactly one of http01 and dns01"] },
        { "both are set",                                   $"{Http},\"dns01\":{{\"azureDNS\":{{{Azure}}}}}",                  [".dns01: Forbidden: may not set more than one"] },
        { "http01 alone says nothing",                      "\"http01\":{}",                                                   [".http01: Required value: exactly one of ingress and gatewayHTTPRoute"] },
        { "both stanzas are set",                           "\"http01\":{\"ingress\":{},\"gatewayHTTPRoute\":{}}",             [".http01.gatewayHTTPRoute: Forbidden"] },
        { "no such service type",                           "\"http01\":{\"ingress\":{\"serviceType\":\"LoadBalancer\"}}",     [".http01.ingress.serviceType: Unsupported value: \"LoadBalancer\""] },
        { "an ingress is named in one way",                 "\"http01\":{\"ingress\":{\"class\":\"a\",\"name\":\"b\"}}",       [".http01.ingress: Forbidden: only one of class"] },
        { "waiting backwards",                              $"{Http},\"waitInsteadOfSelfCheck\":\"-1s\"",                      [".waitInsteadOfSelfCheck: Invalid value: \"-1s\": must not be negative"] },
        { "not waiting at all is allowed",                  $"{Http},\"waitInsteadOfSelfCheck\":\"0s\"",                       [] },
        { "an empty name selects nothing",                  $"{Http},\"selector\":{{\"dnsNames\":[\"a\",\"\"],\"dnsZones\":[\"\"]}}", [".selector.dnsNames[1]: Required value", ".selector.dnsZones[0]: Required value"] },

        { "no provider",                                    "\"dns01\":{}",                                                    [".dns01: Required value: exactly one provider"] },
        { "two providers",                                  $"\"dns01\":{{\"azureDNS\":{{{Azure}}},\"rfc2136\":{{\"nameserver\":\"a\"}}}}", [".dns01.rfc2136: Forbidden: may not set more than one provider"] },
        { "no such strategy",                               $"\"dns01\":{{\"cnameStrategy\":\"follow\",\"azureDNS\":{{{Azure}}}}}", [".dns01.cnameStrategy: Unsupported value"] },
        { "every nameserver that is none is named",         $"\"dns01\":{{\"nameservers\":[\"1.1.1.1:53\",\"http://a\",\"a:0\"],\"azureDNS\":{{{Azure}}}}}",
            [".dns01.nameservers[1]: Invalid value: \"http://a\"", ".dns01.nameservers[2]: Invalid value"] },

        { "the app's own identity",                         $"\"dns01\":{{\"azureDNS\":{{{Azure}}}}}",                         [] },
        { "Azure needs to know where",                      "\"dns01\":{\"azureDNS\":{}}",                                     [".dns01.azureDNS.subscriptionID: Required value", ".dns01.azureDNS.resourceGroupName: Required value"] },
        { "a service principal",                            $"\"dns01\":{{\"azureDNS\":{{{Azure},\"clientID\":\"c\",\"tenantID\":\"t\",\"clientSecretSecretRef\":{Secret}}}}}", [] },
        { "a service principal has three parts",            $"\"dns01\":{{\"azureDNS\":{{{Azure},\"tenantID\":\"t\"}}}}",      [".dns01.azureDNS.clientID: Required value", ".dns01.azureDNS.clientSecretSecretRef: Required value"] },
        { "a reference has two parts",                      $"\"dns01\":{{\"azureDNS\":{{{Azure},\"clientID\":\"c\",\"tenantID\":\"t\",\"clientSecretSecretRef\":{{}}}}}}",
            [".dns01.azureDNS.clientSecretSecretRef.name: Required value", ".dns01.azureDNS.clientSecretSecretRef.key: Required value"] },
        { "one identity, not two",                          $"\"dns01\":{{\"azureDNS\":{{{Azure},\"clientID\":\"c\",\"tenantID\":\"t\",\"clientSecretSecretRef\":{Secret},\"managedIdentity\":{{\"clientID\":\"m\"}}}}}}", [".dns01.azureDNS.managedIdentity: Forbidden"] },
        { "a managed identity by its client id",            $"\"dns01\":{{\"azureDNS\":{{{Azure},\"managedIdentity\":{{\"clientID\":\"m\",\"tenantID\":\"t\"}}}}}}", [] },
        { "a managed identity has one name",                $"\"dns01\":{{\"azureDNS\":{{{Azure},\"managedIdentity\":{{\"clientID\":\"m\",\"resourceID\":\"/s/userAssignedIdentities/m\"}}}}}}", [".dns01.azureDNS.managedIdentity.resourceID: Forbidden"] },
        { "a tenant alone names nobody",                    $"\"dns01\":{{\"azureDNS\":{{{Azure},\"managedIdentity\":{{\"tenantID\":\"t\"}}}}}}", [".dns01.azureDNS.managedIdentity.tenantID: Forbidden"] },
        { "a resource id is a path",                        $"\"dns01\":{{\"azureDNS\":{{{Azure},\"managedIdentity\":{{\"resourceID\":\"m\"}}}}}}", [".dns01.azureDNS.managedIdentity.resourceID: Invalid value"] },
        { "the German cloud is closed",                     $"\"dns01\":{{\"azureDNS\":{{{Azure},\"environment\":\"AzureGermanCloud\"}}}}", [".dns01.azureDNS.environment: Unsupported value: \"AzureGermanCloud\""] },
        { "the Chinese one is not",                         $"\"dns01\":{{\"azureDNS\":{{{Azure},\"environment\":\"AzureChinaCloud\",\"zoneType\":\"AzurePrivateZone\"}}}}", [] },
        { "zones are public or private",                    $"\"dns01\":{{\"azureDNS\":{{{Azure},\"zoneType\":\"x\"}}}}",      [".dns01.azureDNS.zoneType: Unsupported value"] },

        { "updates without a key",                          "\"dns01\":{\"rfc2136\":{\"nameserver\":\"[::1]:5353\"}}",         [] },
        { "updates with a key",                             $"\"dns01\":{{\"rfc2136\":{{\"nameserver\":\"ns.example\",\"tsigKeyName\":\"k\",\"tsigSecretSecretRef\":{Secret},\"tsigAlgorithm\":\"hmacsha512\",\"protocol\":\"TCP\"}}}}", [] },
        { "updates go somewhere",                           "\"dns01\":{\"rfc2136\":{}}",                                      [".dns01.rfc2136.nameserver: Required value"] },
        { "updates do not go by HTTPS",                     "\"dns01\":{\"rfc2136\":{\"nameserver\":\"https://dns.example\"}}", [".dns01.rfc2136.nameserver: Invalid value"] },
        { "a key has a secret",                             "\"dns01\":{\"rfc2136\":{\"nameserver\":\"a\",\"tsigKeyName\":\"k\"}}", [".dns01.rfc2136.tsigSecretSecretRef: Required value"] },
        { "a secret has a key's name",                      $"\"dns01\":{{\"rfc2136\":{{\"nameserver\":\"a\",\"tsigSecretSecretRef\":{Secret}}}}}", [".dns01.rfc2136.tsigKeyName: Required value"] },
        { "no such algorithm, no such protocol",            "\"dns01\":{\"rfc2136\":{\"nameserver\":\"a\",\"tsigAlgorithm\":\"SHA256\",\"protocol\":\"udp\"}}", [".dns01.rfc2136.tsigAlgorithm: Unsupported value", ".dns01.rfc2136.protocol: Unsupported value"] },

        { "a webhook",                                      $"\"dns01\":{{\"webhook\":{{\"groupName\":\"g\",\"solverName\":\"s\",\"config\":{{\"url\":\"https://hook.example/dns\",\"tokenSecretRef\":{Secret},\"zone\":1}}}}}}", [] },
        { "a webhook is somewhere, and has a name",         "\"dns01\":{\"webhook\":{}}",                                      [".dns01.webhook.solverName: Required value", ".dns01.webhook.config.url: Required value"] },
        { "its configuration is an object",                 "\"dns01\":{\"webhook\":{\"solverName\":\"s\",\"config\":[1]}}",   [".dns01.webhook.config: Invalid value"] },
        { "its address is secure",                          "\"dns01\":{\"webhook\":{\"solverName\":\"s\",\"config\":{\"url\":\"http://hook.example\"}}}", [".dns01.webhook.config.url: Invalid value"] },
        { "its address holds no password",                  "\"dns01\":{\"webhook\":{\"solverName\":\"s\",\"config\":{\"url\":\"https://a:b@hook.example\"}}}", [".dns01.webhook.config.url: Invalid value"] },
        { "its token is referred to",                       "\"dns01\":{\"webhook\":{\"solverName\":\"s\",\"config\":{\"url\":\"https://h\",\"tokenSecretRef\":\"t\",\"caBundle\":\"x\"}}}",
            [".dns01.webhook.config.tokenSecretRef: Required value", ".dns01.webhook.config.caBundle: Invalid value"] },
    };

    [Theory, MemberData(nameof(Solvers))]
    public void Names_the_field_and_what_it_must_be(string because, string solver, string[] expected)
    {
        var violations = Check($"{{{solver}}}");

        Assert.True(
            violations.Length == expected.Length && violations.Zip(expected).All(pair => pair.First.StartsWith($"spec.acme.solvers[0]{pair.Second}", StringComparison.Ordinal)),
            $"{because}: {string.Join(" | ", violations)}");
    }

    [Theory]
    [InlineData("akamai")]
    [InlineData("cloudDNS")]
    [InlineData("cloudflare")]
    [InlineData("digitalocean")]
    [InlineData("route53")]
    [InlineData("acmeDNS")]
    public void Refuses_providers_that_are_not_served_by_name(string provider) =>
        Assert.StartsWith($"spec.acme.solvers[0].dns01.{provider}: Forbidden: {provider} is not served here; use webhook", Assert.Single(Check($"{{\"dns01\":{{\"{provider}\":{{}}}}}}")), StringComparison.Ordinal);

    [Fact]
    public void No_solvers_are_fine() => Assert.Empty(SolverRules.Check("spec.acme.solvers", null).Concat(SolverRules.Check("spec.acme.solvers", [])));

    [Fact]
    public void The_place_in_the_list_is_named() =>
        Assert.Equal("spec.acme.solvers[1]", Assert.Single(SolverRules.Check("spec.acme.solvers", [new AcmeSolver { Http01 = new() { Ingress = new() } }, new AcmeSolver()])).Field);

    public static TheoryData<string, string?, int, bool> Nameservers => new()
    {
        { "1.1.1.1",               "1.1.1.1",    53,   false },
        { "1.1.1.1:5353",          "1.1.1.1",    5353, false },
        { "ns1.example.com:53",    "ns1.example.com", 53, false },
        { "2001:db8::1",           "2001:db8::1", 53,  false },
        { "[2001:db8::1]",         "2001:db8::1", 53,  false },
        { "[2001:db8::1]:5353",    "2001:db8::1", 5353, false },
        { "https://dns.example/q", "",           443,  true },
        { "",                      null,         0,    false },
        { " ",                     null,         0,    false },
        { ":53",                   null,         0,    false },
        { "a:",                    null,         0,    false },
        { "a:65536",               null,         0,    false },
        { "a b",                   null,         0,    false },
        { "[1.1.1.1]:53",          null,         0,    false },
        { "[::1]53",               null,         0,    false },
        { "[::1",                  null,         0,    false },
        { "http://dns.example",    null,         0,    false },
        { "https://",              null,         0,    false },
    };

    [Theory, MemberData(nameof(Nameservers))]
    public void A_nameserver_is_written_as(string text, string? host, int port, bool isHttps)
    {
        var parsed = NameserverSyntax.Parse(text);

        Assert.Equal(host, parsed?.Host);
        Assert.Equal((port, isHttps), (parsed?.Port ?? 0, parsed?.Https is not null));
    }

    [Fact]
    public void A_webhooks_settings_are_read()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var ca = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=hook", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSelfSigned(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var pem = ca.ExportCertificatePem() + "\n";
        var webhook = new WebhookDns
        {
            SolverName = "s",
            Config = new AnyJson($"{{\"url\":\"https://hook.example/dns\",\"tokenSecretRef\":{Secret},\"caBundle\":\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(pem))}\"}}"),
        };

        Assert.Equal(new WebhookConfig(new("https://hook.example/dns"), new SecretKeyRef { Name = "n", Key = "k" }, pem), WebhookConfig.Parse(webhook));
        Assert.Null(WebhookConfig.Parse(webhook with { Config = new AnyJson("{\"url\":\"ftp://hook.example\"}") }));
    }

    private static string[] Check(string solver) =>
        [.. SolverRules.Check("spec.acme.solvers", [JsonSerializer.Deserialize(solver, ResourceJson.Default.AcmeSolver)!]).Select(violation => $"{violation.Field}: {violation.Message}")];
}
