using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>The CA behind a certificate, by its keys: a renewed CA certificate is the same signer.</summary>
/// <param name="Key">SHA-256 of SubjectPublicKeyInfo of the CA that signed, hex.</param>
/// <param name="RootKey">The same of the self-signed root; null when it is unknown.</param>
public sealed record SignerKeys(string Key, string? RootKey)
{
    /// <summary>Serial number of the CA certificate, hex; null when nobody knows.</summary>
    public string? Serial { get; init; }

    public static SignerKeys Of(PinnedSigner signer) => new(signer.KeyHash, signer.RootKeyHash);

    /// <summary>From what a request was answered: the certificate behind the leaf signed it, or the CA beside it when the leaf stands alone. Null: nobody knows.</summary>
    public static SignerKeys? Read(ReadOnlyMemory<byte> chain, ReadOnlyMemory<byte>? ca)
    {
        try
        {
            var path = Pem.ReadCertificates(chain);
            var top = ca is { } pem && Pem.ReadCertificates(pem) is [var first, ..] ? DerCertificate.Read(first) : null;
            var signer = path.Count > 1 ? DerCertificate.Read(path[1]) : top;
            return signer is null ? null : new SignerKeys(signer.KeyHash, top is not null && top.Subject.Span.SequenceEqual(top.Issuer.Span) ? top.KeyHash : null)
            {
                Serial = Convert.ToHexStringLower(signer.SerialNumber.Span.TrimStart((byte)0)),
            };
        }
        catch (FormatException) { return null; }
    }
}
