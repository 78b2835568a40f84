using CertFunctions.Core.Pki.Keystores;

namespace CertFunctions.Core.Pki.Trust;

/// <summary>The files of a bundle. The same certificates, in any order and number, give the same bytes: each once, sorted by thumbprint (semantics §8.2).</summary>
public static class TrustFiles
{
    public static ReadOnlyMemory<byte> Pem(IEnumerable<CaCertificate> certificates) => Pki.Pem.WriteCertificates(Sorted(certificates).Select(each => each.Der));

    /// <param name="password">It protects nothing, for all is public, but readers check the file with it.</param>
    public static byte[] Jks(IEnumerable<CaCertificate> certificates, string password) => JavaKeystore.TrustStore(Entries(certificates), password);

    /// <param name="password">Empty: neither encrypted nor sealed, whatever the profile.</param>
    public static byte[] Pkcs12(IEnumerable<CaCertificate> certificates, string password, Pkcs12Profile profile) =>
        Pkcs12File.PublicTrustStore(Entries(certificates), profile, password);

    /// <summary>As it is published: each once, by thumbprint.</summary>
    public static IReadOnlyList<CaCertificate> Sorted(IEnumerable<CaCertificate> certificates) =>
        [.. certificates.DistinctBy(each => each.Thumbprint).OrderBy(each => each.Thumbprint, StringComparer.Ordinal)];

    private static List<TrustEntry> Entries(IEnumerable<CaCertificate> certificates)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var entries = new List<TrustEntry>();
        foreach (var each in Sorted(certificates))
        {
            // A second entry of one alias would displace the first: somebody may search for such a pair.
            var alias = names.Add(each.Alias) ? each.Alias : each.Thumbprint;
            entries.Add(new TrustEntry(each.Der, alias, each.NotBefore));
        }

        return entries;
    }
}
