using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Which outputs a Certificate asks for, and what each one depends on.</summary>
public static class OutputWishes
{
    public static bool Any(Certificate certificate) => Types(certificate).Count > 0;

    /// <summary>In the order of <see cref="OutputNames.Types"/>. Those of <see cref="NeedsCa"/> are made only where the CA is known, as cert-manager does.</summary>
    public static IReadOnlyList<string> Types(Certificate certificate)
    {
        var spec = certificate.Spec;
        var wanted = new HashSet<string>();
        if (certificate.Metadata.Annotations?.Find(Annotations.PemSecrets) == "true") { wanted.UnionWith(["tls.crt", "tls.key", "ca.crt"]); }
        foreach (var format in spec.AdditionalOutputFormats ?? []) { wanted.Add(format.Type == "DER" ? "key.der" : "tls-combined.pem"); }
        if (spec.Keystores?.Jks is { Create: true }) { wanted.UnionWith(["keystore.jks", "truststore.jks"]); }
        if (spec.Keystores?.Pkcs12 is { Create: true }) { wanted.UnionWith(["keystore.p12", "truststore.p12"]); }

        return [.. OutputNames.Types.Where(wanted.Contains)];
    }

    public static bool NeedsCa(string type) => type is "ca.crt" or "truststore.jks" or "truststore.p12";

    /// <summary>Inline and referred-to password of the keystore that an output belongs to; null for outputs without one.</summary>
    public static (string? Inline, SecretKeyRef? Reference)? Password(CertificateSpec spec, string type) => Path.GetExtension(type) switch
    {
        ".jks" => (spec.Keystores?.Jks?.Password, spec.Keystores?.Jks?.PasswordSecretRef),
        ".p12" => (spec.Keystores?.Pkcs12?.Password, spec.Keystores?.Pkcs12?.PasswordSecretRef),
        _ => null,
    };

    /// <summary>What an output is made from, as one hash: goes onto the secret as a tag, so that a listing shows what is outdated. Holds nothing of a key or password.</summary>
    /// <param name="sourceVersion">Vault version of the certificate object.</param>
    /// <param name="ca">The CA certificates, DER.</param>
    /// <param name="password">Stands for the keystore's password: the version of the secret it comes from; null: the password is in the spec.</param>
    public static string Digest(Certificate certificate, string type, string sourceVersion, IEnumerable<byte[]> ca, string? password)
    {
        var spec = certificate.Spec;
        var parts = new List<string> { "1", type, sourceVersion };
        if (type is "tls.key" or "tls-combined.pem" or "key.der") { parts.Add(spec.PrivateKey?.Encoding == "PKCS8" ? "PKCS8" : "PKCS1"); }
        if (type is "keystore.jks") { parts.Add(spec.Keystores!.Jks!.AliasOrDefault()); }
        if (Path.GetExtension(type) == ".p12") { parts.Add(spec.Keystores!.Pkcs12!.ProfileOrDefault()); }
        if (NeedsCa(type) || type is "keystore.jks" or "keystore.p12") { parts.AddRange(ca.Select(der => Convert.ToHexStringLower(SHA256.HashData(der)))); }

        // A hash of a password in clear text would help to guess it: any change of the spec counts as a change of it.
        if (Password(spec, type) is not null) { parts.Add(password ?? certificate.Metadata.Generation.ToString(CultureInfo.InvariantCulture)); }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))))[..32];
    }
}
