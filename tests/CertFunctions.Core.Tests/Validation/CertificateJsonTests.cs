using System.Text.Json;
using System.Text.Json.Nodes;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Validation;

/// <summary>cert-manager's member names and forms, for every field of a Certificate's spec.</summary>
public sealed class CertificateJsonTests
{
    private const string Full =
        """
        {
          "apiVersion": "cert-manager.io/v1",
          "kind": "Certificate",
          "metadata": { "name": "web", "namespace": "default", "generation": 1 },
          "spec": {
            "secretName": "web-tls",
            "issuerRef": { "name": "ca", "kind": "ClusterIssuer", "group": "cert-manager.io" },
            "commonName": "web",
            "subject": {
              "organizations": ["Us"], "countries": ["DE"], "organizationalUnits": ["Web"], "localities": ["Köln"], "provinces": ["NRW"],
              "streetAddresses": ["Am Dom 1"], "postalCodes": ["50667"], "serialNumber": "7"
            },
            "literalSubject": "CN=web",
            "dnsNames": ["a.example"],
            "ipAddresses": ["192.0.2.1"],
            "uris": ["spiffe://trust.example/ns/a"],
            "emailAddresses": ["a@b.example"],
            "otherNames": [{ "oid": "1.3.6.1.4.1.311.20.2.3", "utf8Value": "user@b.example" }],
            "duration": "2160h0m0s",
            "renewBefore": "360h0m0s",
            "renewBeforePercentage": 25,
            "renewal": { "policy": "RenewBefore", "windows": [{ "timezone": "Europe/Berlin", "windowDuration": "4h0m0s", "cron": "0 2 * * 6" }] },
            "isCA": true,
            "usages": ["server auth"],
            "encodeUsagesInRequest": false,
            "privateKey": { "algorithm": "ECDSA", "size": 256, "encoding": "PKCS8", "rotationPolicy": "Always" },
            "signatureAlgorithm": "ECDSAWithSHA256",
            "nameConstraints": {
              "critical": true,
              "permitted": { "dnsDomains": ["example"], "ipRanges": ["10.0.0.0/8"], "emailAddresses": ["b.example"], "uriDomains": [".example"] },
              "excluded": { "dnsDomains": ["bad.example"] }
            },
            "revisionHistoryLimit": 3,
            "secretTemplate": { "labels": { "a": "b" }, "annotations": { "c": "d" } },
            "keystores": {
              "jks": { "create": true, "alias": "web", "passwordSecretRef": { "name": "password", "key": "value" } },
              "pkcs12": { "create": true, "profile": "Modern2023", "password": "changeit" }
            },
            "additionalOutputFormats": [{ "type": "DER" }, { "type": "CombinedPEM" }]
          }
        }
        """;

    [Fact]
    public void Every_field_comes_back_as_it_went_in()
    {
        var read = JsonSerializer.Deserialize(Full, ResourceJson.Default.Certificate)!;

        var written = JsonSerializer.SerializeToNode(read, ResourceJson.Default.Certificate);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Full), written), written!.ToJsonString());
        Assert.Equal(read, written.Deserialize(ResourceJson.Default.Certificate));
    }

    [Fact]
    public void What_is_absent_stays_absent()
    {
        const string plain = """{"apiVersion":"cert-manager.io/v1","kind":"Certificate","metadata":{"name":"web","generation":1},"spec":{"secretName":"s","issuerRef":{"name":"ca"}}}""";
        var read = JsonSerializer.Deserialize(plain, ResourceJson.Default.Certificate)!;

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(plain), JsonSerializer.SerializeToNode(read, ResourceJson.Default.Certificate)));
        Assert.Equal((TimeSpan.FromDays(90), false, true, 1, true), (
            read.Spec.DurationOrDefault(), read.Spec.IsCAOrDefault(), read.Spec.EncodeUsagesInRequestOrDefault(), read.Spec.RevisionHistoryLimitOrDefault(), read.Spec.RenewsByItself()));
    }

    /// <summary>So that no field of the records is left out of the text above.</summary>
    [Fact]
    public void The_text_above_holds_every_field()
    {
        var spec = JsonNode.Parse(Full)!["spec"]!.AsObject().Select(member => member.Key);

        Assert.Equal(ResourceJson.Default.CertificateSpec.Properties.Select(property => property.Name).Order(StringComparer.Ordinal), spec.Order(StringComparer.Ordinal));
    }
}
