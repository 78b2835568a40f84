using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Pkcs10 = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace CertFunctions.Core.Tests.Pki;

/// <summary>The CSR that OpenSSL makes of the same wish: what ours is compared with, octet for octet.</summary>
internal static class OpenSslCsr
{
    private static readonly string Key = NewKey();

    /// <param name="subject">As <c>-subj</c> takes it.</param>
    /// <param name="extensions">Lines of the section of extensions, and further sections.</param>
    public static async Task<Pkcs10> MakeAsync(string subject, string extensions = "") => Read(Der(await MakePemAsync(subject, extensions)));

    public static async Task<byte[]> MakePemAsync(string subject, string extensions = "")
    {
        using var openssl = new OpenSsl();

        // PrintableString (2) where it fits, else UTF8String (0x2000), as cert-manager encodes.
        var config = $"oid_section=oids\n[oids]\nodd=1.2.3.4.5.6\n[req]\nprompt=no\ndistinguished_name=dn\nstring_mask=MASK:0x2002\n[dn]\n[ext]\n{extensions}\n";
        openssl.Write("csr.cnf", Encoding.UTF8.GetBytes(config));
        openssl.Write("key.pem", Encoding.ASCII.GetBytes(Key));
        string[] wanted = extensions.Length > 0 ? ["-reqexts", "ext"] : [];
        await openssl.RunAsync(["req", "-new", "-utf8", "-key", "key.pem", "-config", "csr.cnf", "-subj", subject, .. wanted, "-out", "csr.pem"]);
        return openssl.Read("csr.pem");
    }

    /// <summary>Any structure, described as <c>asn1parse -genconf</c> takes it.</summary>
    public static async Task<byte[]> EncodeAsync(string description)
    {
        using var openssl = new OpenSsl();
        openssl.Write("asn1.cnf", Encoding.UTF8.GetBytes(description));
        await openssl.RunAsync("asn1parse", "-genconf", "asn1.cnf", "-noout", "-out", "out.der");
        return openssl.Read("out.der");
    }

    private static Pkcs10 Read(byte[] der) =>
        Pkcs10.LoadSigningRequest(der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);

    public static Pkcs10 Ours(Resources.CertificateSpec spec)
    {
        using var key = Issued.Key();
        return Read(Der(Core.Pki.SigningRequests.Create(spec, key)));
    }

    public static (bool IsCritical, string Value)? Extension(this Pkcs10 csr, string oid) =>
        csr.CertificateExtensions.SingleOrDefault(each => each.Oid?.Value == oid) is { } found ? (found.Critical, Convert.ToHexStringLower(found.RawData)) : null;

    private static string NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static byte[] Der(ReadOnlyMemory<byte> pem)
    {
        var text = Encoding.ASCII.GetString(pem.Span);
        return Convert.FromBase64String(text[PemEncoding.Find(text).Base64Data]);
    }
}
