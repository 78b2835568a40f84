using System.Security.Cryptography;

namespace CertFunctions.Core.Pki.Keystores;

/// <summary>A private key in the form that <c>privateKey.encoding</c> asks for (cert-manager semantics §7.2). The caller wipes what it gets.</summary>
internal static class KeyEncoding
{
    /// <param name="encoding"><c>PKCS8</c>; anything else is the default, <c>PKCS1</c>: PKCS#1 for RSA, SEC 1 for ECDSA.</param>
    public static byte[] Der(PrivateKey key, string? encoding) => Encode(key, encoding).Der;

    /// <summary>One PEM block and its last line feed, in ASCII.</summary>
    public static byte[] Pem(PrivateKey key, string? encoding)
    {
        var (label, der) = Encode(key, encoding);
        var text = new char[PemEncoding.GetEncodedSize(label.Length, der.Length) + 1];
        try
        {
            PemEncoding.TryWrite(label, der, text, out _);
            text[^1] = '\n';
            return System.Text.Encoding.ASCII.GetBytes(text);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
            Array.Clear(text);
        }
    }

    private static (string Label, byte[] Der) Encode(PrivateKey key, string? encoding) => (encoding, key.Key) switch
    {
        ("PKCS8", _) => ("PRIVATE KEY", key.ExportPkcs8()),
        (_, RSA rsa) => ("RSA PRIVATE KEY", rsa.ExportRSAPrivateKey()),
        (_, ECDsa ecdsa) => ("EC PRIVATE KEY", ecdsa.ExportECPrivateKey()),
        _ => ("PRIVATE KEY", key.ExportPkcs8()),
    };
}
