using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>What was found where an issuer's CA should be: a usable signer, or why there is none. Public facts only, so it may travel through history.</summary>
/// <param name="Reason">The Ready condition's reason when <paramref name="Signer"/> is null.</param>
public sealed record SignerCandidate(PinnedSigner? Signer, string? Reason, string? Problem)
{
    /// <summary>No CA certificate, or an unreadable one.</summary>
    public const string Missing = "ErrGetKeyPair";

    /// <summary>A certificate that may not sign.</summary>
    public const string Invalid = "ErrInvalidKeyPair";

    public static SignerCandidate NotFound(string problem) => new(null, Missing, problem);

    /// <summary>Reads a CA certificate and what is known of its chain.</summary>
    /// <param name="known">DER, in any order: intermediates and root as published when the certificate was stored; may be empty.</param>
    public static SignerCandidate Read(string vaultObject, string version, ReadOnlyMemory<byte> der, IEnumerable<byte[]> known, DateTimeOffset now)
    {
        if (DerCertificate.TryRead(der, out var unreadable) is not { } x509) { return NotFound($"The CA certificate cannot be read. {unreadable}"); }
        if (!x509.IsCA) { return Refused("The certificate is not a CA (its Certificate needs isCA: true)."); }
        if (x509.KeyUsage is { } usage && !usage.HasFlag(X509KeyUsageFlags.KeyCertSign))
        {
            return Refused("The CA certificate may not sign certificates: its key usage lacks \"cert sign\".");
        }

        if (x509.NotBefore > now) { return Refused($"The CA certificate is not valid before {x509.NotBefore:u}."); }

        var facts = X509Facts.Read(der);
        var root = Chains.Build(known.Prepend(der.ToArray())).Root;
        var rootFacts = root is null ? null : X509Facts.Read(root);
        var signer = new PinnedSigner
        {
            Object = vaultObject,
            Version = version,
            Thumbprint = facts.Thumbprint,
            KeyHash = facts.KeyHash,
            SubjectHash = facts.SubjectHash,
            SubjectKeyId = facts.SubjectKeyId,
            RootKeyHash = rootFacts?.KeyHash,
            RootIdentity = rootFacts is null ? null : $"{rootFacts.SubjectHash}/{rootFacts.SubjectKeyId}",
            RootThumbprint = rootFacts?.Thumbprint,
            SerialNumber = facts.SerialNumber,
            PathLength = facts.PathLength,
            NotAfter = facts.NotAfter,
        };
        return new SignerCandidate(signer, null, null);
    }

    private static SignerCandidate Refused(string problem) => new(null, Invalid, problem);
}
