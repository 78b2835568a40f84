using System.Collections.Frozen;
using System.Text;

namespace CertFunctions.Core.Validation;

/// <summary>What happens to one field of cert-manager's schema, and of trust-manager's.</summary>
public enum FieldTreatment
{
    /// <summary>Callers set it, the system does as it says.</summary>
    ActedOn,

    /// <summary>The system writes it; in a body it is kept as stored.</summary>
    Written,

    /// <summary>Dropped from a body, as cert-manager's own server does.</summary>
    Ignored,

    /// <summary>Refused with a sentence until it is acted on.</summary>
    NotYet,
}

/// <param name="Path">Without indexes; stands for everything below it when refused.</param>
/// <param name="Note">What the reader should know; empty when the field means what cert-manager says.</param>
public sealed record FieldEntry(string Kind, string Path, FieldTreatment Treatment, string Note);

/// <summary>Every field of Certificate, Issuer, ClusterIssuer, CertificateRequest and Bundle, and what happens to it: nothing is silently ignored.</summary>
/// <remarks><c>docs/compatibility.md</c> holds the same table; a test keeps the two, and the records, equal.</remarks>
public static class FieldSupport
{
    public static IReadOnlyList<FieldEntry> All { get; } =
    [
        .. Table("Certificate", FieldTreatment.ActedOn,
            ("spec.secretName", "names the Key Vault object"),
            ("spec.issuerRef.name", ""),
            ("spec.issuerRef.kind", ""),
            ("spec.issuerRef.group", "only cert-manager.io: external issuers are refused"),
            ("spec.commonName", ""),
            ("spec.subject.organizations", "none empty, none twice, at most 16, each at most 256 characters; so for all lists of the subject"),
            ("spec.subject.countries", ""),
            ("spec.subject.organizationalUnits", ""),
            ("spec.subject.localities", ""),
            ("spec.subject.provinces", ""),
            ("spec.subject.streetAddresses", ""),
            ("spec.subject.postalCodes", ""),
            ("spec.subject.serialNumber", ""),
            ("spec.literalSubject", "at most 4096 characters and 64 attributes, none empty; ';' parts RDNs too"),
            ("spec.dnsNames", "must be ASCII without spaces, at most 253 characters each; at most 100 names in all, none twice"),
            ("spec.ipAddresses", ""),
            ("spec.uris", "must be absolute, at most 2048 characters each"),
            ("spec.emailAddresses", "must be ASCII"),
            ("spec.otherNames", "taking the whole list away does not re-issue, as in cert-manager; an empty list does"),
            ("spec.duration", "1h to 876000h"),
            ("spec.renewBefore", ""),
            ("spec.renewBeforePercentage", "1 to 99, of the lifetime that is left; at least 5m"),
            ("spec.renewal.policy", ""),
            ("spec.renewal.windows", "at most 32; one must open before the certificate ends; no @every"),
            ("spec.isCA", "the key pair is stored in the system vault"),
            ("spec.usages", ""),
            ("spec.encodeUsagesInRequest", ""),
            ("spec.privateKey.algorithm", "RSA or ECDSA; Key Vault stores no Ed25519"),
            ("spec.privateKey.size", "RSA 2048, 3072 or 4096; ECDSA 256, 384 or 521: what Key Vault stores"),
            ("spec.privateKey.encoding", "of PEM and DER outputs; a PFX holds PKCS#8 always"),
            ("spec.privateKey.rotationPolicy", "default Always; for a CA Never, unlike cert-manager"),
            ("spec.revisionHistoryLimit", "requests of an attempt under way do not count"),
            ("spec.secretTemplate.labels", "become tags of the Key Vault object: with the annotations at most 5, none empty, at most 256 characters"),
            ("spec.secretTemplate.annotations", "become tags, as the labels"),
            ("spec.keystores.jks.create", ""),
            ("spec.keystores.jks.alias", "in lower case, as Java looks it up"),
            ("spec.keystores.jks.password", ""),
            ("spec.keystores.jks.passwordSecretRef.name", "a secret `{namespace}--{name}` of the system vault; its new version makes a new keystore"),
            ("spec.keystores.jks.passwordSecretRef.key", "picks a member where the secret's value is a JSON object"),
            ("spec.keystores.pkcs12.create", ""),
            ("spec.keystores.pkcs12.profile", ""),
            ("spec.keystores.pkcs12.password", ""),
            ("spec.keystores.pkcs12.passwordSecretRef.name", "as for jks"),
            ("spec.keystores.pkcs12.passwordSecretRef.key", "as for jks"),
            ("spec.additionalOutputFormats", "secrets of their own, as keystores are; see ADR 0012"),
            ("spec.signatureAlgorithm", "of the CSR only, as in cert-manager"),
            ("spec.nameConstraints.critical", "a change takes effect at the next issuance, as in cert-manager"),
            ("spec.nameConstraints.permitted.dnsDomains", "no wildcards"),
            ("spec.nameConstraints.permitted.ipRanges", "CIDR"),
            ("spec.nameConstraints.permitted.emailAddresses", ""),
            ("spec.nameConstraints.permitted.uriDomains", ""),
            ("spec.nameConstraints.excluded.dnsDomains", ""),
            ("spec.nameConstraints.excluded.ipRanges", ""),
            ("spec.nameConstraints.excluded.emailAddresses", ""),
            ("spec.nameConstraints.excluded.uriDomains", "")),
        .. Table("Certificate", FieldTreatment.Ignored,
            ("status.acme.ari.lastChecked", "kept for all Certificates together: an unmoved window writes none"),
            ("status.acme.ari.nextCheck", "as lastChecked"),
            ("status.acme.ari.lastError", "logged; what is known stays")),
        .. Table("Certificate", FieldTreatment.Written,
            ("status.acme.ari.id", "not in cert-manager: what the CA is asked by"),
            ("status.acme.ari.directory", "not in cert-manager"),
            ("status.acme.ari.suggestedWindow.start", "on by default, unless the issuer's renewalInformationSource is None"),
            ("status.acme.ari.suggestedWindow.end", ""),
            ("status.acme.ari.explanationURL", ""),
            ("status.acme.ari.selectedTime", "not in cert-manager: the moment chosen, kept while it lies inside the window"),
            ("status.conditions", ""),
            ("status.notBefore", ""),
            ("status.notAfter", ""),
            ("status.renewalTime", ""),
            ("status.revision", ""),
            ("status.nextPrivateKeySecretName", "an object of the system vault"),
            ("status.lastFailureTime", ""),
            ("status.failedIssuanceAttempts", ""),
            ("status.revocation.version", "not in cert-manager"),
            ("status.revocation.x5t", "not in cert-manager"),
            ("status.revocation.reason", "not in cert-manager"),
            ("status.revocation.requestedAt", "not in cert-manager"),
            ("status.revocation.revokedAt", "not in cert-manager"),
            ("status.revocation.problem", "not in cert-manager"),
            ("status.vault.uri", "not in cert-manager"),
            ("status.vault.object", "not in cert-manager"),
            ("status.vault.version", "not in cert-manager"),
            ("status.vault.x5t", "not in cert-manager"),
            ("status.vault.ca", "not in cert-manager"),
            ("status.vault.issuerKey", "not in cert-manager"),
            ("status.vault.rootKey", "not in cert-manager"),
            ("status.vault.issuerSerial", "not in cert-manager"),
            ("status.vault.tags", "not in cert-manager"),
            ("status.outputs", "not in cert-manager: where keystores, formats and PEM secrets lie")),
        .. Issuers("Issuer"),
        .. Issuers("ClusterIssuer"),
        .. Table("CertificateRequest", FieldTreatment.ActedOn,
            ("spec.request", "RSA 2048 to 8192, ECDSA P-256, P-384 or P-521, Ed25519; at most 100 names; copied are subject, names, name constraints and path length"),
            ("spec.issuerRef.name", ""),
            ("spec.issuerRef.kind", ""),
            ("spec.issuerRef.group", "only cert-manager.io: external issuers are refused"),
            ("spec.duration", "1h to 876000h"),
            ("spec.isCA", ""),
            ("spec.usages", "")),
        .. Table("CertificateRequest", FieldTreatment.Written,
            ("spec.username", "who created it, as the server saw it"),
            ("status.conditions", ""),
            ("status.certificate", "leaf first, no root"),
            ("status.ca", ""),
            ("status.failureTime", ""),
            ("status.failureReason", "not in cert-manager: a finer code")),
        .. Table("CertificateRequest", FieldTreatment.Ignored,
            ("spec.uid", "only the username is recorded"),
            ("spec.groups", "only the username is recorded"),
            ("spec.extra", "only the username is recorded")),
        .. Table("Bundle", FieldTreatment.ActedOn, BundleFields.ActedOn),
        .. Table("Bundle", FieldTreatment.Ignored, BundleFields.Ignored),
        .. Table("Bundle", FieldTreatment.NotYet, BundleFields.NotYet),
        .. Table("Bundle", FieldTreatment.Written, BundleFields.Written),
    ];

