using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Whether a request, or a stored leaf, still is what the spec asks (cert-manager pkg/util/pki/match.go).</summary>
/// <remarks>
/// Not looked at, so that changing only these never re-issues: renewBefore and its kin, secretTemplate, keystores, additionalOutputFormats,
/// revisionHistoryLimit, encoding, rotationPolicy, signatureAlgorithm, encodeUsagesInRequest, nameConstraints.
/// </remarks>
public static class RequestMatch
{
    /// <summary>The fields in which a request differs from the spec; empty when it fits. Lists compare as multisets.</summary>
    public static ValueList<string> Differences(AttemptFacts request, CertificateSpec spec)
    {
        var fields = new List<string>();
        if (request.Csr is { } csr)
        {
            fields.AddRange(Subject(csr, spec));
            if (!SameItems(csr.DnsNames, spec.DnsNames)) { fields.Add("spec.dnsNames"); }
            if (!SameItems(csr.IpAddresses, Canonical(spec.IpAddresses))) { fields.Add("spec.ipAddresses"); }
            if (!SameItems(csr.Uris, spec.Uris)) { fields.Add("spec.uris"); }
            if (!SameItems(csr.EmailAddresses, spec.EmailAddresses)) { fields.Add("spec.emailAddresses"); }

            // As in cert-manager, leaving otherNames out says nothing about them; an empty list does.
            if (spec.OtherNames is { } others && !SameItems(csr.OtherNames, Texts(others))) { fields.Add("spec.otherNames"); }
        }

        if (request.IsCA != spec.IsCAOrDefault()) { fields.Add("spec.isCA"); }
        if (!SameItems(request.Usages, spec.Usages)) { fields.Add("spec.usages"); }
        if (request.Duration is { } asked && spec.Duration is { } wanted && asked != wanted) { fields.Add("spec.duration"); }
        if (!request.IssuerRef.Same(spec.IssuerRef)) { fields.Add("spec.issuerRef"); }
        return fields.ToValueList();
    }

    /// <summary>The lax comparison used when no request is left: names only, and one may be CN or DNS name, as issuers move them about.</summary>
    /// <remarks>FuzzyX509AltNamesMatchSpec; but the CN of a literal subject counts too, else such a Certificate would never come to rest.</remarks>
    public static ValueList<string> Differences(CertFacts leaf, CertificateSpec spec)
    {
        var fields = new List<string>();
        var commonName = DistinguishedNames.CommonName(spec);
        var found = leaf.DnsNames.Concat(Optional(leaf.CommonName)).ToHashSet();
        var wanted = (spec.DnsNames ?? []).Concat(Optional(commonName)).ToHashSet();
        if (!Optional(commonName).All(found.Contains) || !Optional(leaf.CommonName).All(wanted.Contains))
        {
            fields.Add(string.IsNullOrEmpty(spec.LiteralSubject) ? "spec.commonName" : "spec.literalSubject");
        }

        if (!(spec.DnsNames ?? []).All(found.Contains) || !leaf.DnsNames.All(wanted.Contains)) { fields.Add("spec.dnsNames"); }
        if (!SameItems(leaf.IpAddresses, Canonical(spec.IpAddresses))) { fields.Add("spec.ipAddresses"); }
        if (!SameItems(leaf.Uris, spec.Uris)) { fields.Add("spec.uris"); }
        if (!SameItems(leaf.EmailAddresses, spec.EmailAddresses)) { fields.Add("spec.emailAddresses"); }
        return fields.ToValueList();
    }

    private static IEnumerable<string> Subject(CsrSummary csr, CertificateSpec spec)
    {
        var hash = TryHash(spec);
        if (!string.IsNullOrEmpty(spec.LiteralSubject)) { return csr.SubjectHash == hash ? [] : ["spec.literalSubject"]; }

        var (asked, wanted) = (csr.Subject, spec.Subject);
        (string Field, bool Same)[] members =
        [
            ("spec.commonName", (csr.CommonName ?? "") == (spec.CommonName ?? "")),
            ("spec.subject.organizations", SameItems(asked?.Organizations, wanted?.Organizations)),
            ("spec.subject.countries", SameItems(asked?.Countries, wanted?.Countries)),
            ("spec.subject.organizationalUnits", SameItems(asked?.OrganizationalUnits, wanted?.OrganizationalUnits)),
            ("spec.subject.localities", SameItems(asked?.Localities, wanted?.Localities)),
            ("spec.subject.provinces", SameItems(asked?.Provinces, wanted?.Provinces)),
            ("spec.subject.streetAddresses", SameItems(asked?.StreetAddresses, wanted?.StreetAddresses)),
            ("spec.subject.postalCodes", SameItems(asked?.PostalCodes, wanted?.PostalCodes)),
            ("spec.subject.serialNumber", (asked?.SerialNumber ?? "") == (wanted?.SerialNumber ?? "")),
        ];
        var differing = members.Where(each => !each.Same).Select(each => each.Field).ToList();

        // What was a literal subject may have had attributes that no member shows.
        return differing.Count == 0 && csr.SubjectHash is { } all && all != hash ? ["spec.literalSubject"] : differing;
    }

    private static string? TryHash(CertificateSpec spec)
    {
        try { return DistinguishedNames.Hash(DistinguishedNames.Of(spec)); }
        catch (FormatException) { return null; }
    }

    private static IEnumerable<string> Optional(string? text) => string.IsNullOrEmpty(text) ? [] : [text];

    private static IEnumerable<string>? Canonical(ValueList<string>? addresses) => addresses?.Select(IpLiteral.Canonical);

    private static IEnumerable<string> Texts(ValueList<OtherName> names) => names.Select(each => AlternativeNames.OtherNameText(each.Oid, each.Utf8Value));

    private static bool SameItems(IEnumerable<string>? left, IEnumerable<string>? right) =>
        (left ?? []).Order(StringComparer.Ordinal).SequenceEqual((right ?? []).Order(StringComparer.Ordinal));
}
