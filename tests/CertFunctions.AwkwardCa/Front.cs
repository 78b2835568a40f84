using Microsoft.AspNetCore.Http;

namespace CertFunctions.AwkwardCa;

/// <summary>Takes every request: outage, signature, nonce, the object's own part, and whether the answer arrives.</summary>
internal sealed class Front
{
    private const int LongestBody = 128 * 1024;

    private readonly AwkwardCaServer _server;
    private readonly Urls _urls;
    private readonly Nonces _nonces;
    private readonly DirectoryPart _directory;
    private readonly RenewalPart _renewal;
    private readonly Dictionary<string, Part> _parts;

    public Front(AwkwardCaServer server, Urls urls)
    {
        (_server, _urls, _nonces) = (server, urls, new Nonces(server.Awkward));
        var (book, awkward) = (server.Book, server.Awkward);
        _directory = new DirectoryPart(awkward, urls);
        _renewal = new RenewalPart(book, awkward);
        var issuance = new Issuance(book, awkward, server.Authority);
        var accounts = new AccountPart(book, awkward, urls);
        var authorizations = new AuthorizationPart(book, awkward, urls, () => server.Validate);
        var orders = new OrderPart(book, awkward, urls, authorizations, _renewal, server.Limits, () => server.Bucket);
        var finalize = new FinalizePart(book, awkward, orders, issuance);
        var certificates = new CertificatePart(book, awkward, urls, issuance);
        _parts = new Dictionary<string, Part>(StringComparer.Ordinal)
        {
            ["new-acct"] = new("newAccount", Now(accounts.New), IsByKey: true),
            ["acct"] = new("account", Now(accounts.Update)),
            ["key-change"] = new("keyChange", Now(accounts.ChangeKey)),
            ["new-order"] = new("newOrder", Now(orders.New)),
            ["order"] = new("order", Now(orders.Get)),
            ["finalize"] = new("finalize", Now(finalize.Finalize)),
            ["authz"] = new("authorization", Now(authorizations.Get)),
            ["chall"] = new("challenge", authorizations.AcceptAsync),
            ["cert"] = new("certificate", Now(certificates.Download)),
            ["revoke-cert"] = new("revokeCert", Now(certificates.Revoke), IsByKey: true),
        };
    }

