using System.Security.Cryptography;
using System.Text;

namespace CertFunctions.Core.Policy;

/// <summary>Names the plain secrets that lie beside a certificate object: one for each entry that cert-manager would put into its Secret.</summary>
/// <remarks>
/// <c>{object}-tls-crt</c> and so on. No suffix ends with another, and <see cref="VaultNames.ObjectName"/> gives no Certificate a plain name that ends with one,
/// so two outputs, or an output and a certificate object, never meet.
/// </remarks>
public static class OutputNames
{
    private const int HashLength = 16;

    /// <summary>Every type of output, named as cert-manager names the entry, in the order in which they are written.</summary>
    public static IReadOnlyList<string> Types { get; } =
        ["tls.crt", "tls.key", "ca.crt", "tls-combined.pem", "key.der", "keystore.jks", "truststore.jks", "keystore.p12", "truststore.p12"];

    /// <summary>The secret's name. Where it would not fit, the object's name is cut and 64 bits of its hash stand for the rest.</summary>
    public static string Secret(string objectName, string type)
    {
        var suffix = Suffix(type);
        if (objectName.Length + suffix.Length <= VaultNames.MaxLength) { return objectName + suffix; }

        // Key Vault compares names without case.
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(objectName.ToLowerInvariant())))[..HashLength];
        return $"{objectName[..(VaultNames.MaxLength - suffix.Length - HashLength - 2)].TrimEnd('-')}--{hash}{suffix}";
    }

    internal static bool EndsLikeOne(string name) => Types.Any(type => name.EndsWith(Suffix(type), StringComparison.Ordinal));

    private static string Suffix(string type) => "-" + type.Replace('.', '-');
}
