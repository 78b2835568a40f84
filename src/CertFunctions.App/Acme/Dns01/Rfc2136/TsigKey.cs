using System.Security.Cryptography;

namespace CertFunctions.App.Acme.Dns01.Rfc2136;

/// <summary>A shared key that signs messages to a DNS server (RFC 8945). Prints nothing of itself.</summary>
internal sealed class TsigKey
{
    private readonly byte[] _secret;

    private TsigKey(string name, string algorithm, Func<byte[], byte[], byte[]> mac, byte[] secret) =>
        (Name, Algorithm, Mac, _secret) = (name, algorithm, mac, secret);

    /// <summary>Lower case, without the trailing dot.</summary>
    public string Name { get; }

    /// <summary>As a domain name (RFC 8945 §6), without the trailing dot.</summary>
    public string Algorithm { get; }

    private Func<byte[], byte[], byte[]> Mac { get; }

    public static IReadOnlyList<string> Algorithms { get; } = ["HMACMD5", "HMACSHA1", "HMACSHA224", "HMACSHA256", "HMACSHA384", "HMACSHA512"];

    /// <param name="algorithm">One of <see cref="Algorithms"/>, in any case, hyphens or none; null: HMACMD5, cert-manager's default.</param>
    /// <returns>The key, or what is wrong; the secret is not in it.</returns>
    public static Found<TsigKey> Create(string name, string? algorithm, string base64)
    {
        var secret = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64.Trim(), secret, out var length) || length == 0) { return new(null, Refusal.Misconfigured("The TSIG secret must be base64, as tsig-keygen prints it.")); }

        return Find(algorithm) is var (wire, mac) && wire is not null
            ? new(new TsigKey(name.TrimEnd('.').ToLowerInvariant(), wire, mac!, secret[..length]), null)
            : new(null, Refusal.Misconfigured($"tsigAlgorithm {algorithm} is not one of {string.Join(", ", Algorithms)}."));
    }

    public byte[] Sign(byte[] content) => Mac(_secret, content);

#pragma warning disable CA5350, CA5351 // RFC 8945 §6 has them, and cert-manager's default is MD5: the server chooses
    private static (string? Wire, Func<byte[], byte[], byte[]>? Mac) Find(string? algorithm) =>
        (algorithm is { Length: > 0 } ? algorithm : "HMACMD5").ToUpperInvariant().Replace("-", "", StringComparison.Ordinal).TrimEnd('.') switch
        {
            "HMACMD5" => ("hmac-md5.sig-alg.reg.int", HMACMD5.HashData),
            "HMACSHA1" => ("hmac-sha1", HMACSHA1.HashData),
            "HMACSHA224" => ("hmac-sha224", Sha224),
            "HMACSHA256" => ("hmac-sha256", HMACSHA256.HashData),
            "HMACSHA384" => ("hmac-sha384", HMACSHA384.HashData),
            "HMACSHA512" => ("hmac-sha512", HMACSHA512.HashData),
            _ => (null, null),
        };
#pragma warning restore CA5350, CA5351

    // .NET has no SHA-224.
    private static byte[] Sha224(byte[] key, byte[] content)
    {
        var mac = new Org.BouncyCastle.Crypto.Macs.HMac(new Org.BouncyCastle.Crypto.Digests.Sha224Digest());
        mac.Init(new Org.BouncyCastle.Crypto.Parameters.KeyParameter(key));
        mac.BlockUpdate(content, 0, content.Length);
        var result = new byte[mac.GetMacSize()];
        mac.DoFinal(result, 0);
        return result;
    }
}
