using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using CertFunctions.LocalVault.Secrets;
using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Certificates;

/// <summary>A new version of a certificate with the secret behind it and its policy: what an import or a merge stores at once.</summary>
internal sealed record StoredVersion(CertificateRow Certificate, SecretRow Secret, CertificatePolicyBody Policy)
{
    public static StoredVersion Of(
        ImportedCertificate brought, CertificatePolicyBody policy, string vault, string name, string version, long now,
        bool enabled, string? tags, bool? preserveOrder, ValueCipher cipher)
    {
        var contentType = policy.Secret!.ContentType!;
        var value = contentType == ImportReader.Pem ? brought.ToPem() : Convert.ToBase64String(brought.ToPfx());
        Rules.CheckValue(value);

        var leaf = brought.Leaf;
        var row = new CertificateRow(name, version, enabled, Unix(leaf.NotBefore), Unix(leaf.NotAfter), now, now, tags, leaf.RawData,
            Base64Url.EncodeToString(leaf.GetCertHash(HashAlgorithmName.SHA1)), preserveOrder);
        var secret = new SecretRow(name, version, enabled, row.NotBefore, row.Expires, now, now, tags, contentType, Managed: true,
            cipher.Encrypt(value, SecretStore.Place(vault, version)));
        return new StoredVersion(row, secret, policy);
    }

    public void Insert(VaultConnection db, string vault)
    {
        Certificate.Insert(db, vault);
        Secret.Insert(db, vault);
        PolicyRow.Write(db, vault, Certificate.Name, Policy);
    }

    private static long Unix(DateTime local) => new DateTimeOffset(local.ToUniversalTime()).ToUnixTimeSeconds();
}

/// <summary>The one policy of a certificate, whatever the version.</summary>
internal static class PolicyRow
{
    public static CertificatePolicyBody? Find(VaultConnection db, string vault, string name) =>
        db.Query("SELECT policy FROM policy WHERE vault=$0 AND name=$1", row => row.GetString(0), vault, name)
            .Select(json => JsonSerializer.Deserialize(json, WireJson.Default.CertificatePolicyBody)).FirstOrDefault();

    public static void Write(VaultConnection db, string vault, string name, CertificatePolicyBody policy) => db.Execute(
        "INSERT INTO policy (vault, name, policy) VALUES ($0,$1,$2) ON CONFLICT (vault, name) DO UPDATE SET policy=excluded.policy",
        vault, name, JsonSerializer.Serialize(policy, WireJson.Default.CertificatePolicyBody));
}