    public async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var call = new AcmeCall(_server.Time.GetUtcNow(), context.Request.Method, context.Request.Path.Value!, ResourceOf(path));
        _server.Log.Begin(call);
        try
        {
            if (_server.IsOut(OutageKind.Refused) || _server.IsOut(OutageKind.WrongTls))
            {
                context.Abort();   // a connection that was open before
                return;
            }

            var reply = await ReplyAsync(context, path, call);
            if (call.IsAuthentic && reply.Status < 400 && _server.Awkward.Losses.Take(call.Resource) is { } loss)
            {
                if (loss == Loss.Aborted)
                {
                    context.Abort();
                    return;
                }

                reply = AcmeReply.Of(new AcmeFault("serverInternal", "Error writing response", 500));
            }

            await SendAsync(context, reply, call);
        }
        finally { _server.Log.End(); }
    }

    private async Task<AcmeReply> ReplyAsync(HttpContext context, string[] path, AcmeCall call)
    {
        try
        {
            if (_server.Awkward.Outage is { } outage && outage.Until > _server.Time.GetUtcNow()) { return Out(outage); }
            if (_server.OnRequest is { } hook && await hook(call) is { } fault) { throw new Refused(fault); }

            switch (path)
            {
                case ["dir"] when context.Request.Method == "GET": return _directory.Get();
                case ["acme", "new-nonce"] when context.Request.Method is "HEAD" or "GET": return new AcmeReply(context.Request.Method == "HEAD" ? 200 : 204, Json: null);
                case ["acme", "renewal-info", var id] when context.Request.Method == "GET":
                    call.IsAuthentic = true;
                    return _renewal.Get(id, call);
                case ["roots", var index] when context.Request.Method == "GET":
                    var root = index == "0" ? _server.Authority.Root : _server.Authority.OtherRoot;
                    return new AcmeReply(200, Json: null) { Body = System.Text.Encoding.ASCII.GetBytes(root.ExportCertificatePem()), ContentType = "application/pem-certificate-chain" };
                case ["acme", var name, ..] when _parts.TryGetValue(name, out var part):
                    if (context.Request.Method != "POST") { throw new Refused(Boulder.Malformed("Method not allowed", 405)); }
                    return await part.Answer(await AuthenticateAsync(context, path, part, call));
                default: throw new Refused(Boulder.NotFound("Page not found"));
            }
        }
        catch (Refused refused) { return AcmeReply.Of(refused.Fault); }
        catch (Exception broken) when (broken is InvalidOperationException or NullReferenceException or FormatException or System.Security.Cryptography.CryptographicException)
        {
            return AcmeReply.Of(Boulder.Malformed($"Error unmarshaling JSON: {broken.Message}"));
        }
    }

    private async Task<AcmeRequest> AuthenticateAsync(HttpContext context, string[] path, Part part, AcmeCall call)
    {
        if (context.Request.ContentType != "application/jose+json") { throw new Refused(Boulder.Malformed("Unable to validate JWS :: Invalid Content-Type header on POST. Content-Type must be \"application/jose+json\"", 415)); }
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (body.Length > LongestBody) { throw new Refused(Boulder.Malformed("request body too large", 413)); }

        var jws = Jws.Read(body.ToArray());
        var url = $"{_urls.Root}{context.Request.Path.Value}";
        if (jws.Text("url") != url) { throw new Refused(Boulder.Malformed($"Unable to validate JWS :: JWS header parameter 'url' incorrect. Expected \"{url}\" got \"{jws.Text("url")}\"")); }
        if (jws.Jwk is null == jws.Text("kid") is null) { throw new Refused(Boulder.Malformed("Unable to validate JWS :: jwk and kid header fields are mutually exclusive")); }

        var account = jws.Text("kid") is { } kid ? Account(kid) : null;
        if (account is null && !part.IsByKey) { throw new Refused(Boulder.Malformed("Unable to validate JWS :: No Key ID in JWS header")); }
        var jwk = account?.Jwk ?? jws.Jwk!;
        jws.Verify(jwk);
        var nonce = jws.Text("nonce") ?? throw new Refused(Boulder.BadNonce(""));
        if (!_nonces.TryUse(nonce)) { throw new Refused(Boulder.BadNonce(nonce)); }

        (call.Account, call.IsAuthentic) = (account?.Id, true);
        return new AcmeRequest(jws, account, jwk, url, path[2..], call);
    }

    private CaAccount Account(string kid)
    {
        var found = _server.Book.Accounts.FirstOrDefault(account => _urls.Account(account) == kid) ?? throw new Refused(Boulder.NoAccount(kid));
        return found.Status == "valid" ? found : throw new Refused(Boulder.Unauthorized($"Unable to validate JWS :: Account is not valid, has status \"{found.Status}\""));
    }

    private async Task SendAsync(HttpContext context, AcmeReply reply, AcmeCall call)
    {
        call.Status = reply.Status;
        call.Problem = reply.Status >= 400 ? ((string?)reply.Json?["type"])?.Split(':')[^1] : null;
        var headers = context.Response.Headers;
        if (context.Request.Method == "POST" || call.Resource == "newNonce") { headers["Replay-Nonce"] = _nonces.New(); }
        if (reply.Location is not null) { headers.Location = reply.Location; }
        if (reply.RetryAfter is not null) { headers.RetryAfter = reply.RetryAfter; }
        headers.Link = new([$"<{_urls.Root}/dir>;rel=\"index\"", .. reply.Links]);
        headers.CacheControl = "public, max-age=0, no-cache";
        context.Response.StatusCode = reply.Status;
        if (context.Request.Method == "HEAD" || reply.Status == 204) { return; }
        context.Response.ContentType = reply.ContentType;
        var bytes = reply.Bytes;
        if (!reply.HidesLength) { context.Response.ContentLength = bytes.Length; }
        await context.Response.Body.WriteAsync(bytes);
    }

    private static AcmeReply Out(Outage outage) => outage.Kind switch
    {
        OutageKind.ServerErrorWithoutBody => new AcmeReply(500, Json: null) { Body = "<html><h1>Internal Server Error</h1></html>"u8.ToArray(), ContentType = "text/html", RetryAfter = outage.RetryAfter },
        OutageKind.Busy => AcmeReply.Of(new AcmeFault("rateLimited", "Service busy; retry later.", 503) { RetryAfter = outage.RetryAfter }),
        _ => AcmeReply.Of(new AcmeFault("serverInternal", "The service is down for maintenance or had an internal error. Check https://letsencrypt.status.io/ for more details.", 500) { RetryAfter = outage.RetryAfter }),
    };

    private string ResourceOf(string[] path) => path switch
    {
        ["dir"] => "directory", ["acme", "new-nonce"] => "newNonce", ["acme", "renewal-info", ..] => "renewalInfo",
        ["acme", var name, ..] when _parts.TryGetValue(name, out var part) => part.Resource,
        _ => "other",
    };

    private static Func<AcmeRequest, Task<AcmeReply>> Now(Func<AcmeRequest, AcmeReply> answer) => request => Task.FromResult(answer(request));

    private sealed record Part(string Resource, Func<AcmeRequest, Task<AcmeReply>> Answer, bool IsByKey = false);
}
