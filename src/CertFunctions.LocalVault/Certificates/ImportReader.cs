using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;

namespace CertFunctions.LocalVault.Certificates;

/// <summary>Reads what an import sends: a base64 PFX, or raw PEM when the policy names that content type. Says why a body is refused, never what it held.</summary>
internal static class ImportReader
{
    public const string Pkcs12 = "application/x-pkcs12";
    public const string Pem = "application/x-pem-file";
    private const int LongestPem = 95_000;

    public static ImportedCertificate Read(WriteBody body)
    {
        var value = body.Value ?? throw VaultException.BadParameter("The request body has no value.");
        var keepOrder = body.PreserveCertOrder ?? false;
        try
        {
            return body.Policy?.Secret?.ContentType == Pem
                ? ReadPem(value, keepOrder)
                : ReadPfx(Convert.FromBase64String(value), body.Password ?? string.Empty, keepOrder);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException or System.Formats.Asn1.AsnContentException or PlatformNotSupportedException)
        {
            throw VaultException.BadParameter("The certificate could not be read: it is damaged, or the password is wrong.");
        }
    }

    private static ImportedCertificate ReadPfx(byte[] pfx, string password, bool keepOrder)
    {
        var info = Pkcs12Info.Decode(pfx, out _);
        if (info.IntegrityMode != Pkcs12IntegrityMode.Password) { throw new CryptographicException(); }

        // No password and an empty one derive different keys; .NET exports with the former, openssl with the latter.
        string? effective = info.VerifyMac(password) ? password : password.Length == 0 && info.VerifyMac(null) ? null : throw new CryptographicException();

        byte[]? key = null;
        var chain = new List<ReadOnlyMemory<byte>>();
        foreach (var contents in info.AuthenticatedSafe)
        {
            if (contents.ConfidentialityMode == Pkcs12ConfidentialityMode.Password)
            {
                contents.Decrypt(effective);
            }

            foreach (var bag in contents.GetBags())
            {
                switch (bag)
                {
                    case Pkcs12CertBag { IsX509Certificate: true } certificate:
                        chain.Add(System.Formats.Asn1.AsnDecoder.ReadOctetString(
                            certificate.EncodedCertificate.Span, System.Formats.Asn1.AsnEncodingRules.BER, out _));
                        break;
                    case Pkcs12ShroudedKeyBag shrouded:
                        key = OneKey(key, Pkcs8PrivateKeyInfo.DecryptAndDecode(effective, shrouded.EncryptedPkcs8PrivateKey, out _).Encode());
                        break;
                    case Pkcs12KeyBag plain:
                        key = OneKey(key, plain.Pkcs8PrivateKey.ToArray());
                        break;
                }
            }
        }

        return Build(key, chain, keepOrder);
    }

    private static ImportedCertificate ReadPem(string pem, bool keepOrder)
    {
        // PemEncoding is quadratic in unclosed headers (security.md 1).
        if (pem.Length > LongestPem)
        {
            throw VaultException.BadParameter("The PEM is too large.");
        }

        byte[]? key = null;
        var chain = new List<ReadOnlyMemory<byte>>();
        for (var rest = pem.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            var content = Convert.FromBase64String(rest[fields.Base64Data].ToString());
            if (rest[fields.Label] is "CERTIFICATE")
            {
                chain.Add(content);
            }
            else if (rest[fields.Label] is "PRIVATE KEY")
            {
                key = OneKey(key, content);
            }
        }

        return Build(key, chain, keepOrder);
    }

    private static byte[] OneKey(byte[]? already, byte[] key) =>
        already is null ? key : throw VaultException.BadParameter("The import holds more than one private key.");

    private static ImportedCertificate Build(byte[]? key, List<ReadOnlyMemory<byte>> chain, bool keepOrder)
    {
        if (key is null || chain.Count == 0)
        {
            throw VaultException.BadParameter("The import must hold a certificate and its private key.");
        }

        try
        {
            return ImportedCertificate.From(key, chain, keepOrder);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
