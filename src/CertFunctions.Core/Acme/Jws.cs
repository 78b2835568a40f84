using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CertFunctions.Core.Acme;

/// <summary>Signed messages as ACME wants them: flattened JSON (RFC 7515 §7.2.2), every header protected (RFC 8555 §6.2).</summary>
internal static class Jws
{
    /// <summary>A request by an account, known by its URL; before it has one, by its key.</summary>
    /// <param name="payload">Empty for POST-as-GET (§6.3).</param>
    public static JwsBody Request(AccountKey key, Uri? account, Uri url, string nonce, ReadOnlySpan<byte> payload) => Sign(
        new JwsHeader
        {
            Alg = key.Algorithm,
            Jwk = account is null ? key.Jwk : null,
            Kid = account?.OriginalString,
            Nonce = nonce,
            Url = url.AbsoluteUri,
        },
        payload,
        key.Sign);

    /// <summary>What a new key says about itself at a roll-over (RFC 8555 §7.3.5): no nonce.</summary>
    public static JwsBody KeyChange(AcmeIdentity identity, AccountKey next, Uri url) => Sign(
        new JwsHeader { Alg = next.Algorithm, Jwk = next.Jwk, Url = url.AbsoluteUri },
        JsonSerializer.SerializeToUtf8Bytes(new KeyChangeBody(identity.Account.OriginalString, identity.Key.Jwk), AcmeJson.Default.KeyChangeBody),
        next.Sign);

    /// <summary>The CA's MAC key vouching for the account key (RFC 8555 §7.3.4): no nonce.</summary>
    public static JwsBody Binding(ExternalAccountKey binding, AccountKey key, Uri url) => Sign(
        new JwsHeader { Alg = binding.Algorithm, Kid = binding.KeyId, Url = url.AbsoluteUri },
        key.Jwk.ToJson(),
        binding.Mac);

    private static JwsBody Sign(JwsHeader header, ReadOnlySpan<byte> payload, Signer signer)
    {
        var protectedPart = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header, AcmeJson.Default.JwsHeader));
        var payloadPart = Base64Url.EncodeToString(payload);
        var signature = signer(Encoding.ASCII.GetBytes($"{protectedPart}.{payloadPart}"));
        return new JwsBody(protectedPart, payloadPart, Base64Url.EncodeToString(signature));
    }

    private delegate byte[] Signer(ReadOnlySpan<byte> data);
}

internal sealed record JwsBody(string Protected, string Payload, string Signature);

internal sealed record JwsHeader
{
    public required string Alg { get; init; }

    public Jwk? Jwk { get; init; }

    public string? Kid { get; init; }

    public string? Nonce { get; init; }

    public required string Url { get; init; }
}

internal sealed record KeyChangeBody(string Account, Jwk OldKey);

/// <summary>A public key (RFC 7517). Members are in the order of their names and absent ones left out, as RFC 7638 §3 hashes them.</summary>
internal sealed record Jwk(string? Crv, string? E, string Kty, string? N, string? X, string? Y)
{
    public static Jwk Of(RSAParameters key) =>
        new(Crv: null, Base64Url.EncodeToString(key.Exponent), "RSA", Base64Url.EncodeToString(key.Modulus), X: null, Y: null);

    public static Jwk Of(string curve, ECParameters key) =>
        new(curve, E: null, "EC", N: null, Base64Url.EncodeToString(key.Q.X), Base64Url.EncodeToString(key.Q.Y));

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, AcmeJson.Default.Jwk);

    /// <summary>RFC 7638, base64url of SHA-256.</summary>
    public string Thumbprint() => Base64Url.EncodeToString(SHA256.HashData(ToJson()));
}
