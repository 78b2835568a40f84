using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CertFunctions.Core.Acme;

/// <summary>An account key: signs JWS (RFC 7515) as ES256, ES384 or RS256, by its kind. Prints and serialises nothing of itself. Safe for many callers at once.</summary>
public sealed class AccountKey : IDisposable
{
    private readonly AsymmetricAlgorithm _key;
    private readonly Lock _signing = new();

    internal AccountKey(AsymmetricAlgorithm key)
    {
        _key = key;
        (Algorithm, Jwk) = key switch
        {
            RSA rsa => ("RS256", Jwk.Of(rsa.ExportParameters(includePrivateParameters: false))),
            ECDsa { KeySize: 256 } ec => ("ES256", Jwk.Of("P-256", ec.ExportParameters(includePrivateParameters: false))),
            ECDsa { KeySize: 384 } ec => ("ES384", Jwk.Of("P-384", ec.ExportParameters(includePrivateParameters: false))),
            _ => throw new FormatException("Account keys are RSA, or ECDSA on the curve P-256 or P-384."),
        };
        Thumbprint = Jwk.Thumbprint();
    }

    /// <summary>A new P-256 key.</summary>
    public static AccountKey Generate() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>PEM: PKCS#8, PKCS#1 or SEC 1; RSA 2048 to 8192 bits, P-256, P-384. Throws <see cref="FormatException"/> with a sentence that holds nothing of the key.</summary>
    public static AccountKey FromPem(string pem) => AccountKeyPem.Read(pem);

    /// <summary>PKCS#8, PEM.</summary>
    public string ToPem()
    {
        var octets = _key.ExportPkcs8PrivateKey();
        try
        {
            return PemEncoding.WriteString("PRIVATE KEY", octets) + "\n";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    /// <summary><c>ES256</c>, <c>ES384</c> or <c>RS256</c>.</summary>
    public string Algorithm { get; }

    /// <summary>RFC 7638 thumbprint, base64url.</summary>
    public string Thumbprint { get; }

    /// <summary>RFC 8555 §8.1: <c>token.thumbprint</c>.</summary>
    public string KeyAuthorization(string token) => $"{token}.{Thumbprint}";

    /// <summary>RFC 8555 §8.4: the TXT value for a token.</summary>
    public string DnsValue(string token) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(KeyAuthorization(token))));

    public override string ToString() => "***";

    public void Dispose() => _key.Dispose();

    internal Jwk Jwk { get; }

    /// <summary>A JWS signature (RFC 7518 §3.3, §3.4): for ECDSA the two numbers side by side, not DER.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_signing)
        {
            return _key switch
            {
                RSA rsa => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                ECDsa ec => ec.SignData(data, ec.KeySize == 256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
                _ => throw new InvalidOperationException("Neither RSA nor ECDSA."),
            };
        }
    }
}
