using System.Globalization;

namespace CertFunctions.AwkwardCa;

/// <summary>Let's Encrypt's words: what its server, Boulder, answers (github.com/letsencrypt/boulder: wfe2/wfe.go, ratelimits/limiter.go, policy/pa.go, va/). Clients match on them.</summary>
public static class Boulder
{
    public const string UnpausePage = "https://portal.letsencrypt.org/sfe/v1/unpause?jwt=";

    public static AcmeFault Malformed(string detail, int status = 400) => new("malformed", detail, status);

    public static AcmeFault Unauthorized(string detail) => new("unauthorized", detail, 403);

    public static AcmeFault NotFound(string detail) => Malformed(detail, 404);

    public static AcmeFault BadNonce(string nonce) => new("badNonce", $"Unable to validate JWS :: JWS has an invalid anti-replay nonce: \"{nonce}\"", 400);

    public static AcmeFault NoAccount(string url) => new("accountDoesNotExist", $"Unable to validate JWS :: Account \"{url}\" not found", 400);

    public static AcmeFault NoAccountForKey() => new("accountDoesNotExist", "No account exists with the provided key", 400);

    public static AcmeFault TermsNotAgreed() => Malformed("must agree to terms of service");

    public static AcmeFault TermsChanged() => new("userActionRequired", "Terms of service have changed", 403);

    /// <summary>Pebble's words: Boulder has no external accounts.</summary>
    public static AcmeFault ExternalAccountRequired() => new("externalAccountRequired", "ACME server policy requires newAccount requests must include a value for the 'externalAccountBinding' field", 403);

    public static AcmeFault ExternalAccountUsedUp() => Unauthorized("The external account key has already been used to bind an account");

    public static AcmeFault OrderNotReady(string status) => new("orderNotReady", $"Order's status (\"{status}\") is not acceptable for finalization", 403);

    public static AcmeFault NoOrder(string id) => NotFound($"No order for ID {id}");

    public static AcmeFault OrderExpired(string id) => NotFound($"Order {id} is expired");

    public static AcmeFault NoAuthorization() => NotFound("No such authorization");

    public static AcmeFault ExpiredAuthorization() => NotFound("Expired authorization");

    public static AcmeFault DatesNotSupported() => Malformed("NotBefore and NotAfter are not supported");

    public static AcmeFault RedundantWithWildcard(string name) => Malformed(
        $"Error creating new order :: Domain name \"{name}\" is redundant with a wildcard domain in the same request. Remove one or the other from the certificate request.");

    public static AcmeFault InvalidProfile(string name) => new("invalidProfile", $"profile name \"{name}\" not recognized", 400);

    public static AcmeFault UnsupportedIdentifier(CaIdentifier identifier) =>
        new("unsupportedIdentifier", $"NewOrder request included unsupported identifier: type \"{identifier.Type}\", value \"{identifier.Value}\"", 400);

    public static AcmeFault BadCsr(string why) => new("badCSR", $"Error finalizing order :: {why}", 400);

    /// <summary>One name: said at the top. Several: the first at the top, and each as a sub-problem.</summary>
    public static AcmeFault Rejected(params IReadOnlyList<string> names)
    {
        const string why = "The ACME server refuses to issue a certificate for this domain name, because it is forbidden by policy";
        var first = $"Error creating new order :: Cannot issue for \"{names[0]}\": {why}";
        return names.Count == 1 ? new AcmeFault("rejectedIdentifier", first, 400)
            : new AcmeFault("rejectedIdentifier", $"{first} (and {names.Count - 1} more problems. Refer to sub-problems for more information.)", 400)
            {
                Subproblems = [.. names.Select(name => (new CaIdentifier("dns", name), new AcmeFault("rejectedIdentifier", why, 400)))],
            };
    }

    /// <summary>CAA rechecked at finalize: sub-problems by name.</summary>
    public static AcmeFault Caa(params IReadOnlyList<string> names) => names.Count == 1
        ? new AcmeFault("caa", $"Error finalizing order :: While processing CAA for {names[0]}: CAA record for {names[0]} prevents issuance", 403)
        : new AcmeFault("caa", $"Error finalizing order :: Rechecking CAA for \"{names[0]}\" and {names.Count - 1} more identifiers failed. Refer to sub-problems for more information", 403)
        {
            Subproblems = [.. names.Select(name => (new CaIdentifier("dns", name), new AcmeFault("caa", $"CAA record for {name} prevents issuance", 403)))],
        };

    public static AcmeFault HttpNotFound(string name, string token) =>
        Unauthorized($"203.0.113.7: Invalid response from http://{name}/.well-known/acme-challenge/{token}: 404");

    public static AcmeFault HttpTimeout(string name, string token) =>
        new("connection", $"203.0.113.7: Fetching http://{name}/.well-known/acme-challenge/{token}: Timeout during connect (likely firewall problem)", 400);

    public static AcmeFault NoTxt(string name) => Unauthorized($"No TXT record found at _acme-challenge.{name}");

    public static AcmeFault WrongTxt(string name, string found) => Unauthorized($"Incorrect TXT record \"{found}\" found at _acme-challenge.{name}");

    public static AcmeFault NoSuchDomain(string name) =>
        new("dns", $"DNS problem: NXDOMAIN looking up TXT for _acme-challenge.{name} - check that a DNS record exists for this domain", 400);

    public static AcmeFault ReplacesOfAnother() => Unauthorized("Could not validate ARI 'replaces' field :: requester account did not request the certificate being replaced by this order");

    public static AcmeFault ReplacesOtherNames() => Malformed("Could not validate ARI 'replaces' field :: identifiers in this order do not match any identifiers in the certificate being replaced");

    public static AcmeFault AlreadyReplaced(string serial) => new(
        "alreadyReplaced", $"Could not validate ARI 'replaces' field :: cannot indicate an order replaces certificate with serial \"{serial}\", which already has a replacement order", 409);

    public static AcmeFault Paused(IEnumerable<string> names, string jwt) => new(
        "rateLimited", $"Your account is temporarily prevented from requesting certificates for {string.Join(", ", names)} and possibly others. Please visit: {UnpausePage}{jwt}", 429);

    public static string TooManyForSet(DateTimeOffset until) =>
        $"too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after {At(until)}: see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers";

    public static string TooManyForDomain(string domain, DateTimeOffset until) =>
        $"too many certificates (50) already issued for \"{domain}\" in the last 168h0m0s, retry after {At(until)}: see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-registered-domain";

    public static string TooManyOrders(DateTimeOffset until) =>
        $"too many new orders (300) from this account in the last 3h0m0s, retry after {At(until)}: see https://letsencrypt.org/docs/rate-limits/#new-orders-per-account";

    public static string TooManyFailures(string name, DateTimeOffset until) =>
        $"too many failed authorizations (5) for \"{name}\" in the last 1h0m0s, retry after {At(until)}: see https://letsencrypt.org/docs/rate-limits/#authorization-failures-per-identifier-per-account";

    private static string At(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";
}
