namespace CertFunctions.Core.Pki;

/// <summary>Looks for the issuer of a certificate among others: by name first, then by signature.</summary>
public static class IssuedBy
{
    /// <param name="candidates">DER; what cannot be read is no issuer.</param>
    public static bool Any(byte[] certificate, IEnumerable<byte[]> candidates)
    {
        if (DerCertificate.TryRead(certificate, out _) is not { } child) { return false; }

        return candidates.Select(der => DerCertificate.TryRead(der, out _)).Any(other => other is not null && other.Subject.Span.SequenceEqual(child.Issuer.Span) && child.IsSignedBy(other));
    }
}
