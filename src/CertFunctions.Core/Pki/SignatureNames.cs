using System.Security.Cryptography;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>cert-manager's names for signature algorithms. They say how a CSR is signed; whoever signs a certificate goes by its own key.</summary>
internal static class SignatureNames
{
    /// <summary>Those that a key of this algorithm can make.</summary>
    public static IReadOnlyList<string> For(string keyAlgorithm) => keyAlgorithm == KeyDefaults.Ecdsa
        ? ["ECDSAWithSHA256", "ECDSAWithSHA384", "ECDSAWithSHA512"]
        : ["SHA256WithRSA", "SHA384WithRSA", "SHA512WithRSA"];

    /// <summary>The hash that the spec names, else the one that fits the key.</summary>
    public static HashAlgorithmName Hash(CertificateSpec spec, PrivateKey key) => spec.SignatureAlgorithm switch
    {
        "SHA256WithRSA" or "ECDSAWithSHA256" => HashAlgorithmName.SHA256,
        "SHA384WithRSA" or "ECDSAWithSHA384" => HashAlgorithmName.SHA384,
        "SHA512WithRSA" or "ECDSAWithSHA512" => HashAlgorithmName.SHA512,
        _ => key.Hash,
    };
}
