using System.Text;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Acme;

/// <summary>Reads an issuer's <c>caBundle</c>: PEM in base64.</summary>
public static class AcmeTrust
{
    /// <returns>DER of each certificate; null with a problem when there is none.</returns>
    public static IReadOnlyList<byte[]>? TryRead(string caBundle, out string? problem)
    {
        try
        {
            problem = "must hold a PEM certificate, all of it in base64";
            var found = Pem.ReadCertificates(Convert.FromBase64String(caBundle), Pem.MaxBundleBytes);
            if (found.Count == 0) { return null; }

            problem = null;
            return found;
        }
        catch (FormatException unreadable)
        {
            problem = $"must hold PEM certificates, all of it in base64: {unreadable.Message}";
            return null;
        }
    }

    /// <summary>The bundle as PEM text; null when it is not set or cannot be read.</summary>
    public static string? ToPem(string? caBundle) =>
        !string.IsNullOrEmpty(caBundle) && TryRead(caBundle, out _) is { } found ? Encoding.ASCII.GetString(Pem.WriteCertificates(found).Span) : null;
}
