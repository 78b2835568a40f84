using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.LocalVault.Certificates;

/// <summary>Key Vault's own CSR, quirks included: it carries key usage, enhanced key usage and basic constraints (azure-and-acme-facts.md §1, 7 and 8).</summary>
internal static class SigningRequest
{
    /// <param name="policy">Complete, as <see cref="PolicyRules.ToCreate"/> makes it.</param>
    public static (byte[] Pkcs8, byte[] Csr) Make(CertificatePolicyBody policy)
    {
        var subject = PolicyRules.SubjectOf(policy);
        using AsymmetricAlgorithm key = policy.Key!.KeyType == "EC" ? ECDsa.Create(Curve(policy.Key.Curve!)) : RSA.Create(policy.Key.SizeInBits!.Value);
        try
        {
            var name = new X500DistinguishedName(subject.Name ?? "");
            var request = key is ECDsa ec
                ? new CertificateRequest(name, ec, HashAlgorithmName.SHA256)
                : new CertificateRequest(name, (RSA)key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            request.CertificateExtensions.Add(new X509KeyUsageExtension(Usages(subject.Usages!), critical: true));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. subject.EnhancedUsages!.Select(oid => new Oid(oid))], critical: false));
            if (Names(subject.Names) is { } names) { request.CertificateExtensions.Add(names); }
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(subject.BasicConstraints?.IsCa ?? false, hasPathLengthConstraint: false, 0, critical: false));
            return (key.ExportPkcs8PrivateKey(), request.CreateSigningRequest());
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw VaultException.BadParameter("x509_props cannot be written into a CSR: a name, an OID or a usage is none.");
        }
    }

    private static ECCurve Curve(string name) => name switch
    {
        "P-384" => ECCurve.NamedCurves.nistP384,
        "P-521" => ECCurve.NamedCurves.nistP521,
        _ => ECCurve.NamedCurves.nistP256,
    };

    private static X509Extension? Names(SubjectAlternativeNames? given)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in given?.DnsNames ?? []) { builder.AddDnsName(name); }
        foreach (var name in given?.Emails ?? []) { builder.AddEmailAddress(name); }
        foreach (var name in given?.UserPrincipalNames ?? []) { builder.AddUserPrincipalName(name); }
        return (given?.DnsNames?.Count ?? 0) + (given?.Emails?.Count ?? 0) + (given?.UserPrincipalNames?.Count ?? 0) > 0 ? builder.Build() : null;
    }

    private static X509KeyUsageFlags Usages(List<string> names) => names.Aggregate(X509KeyUsageFlags.None, (all, name) => all | name switch
    {
        "digitalSignature" => X509KeyUsageFlags.DigitalSignature,
        "nonRepudiation" => X509KeyUsageFlags.NonRepudiation,
        "keyEncipherment" => X509KeyUsageFlags.KeyEncipherment,
        "dataEncipherment" => X509KeyUsageFlags.DataEncipherment,
        "keyAgreement" => X509KeyUsageFlags.KeyAgreement,
        "keyCertSign" => X509KeyUsageFlags.KeyCertSign,
        "cRLSign" => X509KeyUsageFlags.CrlSign,
        "encipherOnly" => X509KeyUsageFlags.EncipherOnly,
        "decipherOnly" => X509KeyUsageFlags.DecipherOnly,
        _ => throw new ArgumentException(name, nameof(names)),
    });
}
