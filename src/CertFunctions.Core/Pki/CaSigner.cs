using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.Core.Pki;

/// <summary>The <c>ca</c> issuer's hand: one CA certificate with its key, and the chain above it.</summary>
/// <remarks>Owns the key. Belongs to one thread at a time.</remarks>
public sealed class CaSigner : IDisposable
{
    private readonly DerCertificate _ca;
    private readonly DerCertificate[] _above;
    private readonly PrivateKey _key;

    /// <summary>Throws <see cref="SigningRefusedException"/> (<c>ErrInvalidKeyPair</c>) unless it is a CA that may sign certificates and the key is its own.</summary>
    /// <param name="certificate">DER.</param>
    /// <param name="chainAbove">DER, from the CA's issuer upward; empty for a root.</param>
    public CaSigner(byte[] certificate, PrivateKey key, IReadOnlyList<byte[]> chainAbove)
    {
        _ca = DerCertificate.TryRead(certificate, out var problem) ?? throw Invalid($"The CA certificate cannot be read. {problem}");
        _above = [.. chainAbove.Select(der => DerCertificate.TryRead(der, out var wrong) ?? throw Invalid($"A certificate above the CA cannot be read. {wrong}"))];
        _key = key;
        Certificate = certificate;
        Facts = X509Facts.Read(certificate);
        if (!_ca.IsCA) { throw Invalid("The certificate is not a CA (its Certificate needs isCA: true)."); }
        if (_ca.KeyUsage is { } usage && !usage.HasFlag(X509KeyUsageFlags.KeyCertSign))
        {
            throw Invalid("The CA certificate may not sign certificates: its key usage lacks \"cert sign\".");
        }

        if (_ca.KeyHash != key.KeyHash) { throw Invalid("The private key does not belong to the CA certificate."); }
    }

    /// <summary>DER of the CA certificate.</summary>
    public byte[] Certificate { get; }

    public CertFacts Facts { get; }

    /// <summary>When a certificate under these terms would end: never after the CA itself.</summary>
    public DateTimeOffset NotAfter(SigningTerms terms)
    {
        var wanted = CertificateTemplate.NotAfter(terms);
        return wanted > _ca.NotAfter ? _ca.NotAfter : wanted;
    }

    /// <summary>DER of the certificate: authority key id by key id only, notAfter capped (<see cref="NotAfter"/>).</summary>
    /// <remarks>Throws <see cref="SigningRefusedException"/>: <c>CAExpired</c>, <c>CANotYetValid</c>, <c>PathLengthExceeded</c>, <c>SigningError</c>.</remarks>
    public byte[] Sign(CsrFacts csr, SigningTerms terms)
    {
        CertificateTemplate.Check(terms);
        CheckDates(terms.Now);
        CheckPathLengths(terms.IsCA);
        if (!terms.IsCA && csr.Subject.Span.SequenceEqual(_ca.Subject.Span))
        {
            throw new SigningRefusedException("SigningError", "The subject is the CA's own, so that clients would take the certificate for self-signed. Choose another commonName.");
        }

        return CertificateTemplate.Sign(csr, terms, _ca.Subject, _ca.SubjectKeyId, NotAfter(terms), _key);
    }

    public void Dispose() => _key.Dispose();

    private void CheckDates(DateTimeOffset now)
    {
        if (now < _ca.NotBefore) { throw new SigningRefusedException("CANotYetValid", $"The CA certificate is not valid before {_ca.NotBefore:u}."); }
        if (now >= _ca.NotAfter) { throw new SigningRefusedException("CAExpired", $"The CA certificate expired at {_ca.NotAfter:u}."); }
    }

    /// <summary>RFC 5280 §4.2.1.9: a path length counts the CA certificates that follow, self-issued ones left out.</summary>
    private void CheckPathLengths(bool isCA)
    {
        var below = isCA ? 1 : 0;
        foreach (var ca in (DerCertificate[])[_ca, .. _above])
        {
            if (ca.PathLength < below)
            {
                throw new SigningRefusedException(
                    "PathLengthExceeded", $"The CA \"{ca.CommonName}\" allows {ca.PathLength} CA certificates below it; this one would be number {below}.");
            }

            if (!ca.HasSameNameTwice) { below++; }
        }
    }

    private static SigningRefusedException Invalid(string message) => new("ErrInvalidKeyPair", message);
}
