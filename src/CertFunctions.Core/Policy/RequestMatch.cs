using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Whether a request, or a stored leaf, still is what the spec asks (cert-manager pkg/util/pki/match.go).</summary>
public static class RequestMatch
{
    /// <summary>The fields in which a request differs from the spec; empty when it fits. Lists compare as multisets.</summary>
    public static ValueList<string> Differences(AttemptFacts request, CertificateSpec spec)
    {
        var fields = new List<string>();
        if (request.Csr is { } csr)
        {
            if ((csr.CommonName ?? "") != (spec.CommonName ?? "")) { fields.Add("spec.commonName"); }
            if (!SameItems(csr.DnsNames, spec.DnsNames)) { fields.Add("spec.dnsNames"); }
            if (!SameItems(csr.IpAddresses, Canonical(spec.IpAddresses))) { fields.Add("spec.ipAddresses"); }
        }

        if (request.IsCA != (spec.IsCA ?? false)) { fields.Add("spec.isCA"); }
        if (!SameItems(request.Usages, spec.Usages)) { fields.Add("spec.usages"); }
        if (request.Duration is { } asked && spec.Duration is { } wanted && asked != wanted) { fields.Add("spec.duration"); }
        if (!request.IssuerRef.Same(spec.IssuerRef)) { fields.Add("spec.issuerRef"); }
        return fields.ToValueList();
    }

    /// <summary>The lax comparison used when no request is left: names only, the CN counting as a DNS name (FuzzyX509AltNamesMatchSpec).</summary>
    public static ValueList<string> Differences(Pki.CertFacts leaf, CertificateSpec spec)
    {
        var fields = new List<string>();
        var found = leaf.DnsNames.Concat(Optional(leaf.CommonName)).ToHashSet();
        var wanted = (spec.DnsNames ?? []).Concat(Optional(spec.CommonName)).ToHashSet();
        if (spec.CommonName is { Length: > 0 } name && !found.Contains(name)) { fields.Add("spec.commonName"); }
        if (!found.SetEquals(wanted)) { fields.Add("spec.dnsNames"); }
        if (!SameItems(leaf.IpAddresses, Canonical(spec.IpAddresses))) { fields.Add("spec.ipAddresses"); }
        return fields.ToValueList();
    }

    private static IEnumerable<string> Optional(string? text) => string.IsNullOrEmpty(text) ? [] : [text];

    private static ValueList<string>? Canonical(ValueList<string>? addresses) =>
        addresses?.Select(text => System.Net.IPAddress.TryParse(text, out var address) ? address.ToString() : text).ToValueList();

    private static bool SameItems(IEnumerable<string>? left, IEnumerable<string>? right) =>
        (left ?? []).Order(StringComparer.Ordinal).SequenceEqual((right ?? []).Order(StringComparer.Ordinal));
}
