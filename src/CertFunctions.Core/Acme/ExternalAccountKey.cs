using System.Buffers.Text;
using System.Security.Cryptography;

namespace CertFunctions.Core.Acme;

/// <summary>A MAC key that the CA gave for one account (RFC 8555 §7.3.4). Prints nothing of itself.</summary>
/// <param name="algorithm"><c>HS256</c>, <c>HS384</c> or <c>HS512</c>.</param>
public sealed class ExternalAccountKey(string keyId, ReadOnlyMemory<byte> hmac, string algorithm)
{
    public string KeyId => keyId;

    public string Algorithm { get; } = algorithm is "HS256" or "HS384" or "HS512"
        ? algorithm
        : throw new ArgumentException("External account keys are HS256, HS384 or HS512.", nameof(algorithm));

    internal ReadOnlyMemory<byte> Hmac => hmac;

    /// <summary>From a secret as CAs print it: base64url (cert-manager), padded or not, or plain base64. Throws <see cref="FormatException"/> without the text.</summary>
    public static ExternalAccountKey Parse(string keyId, string secret, string algorithm = "HS256")
    {
        var text = secret.Trim().TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var octets = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.TryDecodeFromChars(text, octets, out var length) && length > 0
            ? new ExternalAccountKey(keyId, octets.AsMemory(0, length), algorithm)
            : throw new FormatException("The external account's MAC key is not base64url.");
    }

    public override string ToString() => "***";

    internal byte[] Mac(ReadOnlySpan<byte> data) => Algorithm switch
    {
        "HS256" => HMACSHA256.HashData(hmac.Span, data),
        "HS384" => HMACSHA384.HashData(hmac.Span, data),
        _ => HMACSHA512.HashData(hmac.Span, data),
    };
}
