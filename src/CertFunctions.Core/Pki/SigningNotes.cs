using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>What a requester should know about a certificate that was issued all the same; becomes a condition of the request.</summary>
/// <param name="Type">The condition's type; its status is <c>True</c>.</param>
public sealed record SigningNote(string Type, string Reason, string Message);

/// <summary>Compares what was issued with what was asked for.</summary>
public static class SigningNotes
{
    /// <summary>The certificate ends before the duration asked for.</summary>
    public const string NotAfterShortened = "NotAfterShortened";

    /// <summary>The CSR asks for extensions that no issuer here copies.</summary>
    public const string ExtensionsIgnored = "ExtensionsIgnored";

    /// <summary>A self-signed certificate without a subject has no issuer name either (cert-manager: event <c>BadConfig</c>).</summary>
    public const string BadConfig = "BadConfig";

    /// <param name="chain">DER, leaf first.</param>
    /// <param name="ca">DER of the CA that the issuer named.</param>
    public static ValueList<SigningNote> Of(IReadOnlyList<byte[]> chain, byte[]? ca, CsrFacts csr, SigningTerms terms)
    {
        var leaf = DerCertificate.Read(chain[0]);
        return [.. Shortened(leaf, chain.Skip(1).Append(ca).OfType<byte[]>(), terms), .. Ignored(csr), .. Nameless(leaf)];
    }

    private static IEnumerable<SigningNote> Shortened(DerCertificate leaf, IEnumerable<byte[]> above, SigningTerms terms)
    {
        var wanted = CertificateTemplate.NotAfter(terms);
        if (leaf.NotAfter >= wanted) { yield break; }

        var endsWithCA = above.Select(der => DerCertificate.Read(der)).Any(ca => ca.NotAfter == leaf.NotAfter);
        var (reason, why) = endsWithCA ? ("CAEndsFirst", "with the CA that signed it") : ("ChosenByIssuer", "as the issuer chose");
        yield return new(NotAfterShortened, reason, $"The certificate ends at {leaf.NotAfter:u}, {why}; the duration asked for would end at {wanted:u}.");
    }

    private static IEnumerable<SigningNote> Ignored(CsrFacts csr) => csr.Ignored.Count == 0
        ? []
        : [new(ExtensionsIgnored, "NotCopied", $"The CSR asks for extensions that are not copied into the certificate: {string.Join(", ", csr.Ignored.Take(10))}.")];

    private static IEnumerable<SigningNote> Nameless(DerCertificate leaf) => leaf.IsSelfSigned && DistinguishedNames.IsEmpty(leaf.Subject)
        ? [new(BadConfig, "EmptySubject", "The certificate is self-signed and has no subject, so its issuer name is empty, which RFC 5280 forbids. Set commonName.")]
        : [];
}
