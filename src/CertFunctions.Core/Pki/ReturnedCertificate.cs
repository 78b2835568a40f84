using System.Formats.Asn1;
using System.Security.Cryptography;

namespace CertFunctions.Core.Pki;

/// <summary>The check of what an issuer handed back, before anything of it is stored (security B 17–23).</summary>
public static class ReturnedCertificate
{
    private const int MaxCertificates = 10;
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>Null when it may be stored; otherwise a sentence for the condition <c>InvalidCertificate</c>.</summary>
    /// <param name="chain">DER, leaf first.</param>
    /// <param name="usages">What the leaf must be good for; null when that is the issuer's choice (ACME).</param>
    public static string? Problem(IReadOnlyList<byte[]> chain, CsrFacts csr, bool isCA, DateTimeOffset now, ExpandedUsages? usages = null)
    {
        if (chain.Count is 0 or > MaxCertificates) { return $"The issuer returned {chain.Count} certificates; a chain has 1 to {MaxCertificates}."; }

        var read = new List<DerCertificate>();
        foreach (var der in chain)
        {
            if (DerCertificate.TryRead(der, out var unreadable) is not { } x509) { return $"A certificate of the chain cannot be read. {unreadable}"; }
            read.Add(x509);
        }

        try
        {
            return LeafProblem(read[0], csr, isCA)
                ?? UsageProblem(read[0], usages)
                ?? LinkProblem(read)
                ?? PathProblem(read)
                ?? read.Select(x509 => DateProblem(x509, now)).FirstOrDefault(problem => problem is not null);
        }
        catch (Exception exception) when (exception is AsnContentException or FormatException or ArgumentException or CryptographicException)
        {
            return $"A certificate of the chain holds an extension that cannot be read: {exception.Message}";
        }
    }

    private static string? LeafProblem(DerCertificate leaf, CsrFacts csr, bool isCA)
    {
        if (leaf.KeyHash != csr.KeyHash) { return "The certificate is for another key than the request."; }

        var wanted = csr.AlternativeNames is { } san ? AlternativeNames.Read(san).AsSet() : [];
        var got = leaf.AlternativeNames.AsSet();
        if (!got.SetEquals(wanted))
        {
            return $"The certificate names other subjects than the request: missing [{List(wanted.Except(got))}], added [{List(got.Except(wanted))}].";
        }

        if (csr.NameConstraints is { } constraints && !(leaf.Find(NameConstraintsExtension.Oid) is { } kept && kept.Span.SequenceEqual(constraints.Span)))
        {
            return "The certificate's name constraints are not those of the request.";
        }

        if (leaf.IsCA != isCA) { return isCA ? "A CA certificate was asked for; the certificate is not one." : "The certificate is a CA, which was not asked for."; }

        return null;
    }

    private static string? UsageProblem(DerCertificate leaf, ExpandedUsages? usages)
    {
        if (usages is null) { return null; }
        if ((leaf.KeyUsage ?? default) != usages.KeyUsage)
        {
            return $"The certificate's key usage is [{UsageNames.Describe(leaf.KeyUsage ?? default)}]; asked for was [{UsageNames.Describe(usages.KeyUsage)}].";
        }

        return (leaf.ExtendedKeyUsages ?? []).Equals(usages.ExtendedKeyUsages)
            ? null
            : $"The certificate's extended key usages are {leaf.ExtendedKeyUsages ?? []}; asked for was {usages.ExtendedKeyUsages}.";
    }

    /// <summary>What the CAs of the chain allow below them, and whether their own keys are fit to say so.</summary>
    private static string? PathProblem(List<DerCertificate> chain)
    {
        var leaf = chain[0];
        var weak = chain.Skip(1).Where(ca => !ca.HasSameNameTwice).Select(ca => KeyPolicy.Problem(ca.SubjectPublicKeyInfo, out _) is { } problem ? $"The key of the CA \"{ca.CommonName}\" is not acceptable: {problem}." : null);
        return weak.FirstOrDefault(problem => problem is not null)
            ?? PathRules.LengthProblem(chain.Skip(1), leaf.IsCA)
            ?? PathRules.NameProblem(chain.Skip(1), leaf.Subject, leaf.Find(AlternativeNames.Oid), leaf.IsCA);
    }

    private static string? LinkProblem(List<DerCertificate> chain)
    {
        if (chain.DistinctBy(x509 => Convert.ToBase64String(x509.Der.Span)).Count() != chain.Count) { return "The chain holds a certificate twice."; }

        for (var i = 0; i < chain.Count; i++)
        {
            var x509 = chain[i];
            if (SerialProblem(x509) is { } serial) { return serial; }
            if (i == 0 && !Signatures.IsAcceptable(x509.SignatureAlgorithm)) { return "The certificate is signed with an algorithm below SHA-256."; }
            if (i + 1 == chain.Count)
            {
                if (i == 0 && x509.HasSameNameTwice && !x509.IsSelfSigned) { return "The certificate names itself as its issuer, but its key did not sign it."; }
                continue;
            }

            var issuer = chain[i + 1];
            if (!issuer.IsCA) { return $"The chain's certificate number {i + 2} is not a CA."; }
            if (!Signatures.IsAcceptable(x509.SignatureAlgorithm)) { return $"The chain's certificate number {i + 1} is signed with an algorithm below SHA-256."; }
            if (!x509.IsSignedBy(issuer)) { return $"The chain is broken: certificate number {i + 1} was not signed by number {i + 2}."; }
            if (x509.AuthorityKeyId is { } aki && issuer.SubjectKeyId is { } ski && !aki.AsSpan().SequenceEqual(ski))
            {
                return $"The chain is broken: the authority key id of certificate number {i + 1} is not the subject key id of number {i + 2}.";
            }
        }

        return null;
    }

    private static string? SerialProblem(DerCertificate x509) =>
        x509.SerialNumber.Span is [0] or [>= 0x80, ..] or { Length: > 20 }
            ? "A serial number is not positive, or longer than 20 octets (RFC 5280 §4.1.2.2)."
            : null;

    private static string? DateProblem(DerCertificate x509, DateTimeOffset now)
    {
        if (x509.NotBefore > now + ClockSkew) { return $"\"{x509.CommonName}\" is not valid before {x509.NotBefore:u}."; }

        return x509.NotAfter <= now ? $"\"{x509.CommonName}\" expired at {x509.NotAfter:u}." : null;
    }

    private static string List(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal).Take(10));
}
