using System.Security.Cryptography;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>What is decided by, about one X.509 certificate. Flat and public, so it may travel through history as JSON.</summary>
/// <param name="KeyHash">SHA-256 of SubjectPublicKeyInfo, lower-case hex.</param>
/// <param name="KeyAlgorithm"><c>RSA</c>, <c>ECDSA</c>, or empty for a key that is not supported.</param>
/// <param name="Thumbprint">SHA-256 of the certificate, lower-case hex.</param>
/// <param name="X5t">SHA-1 of the certificate, upper-case hex, as Key Vault and Windows show it.</param>
/// <param name="SubjectHash">SHA-256 of the DER subject, lower-case hex.</param>
/// <param name="SubjectKeyId">SKI octets, lower-case hex; null when the certificate has none.</param>
/// <param name="PathLength">Null: unlimited.</param>
/// <param name="IpAddresses">Canonical text (<see cref="IpLiteral.Canonical"/>).</param>
/// <param name="SerialNumber">Lower-case hex, without a sign octet.</param>
public sealed record CertFacts(
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    string KeyHash,
    string KeyAlgorithm,
    int KeySizeInBits,
    string Thumbprint,
    string X5t,
    string SubjectHash,
    string? SubjectKeyId,
    bool IsCA,
    int? PathLength,
    string? CommonName,
    ValueList<string> DnsNames,
    ValueList<string> IpAddresses,
    string SerialNumber)
{
    public ValueList<string>? Uris { get; init; }

    public ValueList<string>? EmailAddresses { get; init; }

    /// <summary>Each as <c>oid:value</c>.</summary>
    public ValueList<string>? OtherNames { get; init; }

    public X509Subject? Subject { get; init; }
}

/// <summary>Reads the facts of a certificate.</summary>
public static class X509Facts
{
    /// <summary>Throws <see cref="FormatException"/> when the bytes are no certificate, or more than 36,500.</summary>
    public static CertFacts Read(ReadOnlyMemory<byte> der)
    {
        var x509 = DerCertificate.Read(der);
        KeyPolicy.Problem(x509.SubjectPublicKeyInfo, out var key);
#pragma warning disable CA5350 // a name that Key Vault uses, not a protection
        var x5t = Convert.ToHexString(SHA1.HashData(der.Span));
#pragma warning restore CA5350
        return new CertFacts(
            x509.NotBefore,
            x509.NotAfter,
            x509.KeyHash,
            key?.Algorithm ?? "",
            key?.SizeInBits ?? 0,
            Convert.ToHexStringLower(SHA256.HashData(der.Span)),
            x5t,
            Convert.ToHexStringLower(SHA256.HashData(x509.Subject.Span)),
            x509.SubjectKeyId is { } ski ? Convert.ToHexStringLower(ski) : null,
            x509.IsCA,
            x509.PathLength,
            x509.CommonName,
            x509.AlternativeNames.DnsNames,
            x509.AlternativeNames.IpAddresses,
            Convert.ToHexStringLower(WithoutSign(x509.SerialNumber.Span)))
        {
            Uris = x509.AlternativeNames.Uris,
            EmailAddresses = x509.AlternativeNames.EmailAddresses,
            OtherNames = x509.AlternativeNames.OtherNames,
            Subject = DistinguishedNames.Subject(x509.Subject),
        };
    }

    private static ReadOnlySpan<byte> WithoutSign(ReadOnlySpan<byte> serial) => serial.Length > 1 && serial[0] == 0 ? serial[1..] : serial;
}
