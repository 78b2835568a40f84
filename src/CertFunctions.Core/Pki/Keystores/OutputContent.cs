using System.Security.Cryptography;
using System.Text;
using CertFunctions.Core.Ports;

namespace CertFunctions.Core.Pki.Keystores;

/// <summary>What outputs are made of: the key pair and chain that the vault holds, and the CA where it is known.</summary>
/// <param name="Chain">DER, leaf first.</param>
/// <param name="Ca">DER; empty: not known.</param>
public sealed record OutputSource(PrivateKey Key, IReadOnlyList<byte[]> Chain, IReadOnlyList<byte[]> Ca);

/// <summary>How one output is written.</summary>
/// <param name="Encoding"><c>privateKey.encoding</c>; null: PKCS1.</param>
/// <param name="Password">Of keystores; empty for everything else.</param>
public sealed record OutputStyle(string? Encoding, string Alias, Pkcs12Profile Profile, SecretText Password);

/// <summary>The text of each output as it goes into a vault secret: PEM as it is, everything binary in base64 (cert-manager semantics §7.4, §7.5).</summary>
public static class OutputContent
{
    /// <param name="type">As cert-manager names the entry of its secret, e.g. <c>keystore.p12</c>.</param>
    public static SecretText Write(string type, OutputSource source, OutputStyle style, DateTimeOffset now)
    {
        var password = style.Password.Reveal();
        var octets = type switch
        {
            "tls.crt" => Pem.WriteCertificates(source.Chain).ToArray(),
            "tls.key" => KeyEncoding.Pem(source.Key, style.Encoding),
            "ca.crt" => Pem.WriteCertificates(source.Ca).ToArray(),
            "tls-combined.pem" => [.. KeyEncoding.Pem(source.Key, style.Encoding), (byte)'\n', .. Pem.WriteCertificates(source.Chain).Span],
            "key.der" => KeyEncoding.Der(source.Key, style.Encoding),
            "keystore.jks" => JavaKeystore.KeyStore(source.Key, source.Chain, source.Ca, style.Alias, password, now),
            "truststore.jks" => JavaKeystore.TrustStore(source.Ca, password, now),
            "keystore.p12" => Pkcs12File.KeyStore(source.Key, source.Chain, source.Ca, style.Profile, password),
            "truststore.p12" => Pkcs12File.TrustStore(source.Ca, style.Profile, password),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No output of this type."),
        };

        var text = IsBinary(type) ? Convert.ToBase64String(octets) : Encoding.ASCII.GetString(octets);
        CryptographicOperations.ZeroMemory(octets);
        return new SecretText(text);
    }

    public static bool IsBinary(string type) => type is "key.der" or "keystore.jks" or "truststore.jks" or "keystore.p12" or "truststore.p12";

    /// <summary>The media type of the content before base64; shown in the vault.</summary>
    public static string ContentType(string type) => type switch
    {
        "keystore.p12" or "truststore.p12" => "application/x-pkcs12",
        "keystore.jks" or "truststore.jks" => "application/x-java-keystore",
        "key.der" => "application/octet-stream",
        _ => "application/x-pem-file",
    };
}
