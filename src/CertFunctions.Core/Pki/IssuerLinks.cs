using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>Where clients find the issuer's revocation lists, its OCSP responder and its own certificate: URLs that an issuer writes into what it signs.</summary>
public sealed record IssuerLinks(ValueList<string> CrlDistributionPoints, ValueList<string> OcspServers, ValueList<string> IssuingCertificateUrls)
{
    private const string DistributionPoints = "2.5.29.31";
    private const string AuthorityInformationAccess = "1.3.6.1.5.5.7.1.1";
    private const string Ocsp = "1.3.6.1.5.5.7.48.1";
    private const string CaIssuers = "1.3.6.1.5.5.7.48.2";

    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, (int)GeneralNameKind.Uri);

    public static IssuerLinks None { get; } = new([], [], []);

    public static IssuerLinks Of(SelfSignedIssuer issuer) => None with { CrlDistributionPoints = issuer.CrlDistributionPoints ?? [] };

    public static IssuerLinks Of(CaIssuer issuer) => new(issuer.CrlDistributionPoints ?? [], issuer.OcspServers ?? [], issuer.IssuingCertificateURLs ?? []);

    /// <summary>RFC 5280 §4.2.2.1: OCSP responders, then the CA's certificate; null when there are neither.</summary>
    internal X509Extension? Access()
    {
        if (OcspServers.Count + IssuingCertificateUrls.Count == 0) { return null; }

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var (method, url) in OcspServers.Select(url => (Ocsp, url)).Concat(IssuingCertificateUrls.Select(url => (CaIssuers, url))))
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(method);
                    writer.WriteCharacterString(UniversalTagNumber.IA5String, url, UriTag);
                }
            }
        }

        return new X509Extension(AuthorityInformationAccess, writer.Encode(), critical: false);
    }

    /// <summary>RFC 5280 §4.2.1.13: one distribution point a URL, as in cert-manager; null when there are none.</summary>
    internal X509Extension? Revocation()
    {
        if (CrlDistributionPoints.Count == 0) { return null; }

        var inner = new Asn1Tag(TagClass.ContextSpecific, 0);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var url in CrlDistributionPoints)
            {
                using (writer.PushSequence())                // DistributionPoint
                using (writer.PushSequence(inner))           // DistributionPointName
                using (writer.PushSequence(inner))           // fullName
                {
                    writer.WriteCharacterString(UniversalTagNumber.IA5String, url, UriTag);
                }
            }
        }

        return new X509Extension(DistributionPoints, writer.Encode(), critical: false);
    }
}
