namespace CertFunctions.Core.Acme;

/// <summary>An account key: signs JWS (RFC 7515) as ES256, ES384 or RS256, by its kind. Prints and serialises nothing of itself.</summary>
public sealed class AccountKey : IDisposable
{
    /// <summary>A new P-256 key.</summary>
    public static AccountKey Generate() => throw new NotSupportedException();

    /// <summary>PEM: PKCS#8, PKCS#1 or SEC 1; RSA 2048 to 8192 bits, P-256, P-384. Throws <see cref="FormatException"/> with a sentence that holds nothing of the key.</summary>
    public static AccountKey FromPem(string pem) => throw new NotSupportedException();

    /// <summary>PKCS#8, PEM.</summary>
    public string ToPem() => throw new NotSupportedException();

    /// <summary><c>ES256</c>, <c>ES384</c> or <c>RS256</c>.</summary>
    public string Algorithm => throw new NotSupportedException();

    /// <summary>RFC 7638 thumbprint, base64url.</summary>
    public string Thumbprint => throw new NotSupportedException();

    /// <summary>RFC 8555 §8.1: <c>token.thumbprint</c>.</summary>
    public string KeyAuthorization(string token) => $"{token}.{Thumbprint}";

    /// <summary>RFC 8555 §8.4: the TXT value for a token.</summary>
    public string DnsValue(string token) => throw new NotSupportedException();

    public void Dispose() { }
}

/// <summary>A MAC key that the CA gave for one account (RFC 8555 §7.3.4).</summary>
/// <param name="algorithm"><c>HS256</c>, <c>HS384</c> or <c>HS512</c>.</param>
public sealed class ExternalAccountKey(string keyId, ReadOnlyMemory<byte> hmac, string algorithm)
{
    public string KeyId => keyId;

    internal ReadOnlyMemory<byte> Hmac => hmac;

    public string Algorithm => algorithm;
}

/// <summary>The id by which a certificate's renewal information is asked for (RFC 9773 §4.1).</summary>
public static class RenewalId
{
    /// <returns>base64url(AKI key id) <c>.</c> base64url(serial octets, leading 00 kept); null without an AKI key id.</returns>
    public static string? Of(ReadOnlyMemory<byte> leaf) => throw new NotSupportedException();
}

/// <summary>How an ACME server is reached.</summary>
/// <param name="TrustedCas">PEM; null: the machine's trust.</param>
public sealed record AcmeConnection(Uri Directory, string? TrustedCas, bool SkipsVerification, bool AllowsPrivateAddresses);

/// <summary>HTTP for ACME servers, webhooks and self-checks: bounded, no proxy, and never to an address that <see cref="AddressRules"/> refuses.</summary>
public static class GuardedHttp
{
    public static HttpClient Create(AcmeConnection connection) => throw new NotSupportedException();
}

/// <summary>Which addresses the app may connect to on somebody else's word (security F 54).</summary>
public static class AddressRules
{
    /// <summary>Why not; null: it may.</summary>
    public static string? Refusal(System.Net.IPAddress address, bool allowsPrivate) => throw new NotSupportedException();
}
