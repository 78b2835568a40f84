using System.Text.Json;

namespace CertFunctions.LocalVault.Certificates;

/// <summary>Decides which policy an import is stored with, and refuses what Key Vault refuses: its default policy is RSA, so EC must be named.</summary>
internal static class ImportPolicy
{
    public static CertificatePolicyBody Decide(CertificatePolicyBody? given, ImportedCertificate certificate)
    {
        if (given is not null) { PolicyRules.Check(given); }

        var type = given?.Key?.KeyType ?? "RSA";
        if (type != certificate.KeyType)
        {
            throw VaultException.BadParameter($"The key type of the certificate ({certificate.KeyType}) does not match the policy's ({type}).");
        }

        if (certificate.Curve is not null && given?.Key?.Curve != certificate.Curve)
        {
            throw VaultException.BadParameter($"The curve of the certificate ({certificate.Curve}) does not match the policy's ({given?.Key?.Curve ?? "none"}).");
        }

        if (certificate.SizeInBits is { } size && given?.Key?.SizeInBits is { } asked && asked != size)
        {
            throw VaultException.BadParameter($"The key size of the certificate ({size}) does not match the policy's ({asked}).");
        }

        return (given ?? new CertificatePolicyBody()) with
        {
            Key = new KeyProperties
            {
                KeyType = certificate.KeyType,
                SizeInBits = certificate.SizeInBits,
                Curve = certificate.Curve,
                ReuseKey = given?.Key?.ReuseKey ?? false,
                Exportable = given?.Key?.Exportable ?? true,
            },
            Secret = new SecretProperties(given?.Secret?.ContentType ?? ImportReader.Pkcs12),
            X509 = given?.X509 ?? JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["subject"] = certificate.Leaf.Subject }, WireJson.Default.DictionaryStringString),
            Issuer = given?.Issuer ?? Unknown,
        };
    }

    private static readonly JsonElement Unknown = JsonElement.Parse("""{"name":"Unknown"}""");
}
