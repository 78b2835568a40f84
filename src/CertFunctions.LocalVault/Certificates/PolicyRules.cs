using System.Text.Json;

namespace CertFunctions.LocalVault.Certificates;

/// <summary>What Key Vault takes as a certificate policy, and what it fills in.</summary>
internal static class PolicyRules
{
    private static readonly JsonElement Unknown = JsonElement.Parse("""{"name":"Unknown"}""");
    private static readonly string[] DefaultUsages = ["digitalSignature", "keyEncipherment"];
    private static readonly string[] DefaultEnhancedUsages = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

    /// <summary>Refuses what no operation takes, whatever the rest of the policy.</summary>
    public static void Check(CertificatePolicyBody policy)
    {
        if (policy.Key is { KeyType: { } type } && type is not ("RSA" or "EC"))
        {
            throw type is "RSA-HSM" or "EC-HSM"
                ? VaultException.NotSupported("The local vault has no HSM.")
                : VaultException.BadParameter($"The policy's key type {type} is not supported.");
        }

        if (policy.Key is { SizeInBits: { } size, KeyType: not "EC" } && size is not (2048 or 3072 or 4096)) { throw VaultException.BadParameter($"The key size {size} is not supported: 2048, 3072 and 4096 are."); }
        if (policy.Key?.Curve is { } curve && curve is not ("P-256" or "P-384" or "P-521")) { throw VaultException.BadParameter($"The curve {curve} is not supported: P-256, P-384 and P-521 are."); }
        if (policy.Secret?.ContentType is { } contentType and not (ImportReader.Pkcs12 or ImportReader.Pem)) { throw VaultException.BadParameter($"The content type {contentType} is not supported."); }

        // What Azure gives for the secret of such a certificate was not verified: better no answer than a wrong one.
        if (policy.Key?.Exportable is false) { throw VaultException.NotSupported("The local vault keeps no key that cannot be exported."); }

        if (policy.Key?.KeyType == "EC" && (SubjectOf(policy).Usages ?? [.. DefaultUsages]).Contains("keyEncipherment"))
        {
            throw VaultException.BadParameter("An EC key cannot do keyEncipherment, which is part of the default key_usage: name the usages.");
        }
    }

    /// <summary>A partial policy: read as far as that can be done without the rest, before a write is begun.</summary>
    public static CertificatePolicyBody Read(CertificatePolicyBody given)
    {
        SubjectOf(given);
        return given;
    }

    public static CertificatePolicyBody Update(CertificatePolicyBody old, CertificatePolicyBody given)
    {
        var changed = old with
        {
            Key = given.Key ?? old.Key,
            Secret = given.Secret ?? old.Secret,
            X509 = given.X509 ?? old.X509,
            Issuer = given.Issuer ?? old.Issuer,
            LifetimeActions = given.LifetimeActions ?? old.LifetimeActions,
        };
        Check(changed);
        return changed;
    }

    /// <summary>The policy a certificate is made by: everything said that was left to the service.</summary>
    public static CertificatePolicyBody ToCreate(CertificatePolicyBody? given)
    {
        var policy = given ?? throw VaultException.BadParameter("The request body has no policy.");
        Check(policy);
        if (policy.IssuerName is { } issuer && issuer != "Unknown")
        {
            throw VaultException.NotSupported($"The local vault issues no certificates itself: the issuer is Unknown, not {issuer}.");
        }

        if (policy.Key?.ReuseKey is true) { throw VaultException.NotSupported("The local vault makes a new key for every certificate."); }

        var subject = SubjectOf(policy);
        if (string.IsNullOrEmpty(subject.Name) && subject.Names is null) { throw VaultException.BadParameter("x509_props must have a subject or sans."); }

        var isEc = policy.Key?.KeyType == "EC";
        return policy with
        {
            Key = new KeyProperties
            {
                KeyType = isEc ? "EC" : "RSA",
                SizeInBits = isEc ? null : policy.Key?.SizeInBits ?? 2048,
                Curve = isEc ? policy.Key?.Curve ?? "P-256" : null,
                ReuseKey = false,
                Exportable = true,
            },
            Secret = new SecretProperties(policy.Secret?.ContentType ?? ImportReader.Pkcs12),
            X509 = JsonSerializer.SerializeToElement(
                subject with { Usages = subject.Usages ?? [.. DefaultUsages], EnhancedUsages = subject.EnhancedUsages ?? [.. DefaultEnhancedUsages] }, WireJson.Default.Subject),
            Issuer = Unknown,
        };
    }

    public static Subject SubjectOf(CertificatePolicyBody policy) =>
        policy.X509 is { ValueKind: JsonValueKind.Object } given ? given.Deserialize(WireJson.Default.Subject)! : new Subject();
}
