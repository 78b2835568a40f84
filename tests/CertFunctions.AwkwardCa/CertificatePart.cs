using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CertFunctions.AwkwardCa;

/// <summary>RFC 8555 §7.4.2 and §7.6: handing chains out, and taking certificates back.</summary>
internal sealed class CertificatePart(CaBook book, Awkwardness awkward, Urls urls, Issuance issuance)
{
    public AcmeReply Download(AcmeRequest request)
    {
        if (!book.CertificatesBySerial.TryGetValue(request.Path[0], out var certificate) || certificate.Account.Id != request.Signer.Id)
        {
            throw new Refused(Boulder.NotFound("Certificate not found"));
        }

        request.Call.Identifiers = [.. certificate.Identifiers.Select(name => name.Value)];
        lock (book.Gate)
        {
            if (awkward.DownloadsSpoilt > 0)
            {
                awkward.DownloadsSpoilt--;
                return Spoilt();
            }
        }

        var isAlternate = request.Path.Count > 1;
        if (isAlternate && !awkward.OffersAlternateChain) { throw new Refused(Boulder.NotFound("Unknown issuance chain")); }
        var pem = string.Join('\n', issuance.Chain(certificate, isAlternate).Select(der => new string(PemEncoding.Write("CERTIFICATE", der)))) + "\n";
        var other = isAlternate ? urls.Certificate(certificate) : $"{urls.Certificate(certificate)}/1";
        return new AcmeReply(200, Json: null)
        {
            Body = Encoding.ASCII.GetBytes(pem), ContentType = "application/pem-certificate-chain",
            Links = awkward.OffersAlternateChain ? [$"<{other}>;rel=\"alternate\""] : [],
        };
    }

    public AcmeReply Revoke(AcmeRequest request)
    {
        var wish = request.Jws.Json;
        using var leaf = X509CertificateLoader.LoadCertificate(System.Buffers.Text.Base64Url.DecodeFromChars((string)wish["certificate"]!));
        if (!book.CertificatesBySerial.TryGetValue(leaf.SerialNumber.ToLowerInvariant(), out var found)) { throw new Refused(Boulder.NotFound("Certificate from unrecognized issuer")); }
        if (request.Account is { } account && account.Id != found.Account.Id) { throw new Refused(Boulder.Unauthorized("requester does not control all identifiers in certificate with serial")); }
        if (found.Revoked is not null) { throw new Refused(new AcmeFault("alreadyRevoked", "Certificate already revoked", 400)); }

        var reason = (int?)wish["reason"] ?? 0;
        if (reason is not (0 or 1 or 3 or 4 or 5)) { throw new Refused(new AcmeFault("badRevocationReason", $"disallowed revocation reason: {reason}", 400)); }
        found.Revoked = reason;
        return new AcmeReply(200, Json: null);
    }

    private AcmeReply Spoilt()
    {
        var (body, type) = awkward.Download switch
        {
            DownloadFlaw.Html => ("<html><body><h1>502 Bad Gateway</h1></body></html>"u8.ToArray(), "text/html"),
            DownloadFlaw.TenMegabytes or DownloadFlaw.TenMegabytesOfUnsaidLength => (Enumerable.Repeat((byte)'A', 10_000_000).ToArray(), "application/pem-certificate-chain"),
            DownloadFlaw.Empty => ((byte[])[], "application/pem-certificate-chain"),
            DownloadFlaw.NoPem => ("-----BEGIN CERTIFICATE-----\nnot base64 at all!\n-----END CERTIFICATE-----\n"u8.ToArray(), "application/pem-certificate-chain"),
            _ => (Enumerable.Range(0, 2000).Select(i => (byte)((i * 7919) % 251)).ToArray(), "application/pem-certificate-chain"),
        };
        return new AcmeReply(200, Json: null) { Body = body, ContentType = type, HidesLength = awkward.Download is DownloadFlaw.TenMegabytesOfUnsaidLength };
    }
}
