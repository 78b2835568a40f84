using System.Net;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>What an ACME order asks for, given a CSR (cert-manager semantics §6.1, §6.2).</summary>
public static class OrderNames
{
    /// <summary>Sorted, each once, in lower case; DNS names before addresses. Empty with a problem when the CSR asks what ACME has no proof for.</summary>
    public static (ValueList<AcmeIdentifier> Identifiers, string? Problem) Of(CsrFacts csr)
    {
        var unproved = (string?)(csr switch
        {
            { Uris.Count: > 0 } => $"URI names ({csr.Uris})",
            { EmailAddresses.Count: > 0 } => $"e-mail addresses ({csr.EmailAddresses})",
            { OtherNames.Count: > 0 } => "otherNames",
            _ => null,
        });
        if (unproved is not null) { return ([], $"An ACME issuer has no way to prove {unproved}: leave them out, or use another issuer."); }

        var dns = csr.DnsNames.Select(name => name.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
        var ips = csr.IpAddresses.ToHashSet(StringComparer.Ordinal);
        if (csr.CommonName is { Length: > 0 } name && !dns.Contains(name.ToLowerInvariant()) && !(IPAddress.TryParse(name, out _) && ips.Contains(IpLiteral.Canonical(name))))
        {
            return ([], $"The common name \"{name}\" is not among the DNS names and IP addresses: an ACME issuer proves only those.");
        }

        var all = dns.Order(StringComparer.Ordinal).Select(AcmeIdentifier.Dns).Concat(ips.Order(StringComparer.Ordinal).Select(AcmeIdentifier.Ip)).ToValueList();
        return all.Count == 0 ? ([], "There is no DNS name and no IP address to order a certificate for.") : (all, null);
    }

    /// <summary>Tells one set of names from another: SHA-256 of them, hex.</summary>
    public static string SetHash(IEnumerable<AcmeIdentifier> identifiers) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', identifiers.Select(each => $"{each.Type}:{each.Value}")))));
}
