using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Core;

namespace CertFunctions.LocalVault.Identity;

/// <summary>Issues and checks the vault's access tokens: JWTs signed with a key derived from the key file, so they outlive a restart.</summary>
internal sealed class TokenIssuer(byte[] key, TimeProvider time)
{
    public const string Resource = "https://vault.localhost";
    public const string Issuer = "https://login.localhost/local";
    public const string Challenge = $"Bearer authorization=\"{Issuer}\", resource=\"{Resource}\"";
    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <param name="clientId">Letters, digits and hyphens.</param>
    public AccessToken Issue(string clientId)
    {
        var expires = time.GetUtcNow() + Lifetime;
        var payload = $$"""{"iss":"{{Issuer}}","aud":"{{Resource}}","tid":"local","oid":"{{clientId}}","appid":"{{clientId}}","exp":{{expires.ToUnixTimeSeconds()}}}""";
        var signed = $"{Header}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        return new AccessToken($"{signed}.{Sign(signed)}", expires);
    }

    /// <summary>The client id a valid token was issued to, else null.</summary>
    public string? HolderOf(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var token = authorization["Bearer ".Length..];
        var dot = token.LastIndexOf('.');
        if (dot <= Header.Length
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token[(dot + 1)..]), Encoding.UTF8.GetBytes(Sign(token[..dot]))))
        {
            return null;
        }

        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(token.AsSpan(Header.Length + 1, dot - Header.Length - 1)));
        return payload.RootElement.GetProperty("exp").GetInt64() > time.GetUtcNow().ToUnixTimeSeconds() ? payload.RootElement.GetProperty("oid").GetString() : null;
    }

    private string Sign(string signed) => Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)));
}

/// <summary>The credential for clients in the vault's own process.</summary>
internal sealed class InProcessCredential(TokenIssuer issuer, string clientId) : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => issuer.Issue(clientId);

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(issuer.Issue(clientId));
}
