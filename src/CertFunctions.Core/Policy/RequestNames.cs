using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CertFunctions.Core.Policy;

/// <summary>Names of the CertificateRequests made for a Certificate: <c>{name}-{revision}</c>.</summary>
public static class RequestNames
{
    private const int Longest = 233;
    private const int Kept = 168;

    /// <summary>A name that is too long is cut and completed with its SHA-256 (cert-manager, StableCertificateRequestName).</summary>
    public static string For(string certificateName, int revision) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix(certificateName)}{revision}");

    /// <summary>What all of them begin with; other Certificates' requests may begin so too.</summary>
    public static string Prefix(string certificateName)
    {
        if (certificateName.Length <= Longest) { return $"{certificateName}-"; }

        var cut = certificateName[..Kept].TrimEnd('-', '.');
        return $"{cut}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(certificateName)))}-";
    }
}
