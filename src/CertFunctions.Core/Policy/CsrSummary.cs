using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Names and key of a CSR, as far as decisions need them. Flat, for history.</summary>
public sealed record CsrSummary(
    string KeyHash, string KeyAlgorithm, int KeySizeInBits, string? CommonName, ValueList<string> DnsNames, ValueList<string> IpAddresses)
{
    public ValueList<string>? Uris { get; init; }

    public ValueList<string>? EmailAddresses { get; init; }

    /// <summary>Each as <c>oid:value</c>.</summary>
    public ValueList<string>? OtherNames { get; init; }

    public X509Subject? Subject { get; init; }

    /// <summary>SHA-256 of the DER subject, lower-case hex: tells apart what the members above cannot, such as attributes of other types.</summary>
    public string? SubjectHash { get; init; }

    public static CsrSummary Of(CsrFacts csr) => new(csr.KeyHash, csr.KeyAlgorithm, csr.KeySizeInBits, csr.CommonName, csr.DnsNames, csr.IpAddresses)
    {
        Uris = csr.Uris,
        EmailAddresses = csr.EmailAddresses,
        OtherNames = csr.OtherNames.Select(each => AlternativeNames.OtherNameText(each.Oid, each.Utf8Value)).ToValueList(),
        Subject = DistinguishedNames.Subject(csr.Subject),
        SubjectHash = DistinguishedNames.Hash(csr.Subject.Span),
    };
}