    // Longer than any path in the table, with indexes.
    private const int MaxPath = 512;

    private static readonly FrozenDictionary<(string Kind, string Path), FieldEntry> ByPath = All.ToFrozenDictionary(entry => (entry.Kind, entry.Path));

    /// <summary>The sentence to show when a body holds a field of cert-manager's that is not acted on; null for every other path.</summary>
    /// <param name="path">As found in the body, indexes and deeper members included.</param>
    public static string? NotYet(string kind, string path)
    {
        if (Find(kind, path) is not { Treatment: FieldTreatment.NotYet } entry) { return null; }

        var sentence = $"{entry.Path} is a field of cert-manager that CertFunctions does not act on yet, so it is refused rather than ignored.";
        return entry.Note.Length == 0 ? sentence : $"{sentence} {entry.Note}";
    }

    /// <summary>What happens to this path; null for one that is neither in the table nor below an entry of it.</summary>
    public static FieldTreatment? TreatmentOf(string kind, string path) => Find(kind, path)?.Treatment;

    /// <summary>The entry of the path itself, or of the nearest one above it.</summary>
    private static FieldEntry? Find(string kind, string path)
    {
        var above = WithoutIndexes(path);
        while (true)
        {
            if (ByPath.TryGetValue((kind, above), out var entry)) { return entry; }

            var dot = above.LastIndexOf('.');
            if (dot < 0) { return null; }
            above = above[..dot];
        }
    }

