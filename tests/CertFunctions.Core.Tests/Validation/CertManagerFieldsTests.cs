using CertFunctions.Core.Validation;

namespace CertFunctions.Core.Tests.Validation;

/// <summary>cert-manager's own list of fields (v1.21, types_certificate.go and types_certificaterequest.go): none is unknown here.</summary>
public sealed class CertManagerFieldsTests
{
    private const string Certificate =
        """
        spec.subject.organizations spec.subject.countries spec.subject.organizationalUnits spec.subject.localities spec.subject.provinces
        spec.subject.streetAddresses spec.subject.postalCodes spec.subject.serialNumber spec.literalSubject spec.commonName spec.duration
        spec.renewBefore spec.renewBeforePercentage spec.renewal.policy spec.renewal.windows[].timezone spec.renewal.windows[].windowDuration
        spec.renewal.windows[].cron spec.dnsNames spec.ipAddresses spec.uris spec.otherNames[].oid spec.otherNames[].utf8Value spec.emailAddresses
        spec.secretName spec.secretTemplate.annotations spec.secretTemplate.labels
        spec.keystores.jks.create spec.keystores.jks.alias spec.keystores.jks.passwordSecretRef.name spec.keystores.jks.passwordSecretRef.key spec.keystores.jks.password
        spec.keystores.pkcs12.create spec.keystores.pkcs12.profile spec.keystores.pkcs12.passwordSecretRef.name spec.keystores.pkcs12.passwordSecretRef.key
        spec.keystores.pkcs12.password spec.issuerRef.name spec.issuerRef.kind spec.issuerRef.group spec.isCA spec.usages spec.privateKey.rotationPolicy
        spec.privateKey.encoding spec.privateKey.algorithm spec.privateKey.size spec.signatureAlgorithm spec.encodeUsagesInRequest spec.revisionHistoryLimit
        spec.additionalOutputFormats[].type spec.nameConstraints.critical spec.nameConstraints.permitted.dnsDomains spec.nameConstraints.permitted.ipRanges
        spec.nameConstraints.permitted.emailAddresses spec.nameConstraints.permitted.uriDomains spec.nameConstraints.excluded.dnsDomains
        spec.nameConstraints.excluded.ipRanges spec.nameConstraints.excluded.emailAddresses spec.nameConstraints.excluded.uriDomains
        status.conditions status.lastFailureTime status.notBefore status.notAfter status.renewalTime status.revision status.nextPrivateKeySecretName
        status.failedIssuanceAttempts status.acme.ari.suggestedWindow.start status.acme.ari.suggestedWindow.end
        status.acme.ari.explanationURL status.acme.ari.lastChecked status.acme.ari.nextCheck status.acme.ari.lastError
        """;

    private const string CertificateRequest =
        """
        spec.duration spec.issuerRef.name spec.issuerRef.kind spec.issuerRef.group spec.request spec.isCA spec.usages spec.username spec.uid spec.groups spec.extra
        status.conditions status.certificate status.ca status.failureTime
        """;

    [Theory]
    [InlineData("Certificate", Certificate)]
    [InlineData("CertificateRequest", CertificateRequest)]
    public void Every_field_is_acted_on_written_ignored_or_refused_by_name(string kind, string fields)
    {
        var known = FieldSupport.All.Where(entry => entry.Kind == kind).Select(entry => entry.Path).ToHashSet();

        Assert.All(Words(fields), field => Assert.Contains(Above(field.Replace("[]", "", StringComparison.Ordinal)), known.Contains));
    }

    [Theory]
    [InlineData("Certificate", Certificate)]
    [InlineData("CertificateRequest", CertificateRequest)]
    public void And_no_other_field_is_there_but_our_own(string kind, string fields)
    {
        var theirs = Words(fields).SelectMany(field => Above(field.Replace("[]", "", StringComparison.Ordinal))).ToHashSet();

        Assert.All(FieldSupport.All.Where(entry => entry.Kind == kind && !entry.Note.StartsWith("not in cert-manager", StringComparison.Ordinal)), entry => Assert.Contains(entry.Path, theirs));
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The field and everything it lies in.</summary>
    private static IEnumerable<string> Above(string path)
    {
        for (var end = path.Length; end > 0; end = path.LastIndexOf('.', end - 1)) { yield return path[..end]; }
    }
}
