using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>Which key a Certificate gets, read from a spec that leaves things out.</summary>
public static class KeyDefaults
{
    public const string Rsa = "RSA";

    public const string Ecdsa = "ECDSA";

    /// <summary>Only in CSRs of users: Key Vault holds no such key.</summary>
    public const string Ed25519 = "Ed25519";

    /// <summary>RSA unless told otherwise; 2048 bits for RSA and P-256 for ECDSA.</summary>
    public static (string Algorithm, int SizeInBits) Of(CertificateSpec spec)
    {
        var algorithm = string.IsNullOrEmpty(spec.PrivateKey?.Algorithm) ? Rsa : spec.PrivateKey.Algorithm;
        var size = spec.PrivateKey?.Size is { } told and not 0 ? told : algorithm == Rsa ? 2048 : 256;
        return (algorithm, size);
    }

    /// <summary>True when renewal uses the same key: <c>Never</c>, or a CA that was not told <c>Always</c> (a deliberate difference, design §5).</summary>
    public static bool KeepsKey(CertificateSpec spec) => spec.PrivateKey?.RotationPolicy switch
    {
        "Never" => true,
        "Always" => false,
        _ => spec.IsCA ?? false,
    };
}
