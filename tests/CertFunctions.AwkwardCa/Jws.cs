using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CertFunctions.AwkwardCa;

/// <summary>A flattened JWS as ACME uses it (RFC 8555 §6.2), read and checked without the client's code.</summary>
internal sealed record Jws(JsonObject Header, string SigningInput, byte[] Payload, byte[] Signature)
{
    public string? Text(string member) => Header[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public JsonObject? Jwk => Header["jwk"] as JsonObject;

    /// <summary>An empty payload: POST-as-GET (§6.3).</summary>
    public bool IsAsGet => Payload.Length == 0;

    public JsonObject Json => Parse(Payload) ?? throw new Refused(Boulder.Malformed("Request payload did not parse as JSON"));

    public static Jws Read(byte[] body)
    {
        if (Parse(body) is not { } outer || outer["header"] is not null || outer["signatures"] is not null
            || Part(outer, "protected") is not { } head || Part(outer, "payload") is not { } payload || Part(outer, "signature") is not { } signature
            || Parse(head) is not { } header)
        {
            throw new Refused(Boulder.Malformed("Parse error reading JWS"));
        }

        return new Jws(header, $"{(string)outer["protected"]!}.{(string)outer["payload"]!}", payload, signature);
    }

    public void Verify(JsonObject jwk)
    {
        var data = Encoding.ASCII.GetBytes(SigningInput);
        var isGood = (Text("alg"), Of(jwk, "kty"), Of(jwk, "crv")) switch
        {
            ("ES256", "EC", "P-256") => VerifyEc(jwk, ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, 64, data),
            ("ES384", "EC", "P-384") => VerifyEc(jwk, ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384, 96, data),
            ("RS256", "RSA", _) => VerifyRsa(jwk, data),
            var (algorithm, _, _) => throw new Refused(new AcmeFault("badSignatureAlgorithm", $"Unable to validate JWS :: JWS signature header contains unsupported algorithm \"{algorithm}\"", 400)),
        };
        if (!isGood) { throw new Refused(Boulder.Malformed("Unable to validate JWS :: JWS verification error")); }
    }

    /// <summary>An external account's MAC (§7.3.4).</summary>
    public bool VerifyMac(byte[] key)
    {
        var data = Encoding.ASCII.GetBytes(SigningInput);
        var expected = Text("alg") switch
        {
            "HS256" => HMACSHA256.HashData(key, data), "HS384" => HMACSHA384.HashData(key, data), "HS512" => HMACSHA512.HashData(key, data), _ => [],
        };
        return expected.Length > 0 && CryptographicOperations.FixedTimeEquals(expected, Signature);
    }

    /// <summary>RFC 7638.</summary>
    public static string Thumbprint(JsonObject jwk)
    {
        var canonical = Of(jwk, "kty") == "EC"
            ? $$"""{"crv":"{{Of(jwk, "crv")}}","kty":"EC","x":"{{Of(jwk, "x")}}","y":"{{Of(jwk, "y")}}"}"""
            : $$"""{"e":"{{Of(jwk, "e")}}","kty":"RSA","n":"{{Of(jwk, "n")}}"}""";
        return CaBook.Base64Url(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
    }

    private bool VerifyEc(JsonObject jwk, ECCurve curve, HashAlgorithmName hash, int length, byte[] data)
    {
        using var key = ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") } });
        return Signature.Length == length && key.VerifyData(data, Signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private bool VerifyRsa(JsonObject jwk, byte[] data)
    {
        using var key = RSA.Create(new RSAParameters { Modulus = Bytes(jwk, "n"), Exponent = Bytes(jwk, "e") });
        return key.VerifyData(data, Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static string? Of(JsonObject json, string member) => json[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static byte[] Bytes(JsonObject json, string member) => Part(json, member) ?? throw new Refused(Boulder.Malformed("Parse error reading JWS"));

    private static byte[]? Part(JsonObject json, string member)
    {
        try { return Of(json, member) is { } text ? Base64Url.DecodeFromChars(text) : null; }
        catch (FormatException) { return null; }
    }

    private static JsonObject? Parse(byte[] bytes)
    {
        try { return JsonNode.Parse(bytes) as JsonObject; }
        catch (JsonException) { return null; }
    }
}
