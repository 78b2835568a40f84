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

        if (PathRules.UnreadableConstraints((DerCertificate[])[_ca, .. _above]) is { } unreadable) { throw Invalid(unreadable); }
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
    /// <remarks>Throws <see cref="SigningRefusedException"/>: <c>CAExpired</c>, <c>CANotYetValid</c>, <c>PathLengthExceeded</c>, <c>NameNotPermitted</c>, <c>SigningError</c>.</remarks>
    public byte[] Sign(CsrFacts csr, SigningTerms terms)
    {
        CertificateTemplate.Check(csr, terms);
        CheckDates(terms.Now);
        CheckPath(csr, terms.IsCA);
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

    private void CheckPath(CsrFacts csr, bool isCA)
    {
        DerCertificate[] path = [_ca, .. _above];
        if (PathRules.LengthProblem(path, isCA) is { } tooLong) { throw new SigningRefusedException("PathLengthExceeded", tooLong); }
        if (isCA && csr.PathLength is { } asked && PathRules.Remaining(path) < asked)
        {
            throw new SigningRefusedException("PathLengthExceeded", $"The request asks for a path length of {asked}; the CA leaves {PathRules.Remaining(path)}.");
        }

        if (PathRules.NameProblem(path, csr.Subject, csr.AlternativeNames, isCA) is { } problem) { throw new SigningRefusedException("NameNotPermitted", problem); }
    }

    private static SigningRefusedException Invalid(string message) => new("ErrInvalidKeyPair", message);
}
