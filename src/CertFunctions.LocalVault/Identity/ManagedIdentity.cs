using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.LocalVault.Identity;

/// <summary>App Service's managed-identity endpoint: a token for whoever can read the header's file.</summary>
internal sealed class ManagedIdentity(TokenIssuer issuer, byte[] header)
{
    public const string Path = "/msi/token";

    public TokenBody Answer(HttpRequest request)
    {
        var given = Encoding.UTF8.GetBytes(request.Headers["X-IDENTITY-HEADER"].ToString());
        if (!CryptographicOperations.FixedTimeEquals(given, header))
        {
            throw new VaultException(401, "Unauthorized", "X-IDENTITY-HEADER is missing or wrong.");
        }

        var resource = request.Query["resource"].ToString();
        if (request.Query["api-version"].Count == 0 || resource.TrimEnd('/') != TokenIssuer.Resource)
        {
            throw VaultException.BadParameter($"api-version and resource={TokenIssuer.Resource} are required.");
        }

        var token = issuer.Issue();
        return new TokenBody(token.Token, token.ExpiresOn.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), resource, "Bearer");
    }
}
