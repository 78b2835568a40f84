namespace CertFunctions.Core.Pki;

/// <summary>The <c>selfSigned</c> issuer: signs a CSR with the CSR's own key. No authority key id.</summary>
public static class SelfSigner
{
    /// <summary>DER of the certificate. Throws <see cref="SigningRefusedException"/> (<c>ErrorKeyMatch</c>) when the key is not the CSR's.</summary>
    public static byte[] Sign(CsrFacts csr, PrivateKey key, SigningTerms terms)
    {
        CertificateTemplate.Check(csr, terms);
        if (csr.KeyHash != key.KeyHash)
        {
            throw new SigningRefusedException("ErrorKeyMatch", "The private key is not the one that the certificate request was made with.");
        }

        return CertificateTemplate.Sign(csr, terms, csr.Subject, authorityKeyId: null, CertificateTemplate.NotAfter(terms), key);
    }
}
