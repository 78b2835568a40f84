using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.LocalVault.Identity;

/// <summary>App Service's managed-identity endpoint: a token for whoever can read the file of the header.</summary>
internal sealed class ManagedIdentity(TokenIssuer issuer, Identities identities, IdentityHeaders headers)
{
    public const string Path = "/msi/token";

    public TokenBody Answer(HttpRequest request)
    {
        var asked = request.Query["client_id"].ToString() is { Length: > 0 } clientId ? clientId : request.Query["principal_id"].ToString();
        var given = headers.Resolve(request.Headers["X-IDENTITY-HEADER"].ToString(), asked)
            ?? throw new VaultException(401, "Unauthorized", "X-IDENTITY-HEADER is missing or wrong.");

        var resource = request.Query["resource"].ToString();
        if (request.Query["api-version"].Count == 0 || resource.TrimEnd('/') != TokenIssuer.Resource)
        {
            throw VaultException.BadParameter($"api-version and resource={TokenIssuer.Resource} are required.");
        }

        if (identities.Find(given) is null || request.Query.ContainsKey("mi_res_id"))
        {
            throw VaultException.BadParameter("No managed identity was found for the given id.");
        }

        var token = issuer.Issue(given);
        return new TokenBody(token.Token, token.ExpiresOn.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), resource, "Bearer");
    }
}
