using System.Formats.Asn1;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Acme;

/// <summary>Which of a CA's chains is kept (cert-manager's <c>preferredChain</c>): the one whose last certificate was issued by the wanted name.</summary>
public static class PreferredChain
{
    /// <summary>Whether the topmost certificate sent has an issuer with this common name; case counts.</summary>
    public static bool Matches(AcmeChain chain, string commonName) =>
        chain.Certificates is [.., var last] && IssuerOf(last) == commonName;

    /// <param name="chains">The default one first, then its alternates in the CA's order.</param>
    /// <param name="commonName">Null or empty: no wish.</param>
    public static ChainChoice Choose(IReadOnlyList<AcmeChain> chains, string? commonName)
    {
        if (string.IsNullOrEmpty(commonName)) { return new ChainChoice(chains[0], WishIsMet: true); }

        return chains.FirstOrDefault(chain => Matches(chain, commonName)) is { } wanted
            ? new ChainChoice(wanted, WishIsMet: true)
            : new ChainChoice(chains[0], WishIsMet: false);
    }

    private static string? IssuerOf(byte[] der)
    {
        try
        {
            return DerCertificate.TryRead(der, out _) is { } x509 ? DistinguishedNames.CommonName(x509.Issuer) : null;
        }
        catch (Exception unreadable) when (unreadable is AsnContentException or FormatException)
        {
            return null;
        }
    }
}

/// <param name="WishIsMet">False: no chain matches, and the default one is taken; never a reason to fail.</param>
public sealed record ChainChoice(AcmeChain Chain, bool WishIsMet);