    /// <summary>Asked for each member of a body, which may have any name: linear, and no further than a path can match.</summary>
    private static string WithoutIndexes(string path)
    {
        var plain = new StringBuilder();
        var isIndex = false;
        foreach (var c in path.AsSpan(0, Math.Min(path.Length, MaxPath)))
        {
            if (c is '[' or ']') { isIndex = c == '['; }
            else if (!isIndex) { plain.Append(c); }
        }

        return plain.ToString();
    }

    private static IEnumerable<FieldEntry> Issuers(string kind) =>
    [
        .. Table(kind, FieldTreatment.ActedOn,
            ("spec.selfSigned.crlDistributionPoints", "at most 10 URLs"),
            ("spec.acme.server", "https; its address is looked at when it is connected to: private ones need Acme__AllowPrivateAddresses"),
            ("spec.acme.email", "sent in lower case; a change updates the account"),
            ("spec.acme.preferredChain", "by the top certificate's issuer CN"),
            ("spec.acme.profile", "the annotation certfunctions.dev/acme-profile of a Certificate goes first"),
            ("spec.acme.caBundle", ""),
            ("spec.acme.skipTLSVerify", ""),
            ("spec.acme.privateKeySecretRef.name", "a secret `{namespace}--{name}` of the system vault; made (P-256) if there is none; issuers that name the same share the account"),
            ("spec.acme.privateKeySecretRef.key", "picks a member where the secret's value is a JSON object"),
            ("spec.acme.disableAccountKeyGeneration", ""),
            ("spec.acme.externalAccountBinding.keyID", ""),
            ("spec.acme.externalAccountBinding.keySecretRef.name", "a secret of the system vault: the MAC key in unpadded base64url"),
            ("spec.acme.externalAccountBinding.keySecretRef.key", "picks a member where the secret's value is a JSON object"),
            ("spec.acme.externalAccountBinding.keyAlgorithm", "HS256 (default), HS384 or HS512; cert-manager ignores it"),
            ("spec.acme.enableDurationFeature", ""),
            ("spec.acme.renewalInformationSource", ""),
            ("spec.acme.solvers", "http01 means that this app answers; dns01: azureDNS, rfc2136 and webhook, the others are refused; see solvers.md"),
            ("spec.ca.secretName", "looked up in the system vault; the version used is pinned"),
            ("spec.ca.crlDistributionPoints", "at most 10 URLs"),
            ("spec.ca.ocspServers", "at most 10 URLs"),
            ("spec.ca.issuingCertificateURLs", "at most 10 URLs")),
        .. Table(kind, FieldTreatment.NotYet,
            ("spec.vault", "Vault issuers are not served yet; served are acme, ca and selfSigned."),
            ("spec.venafi", "Venafi issuers are not served yet; served are acme, ca and selfSigned.")),
        .. Table(kind, FieldTreatment.Written,
            ("status.conditions", ""),
            ("status.acme.uri", ""),
            ("status.acme.lastRegisteredEmail", ""),
            ("status.acme.lastPrivateKeyHash", "RFC 7638 thumbprint of the account key")),
        .. Table(kind, FieldTreatment.Written, SignerFields.Written),
    ];

    private static IEnumerable<FieldEntry> Table(string kind, FieldTreatment treatment, params (string Path, string Note)[] rows) =>
        rows.Select(row => new FieldEntry(kind, row.Path, treatment, row.Note));
}
