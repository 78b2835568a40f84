using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>The key, and how it signs the CSR. Algorithms and sizes are those that Key Vault holds: not all of cert-manager's are among them.</summary>
internal static class KeyRules
{
    private const string Field = "spec.privateKey";
    private static readonly string[] Algorithms = [KeyDefaults.Rsa, KeyDefaults.Ecdsa];

    public static IEnumerable<Violation> Check(CertificateSpec spec)
    {
        var key = spec.PrivateKey ?? new PrivateKeySpec();
        return [.. Algorithm(key), .. Signature(spec), .. OneOf("encoding", key.Encoding, "PKCS1", "PKCS8"), .. OneOf("rotationPolicy", key.RotationPolicy, "Always", "Never")];
    }

    private static IEnumerable<Violation> Algorithm(PrivateKeySpec key)
    {
        var algorithm = string.IsNullOrEmpty(key.Algorithm) ? KeyDefaults.Rsa : key.Algorithm;
        if (!Algorithms.Contains(algorithm))
        {
            var why = algorithm == "Ed25519" ? "Key Vault holds no Ed25519 keys; keep the key yourself and post a CertificateRequest with a CSR of it" : null;
            yield return Violation.NotSupported($"{Field}.algorithm", algorithm, Algorithms, why);
            yield break;
        }

        int[] sizes = algorithm == KeyDefaults.Ecdsa ? [256, 384, 521] : [2048, 3072, 4096];
        if (key.Size is { } size and not 0 && !sizes.Contains(size))
        {
            yield return Violation.NotSupported($"{Field}.size", size, sizes.Cast<object>(), $"Key Vault holds {algorithm} keys of these sizes only");
        }
    }

    private static IEnumerable<Violation> Signature(CertificateSpec spec)
    {
        var (algorithm, _) = KeyDefaults.Of(spec);
        if (string.IsNullOrEmpty(spec.SignatureAlgorithm) || !Algorithms.Contains(algorithm)) { yield break; }

        var possible = SignatureNames.For(algorithm);
        if (!possible.Contains(spec.SignatureAlgorithm))
        {
            yield return Violation.NotSupported("spec.signatureAlgorithm", spec.SignatureAlgorithm, possible, $"these are what a key of the algorithm {algorithm} makes");
        }
    }

    private static IEnumerable<Violation> OneOf(string member, string? value, string one, string other)
    {
        if (!string.IsNullOrEmpty(value) && value != one && value != other) { yield return Violation.NotSupported($"{Field}.{member}", value, [one, other]); }
    }
}
