using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.AwkwardCa;

/// <summary>From a CSR to a certificate in Let's Encrypt's shape, or in one that is wrong on purpose.</summary>
internal sealed class Issuance(CaBook book, Awkwardness awkward, Authority authority)
{
    public IssuedCertificate Issue(CaOrder order, CertificateRequest csr)
    {
        var flaw = awkward.Certificate;
        var profile = Profile.Of(order.Profile);
        var names = Names(order, flaw);
        var now = DateTimeOffset.FromUnixTimeSeconds(book.Now.ToUnixTimeSeconds());
        var notBefore = now.AddHours(-1);
        var notAfter = flaw.HasFlag(CertificateFlaw.Expired) ? now.AddMinutes(-1) : awkward.Lifetime is { } life ? now + life : order.NotAfter ?? notBefore + profile.Life - TimeSpan.FromSeconds(1);
        byte[] serial = [(byte)(RandomNumberGenerator.GetInt32(2) == 0 ? 0x05 : 0x86), .. RandomNumberGenerator.GetBytes(17)];
        if (serial[0] == 0x86) { serial = [0, .. serial]; }   // RFC 9773 §4.1: the leading zero belongs to the id

        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = flaw.HasFlag(CertificateFlaw.OtherKey) ? new PublicKey(otherKey) : csr.PublicKey;
        var request = new CertificateRequest(new X500DistinguishedName(Subject(names, profile, flaw)), key, HashAlgorithmName.SHA256);
        Shape(request, names, profile, flaw);
        var (leaf, intermediate) = authority.Sign(request, notBefore, notAfter, serial);
        using var _ = leaf;

        var renewalId = $"{CaBook.Base64Url(KeyId(leaf))}.{CaBook.Base64Url(serial)}";
        return new IssuedCertificate(leaf.SerialNumber.ToLowerInvariant(), renewalId, order.Account, order.Identifiers, notBefore, notAfter, leaf.RawData, intermediate);
    }

    /// <returns>DER, in the order they are sent.</returns>
    public IReadOnlyList<byte[]> Chain(IssuedCertificate certificate, bool isAlternate)
    {
        var leaf = certificate.Leaf;
        var intermediate = authority.Intermediate(certificate.Intermediate).RawData;
        if (isAlternate) { return [leaf, intermediate, authority.Cross.RawData]; }

        return awkward.Chain switch
        {
            ChainFlaw.Reordered => [authority.Root.RawData, intermediate, leaf],
            ChainFlaw.Duplicated => [leaf, intermediate, intermediate, leaf],
            ChainFlaw.WithRoot => [leaf, intermediate, authority.Root.RawData],
            ChainFlaw.LeafOnly => [leaf],
            ChainFlaw.Stray => [leaf, intermediate, authority.Stray.RawData],
            _ => [leaf, intermediate],
        };
    }

    private static IReadOnlyList<CaIdentifier> Names(CaOrder order, CertificateFlaw flaw)
    {
        IEnumerable<CaIdentifier> names = order.Identifiers;
        if (flaw.HasFlag(CertificateFlaw.MissingName)) { names = names.SkipLast(1); }
        if (flaw.HasFlag(CertificateFlaw.ExtraName)) { names = names.Append(new CaIdentifier("dns", "extra.test")); }
        if (flaw.HasFlag(CertificateFlaw.UpperCaseNames)) { names = names.Select(name => name with { Value = name.Value.ToUpperInvariant() }); }
        return [.. names];
    }

    private static string Subject(IReadOnlyList<CaIdentifier> names, Profile profile, CertificateFlaw flaw)
    {
        var first = names.FirstOrDefault(name => name.Type == "dns" && name.Value.Length <= 64)?.Value;
        return flaw.HasFlag(CertificateFlaw.OtherCommonName) ? "CN=Somebody Else,O=Awkward"
            : profile.IsBare || flaw.HasFlag(CertificateFlaw.NoCommonName) || first is null ? "" : $"CN={first}";
    }

    private static void Shape(CertificateRequest request, IReadOnlyList<CaIdentifier> names, Profile profile, CertificateFlaw flaw)
    {
        var isRsa = request.PublicKey.Oid.Value == "1.2.840.113549.1.1.1";
        var isOther = flaw.HasFlag(CertificateFlaw.OtherUsages);
        var usage = isOther ? X509KeyUsageFlags.KeyAgreement | X509KeyUsageFlags.DigitalSignature
            : isRsa && !profile.IsBare ? X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment : X509KeyUsageFlags.DigitalSignature;
        var extensions = request.CertificateExtensions;
        extensions.Add(new X509KeyUsageExtension(usage, critical: true));
        extensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), .. isOther ? [new Oid("1.3.6.1.5.5.7.3.2"), new Oid("1.3.6.1.5.5.7.3.4")] : (Oid[])[]], critical: false));
        extensions.Add(new X509BasicConstraintsExtension(flaw.HasFlag(CertificateFlaw.IsCa), hasPathLengthConstraint: false, 0, critical: true));
        if (!profile.IsBare) { extensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false)); }
        extensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, ["http://e.ca.test/"], critical: false));
        extensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension(["http://e.crl.ca.test/7.crl"]));
        extensions.Add(Policies());
        extensions.Add(Authority.Timestamps());
        if (names.Count > 0) { extensions.Add(AlternativeNames(names, isCritical: request.SubjectName.Name.Length == 0)); }
    }

    private static X509Extension AlternativeNames(IReadOnlyList<CaIdentifier> names, bool isCritical)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (name.Type == "ip") { builder.AddIpAddress(System.Net.IPAddress.Parse(name.Value)); }
            else { builder.AddDnsName(name.Value); }
        }

        return builder.Build(isCritical);
    }

    /// <summary>Domain validated (CA/Browser Forum 2.23.140.1.2.1).</summary>
    private static X509Extension Policies()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence()) { writer.WriteObjectIdentifier("2.23.140.1.2.1"); }
        return new X509Extension("2.5.29.32", writer.Encode(), critical: false);
    }

    private static byte[] KeyId(X509Certificate2 leaf) => leaf.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single().KeyIdentifier!.Value.ToArray();
}
