using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.Core.Pki.Trust;

/// <summary>One certificate on its way into a bundle. Two are equal when their bytes are.</summary>
public sealed class CaCertificate : IEquatable<CaCertificate>
{
    private const int ShortHexLength = 8;

    private readonly DerCertificate _x509;
    private readonly Lazy<bool> _isSelfSigned;

    internal CaCertificate(DerCertificate x509)
    {
        _x509 = x509;
        _isSelfSigned = new(() => x509.IsSelfSigned);
        Der = x509.Der.ToArray();
        Thumbprint = Convert.ToHexStringLower(SHA256.HashData(Der));
        KeyHash = x509.KeyHash;
        SubjectHash = DistinguishedNames.Hash(x509.Subject.Span);
        Subject = SubjectText.Of(x509.Subject);
    }

    public byte[] Der { get; }

    /// <summary>SHA-256 of the certificate, lower-case hex.</summary>
    public string Thumbprint { get; }

    /// <summary>SHA-256 of SubjectPublicKeyInfo, lower-case hex.</summary>
    public string KeyHash { get; }

    /// <summary>SHA-256 of the DER subject, lower-case hex.</summary>
    public string SubjectHash { get; }

    /// <summary>For people; cut when long.</summary>
    public string Subject { get; }

    public DateTimeOffset NotBefore => _x509.NotBefore;

    public DateTimeOffset NotAfter => _x509.NotAfter;

    /// <summary>Issued to its own name, and its own key made the signature. Checked at the first question.</summary>
    public bool IsSelfSigned => _isSelfSigned.Value;

    /// <summary>By basic constraints; a self-signed certificate of version 1, which has none, counts as one, as verifiers do.</summary>
    public bool IsCA => _x509.IsCA || (_x509.Version == 1 && IsSelfSigned);

    /// <summary>For messages: the subject and the beginning of the thumbprint.</summary>
    public string Name => $"\"{Subject}\" (SHA-256 {Thumbprint[..ShortHexLength]}…)";

    /// <summary>What it is called inside of a keystore, as trust-manager does it (semantics §8.2).</summary>
    public string Alias => $"{Thumbprint[..ShortHexLength]}|{Subject}".ToLowerInvariant();

    /// <summary>Throws <see cref="FormatException"/> when the bytes are no certificate, or more than 36,500.</summary>
    public static CaCertificate Read(byte[] der) => new(DerCertificate.Read(der));

    /// <summary>Null when clients may be given it as a trust anchor, otherwise a sentence that names it.</summary>
    /// <param name="now">Null: its dates do not count. One that is not valid yet may be published ahead.</param>
    public string? WhyNotAnchor(DateTimeOffset? now = null)
    {
        if (!IsCA) { return $"{Name} is not a CA certificate."; }

        // OpenSSL and .NET do not end a chain at an intermediate, and an expired one beside the root breaks what is served (ca-rotation 1, 6).
        if (!IsSelfSigned) { return $"{Name} is not self-signed: an intermediate is no trust anchor. Publish its root."; }
        if (_x509.KeyUsage is { } usage && !usage.HasFlag(X509KeyUsageFlags.KeyCertSign)) { return $"{Name} may not sign certificates: its key usage lacks \"cert sign\"."; }
        return now > NotAfter ? $"{Name} expired on {NotAfter:yyyy-MM-dd}." : null;
    }

    public bool Equals(CaCertificate? other) => other?.Thumbprint == Thumbprint;

    public override bool Equals(object? obj) => Equals(obj as CaCertificate);

    public override int GetHashCode() => Thumbprint.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Name;
}
