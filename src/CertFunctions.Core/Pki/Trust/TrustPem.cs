namespace CertFunctions.Core.Pki.Trust;

/// <summary>What a PEM text holds: all of it, or why none of it is taken.</summary>
public sealed record TrustRead(IReadOnlyList<CaCertificate> Certificates, string? Problem);

/// <summary>Reads CA certificates that others wrote, in time proportional to the size. One bad block spoils the text (semantics §8.2).</summary>
public static class TrustPem
{
    /// <summary>Largest source taken, in bytes.</summary>
    public const int MaxSourceBytes = 1 << 20;

    public const int MaxCertificates = 3000;

    private const string PrivateKey = "PRIVATE KEY";

    /// <summary>Text outside of blocks is dropped; text without any block holds nothing, which is no problem. Whether a certificate may be an anchor is asked later.</summary>
    public static TrustRead Read(ReadOnlyMemory<byte> pem, int maxBytes = MaxSourceBytes)
    {
        try
        {
            var blocks = Pem.ReadBlocks(WithoutMark(pem), maxBytes, Refusal, MaxCertificates);
            var certificates = new List<CaCertificate>(blocks.Count);
            foreach (var (_, der) in blocks)
            {
                if (DerCertificate.TryRead(der, out var problem) is not { } x509) { return Refused($"Its certificate {certificates.Count + 1} cannot be read. {problem}"); }
                certificates.Add(new CaCertificate(x509));
            }

            return new TrustRead(certificates, null);
        }
        catch (FormatException bad) { return Refused(bad.Message); }
    }

    private static TrustRead Refused(string problem) => new([], problem);

    private static string? Refusal(string label) => label switch
    {
        "CERTIFICATE" => null,
        _ when label.Contains(PrivateKey, StringComparison.OrdinalIgnoreCase) => $"It holds a private key (\"{label}\"), which belongs in no bundle.",
        _ => $"It holds a block \"{label}\" where only certificates belong.",
    };

    // Editors put a byte order mark before the first line, which would then not be seen as the begin of a block.
    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> pem) => pem.Span.StartsWith("\uFEFF"u8) ? pem["\uFEFF"u8.Length..] : pem;
}
