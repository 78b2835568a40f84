using System.Buffers.Text;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Acme;

/// <summary>The id by which a certificate's renewal information is asked for (RFC 9773 §4.1).</summary>
public static class RenewalId
{
    /// <returns>base64url(AKI key id) <c>.</c> base64url(serial octets, leading 00 kept); null without an AKI key id, or when it is no certificate.</returns>
    public static string? Of(ReadOnlyMemory<byte> leaf) =>
        DerCertificate.TryRead(leaf, out _) is { AuthorityKeyId: { Length: > 0 } keyId } x509
            ? $"{Base64Url.EncodeToString(keyId)}.{Base64Url.EncodeToString(x509.SerialNumber.Span)}"
            : null;
}
