using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Http01;

/// <summary>Answers CAs (RFC 8555 §8.3). Anonymous: it tells what the CA was promised, for as long as that lives, and to nobody who asks for another host.</summary>
public sealed class ChallengeFunctions(HttpTokens tokens, IOptions<Http01Options> options)
{
    /// <summary>One and the same 404 for everything else: other methods, other hosts, odd tokens, tokens of the past.</summary>
    [Function("GetAcmeChallenge")]
    public async Task<IResult> GetAcmeChallengeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = ".well-known/acme-challenge/{*token}")] HttpRequest request, string? token, CancellationToken cancellationToken)
    {
        if (token is null || !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))) { return Results.NotFound(); }

        var host = Plain(request.Host.Host);
        var isOurs = options.Value.Hosts.Any(each => Plain(each) == host);
        return await tokens.FindAsync(token, identifier => isOurs || Plain(identifier) == host, cancellationToken) is { } answer
            ? Results.Bytes(answer, "application/octet-stream")
            : Results.NotFound();
    }

    /// <summary>Without brackets; addresses in one form.</summary>
    private static string Plain(string host)
    {
        var bare = host.Trim('[', ']').TrimEnd('.').ToLowerInvariant();
        return System.Net.IPAddress.TryParse(bare, out var address) ? address.ToString() : bare;
    }
}
