using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.AwkwardCa;

/// <summary>RFC 8555 §7.5: authorizations and their challenges.</summary>
internal sealed class AuthorizationPart(CaBook book, Awkwardness awkward, Urls urls, Func<Func<Validation, Task<AcmeFault?>>> validator)
{
    /// <summary>One that is there already, or a new one.</summary>
    public CaAuthorization For(CaAccount account, CaIdentifier identifier, Profile profile)
    {
        var known = book.Authorizations.Where(each => each.Account == account && each.Identifier == identifier.Bare && each.IsWildcard == identifier.IsWildcard).ToList();
        var found = awkward.ReusesValidAuthorizations ? known.Find(each => each.Status(book.Now) == "valid") : null;
        found ??= awkward.ReusesPendingAuthorizations ? known.Find(each => each.Status(book.Now) == "pending") : null;
        if (found is not null) { return found; }

        string[] types = identifier.IsWildcard ? ["dns-01"] : identifier.Type == "ip" ? ["http-01", "tls-alpn-01"] : ["tls-alpn-01", "dns-01", "http-01"];
        var token = CaBook.NewToken();
        var made = new CaAuthorization
        {
            Id = book.NewId(), Account = account, Identifier = identifier.Bare, IsWildcard = identifier.IsWildcard,
            Expires = book.Now + (awkward.OrderLife ?? profile.PendingLife), ValidFor = profile.ValidLife,
            Challenges = [.. types.Select(type => new CaChallenge { Type = type, Token = token })],
        };
        book.AuthorizationsById[made.Id] = made;
        return made;
    }

    public AcmeReply Get(AcmeRequest request)
    {
        var authorization = Of(request);
        if (!request.Jws.IsAsGet && (string?)request.Jws.Json["status"] == "deactivated") { authorization.IsDeactivated = true; }

        var state = authorization.Status(book.Now);
        var json = new JsonObject
        {
            ["identifier"] = authorization.Identifier.ToJson(),
            ["status"] = state,
            ["expires"] = AcmeReply.Time(authorization.Expires),
            ["challenges"] = new JsonArray([.. authorization.Challenges.Where(each => state is not ("valid" or "invalid") || each.AcceptedAt is not null).Select(each => (JsonNode?)Show(authorization, each))]),
        };
        if (authorization.IsWildcard) { json["wildcard"] = true; }
        var isUnderWay = state == "pending" && authorization.Challenges.Any(each => each.AcceptedAt is not null);
        return new AcmeReply(200, json) { RetryAfter = isUnderWay ? awkward.PollRetryAfter : null };
    }

    /// <summary>§7.5.1. The outcome shows at a later look, as with Boulder: the answer is still without it.</summary>
    public async Task<AcmeReply> AcceptAsync(AcmeRequest request)
    {
        var authorization = Of(request);
        var challenge = authorization.Challenges.FirstOrDefault(each => each.Type == request.Path[^1]) ?? throw new Refused(Boulder.NotFound("No such challenge"));
        var reply = new AcmeReply(200, Show(authorization, challenge)) { Links = [$"<{urls.Authorization(authorization)}>;rel=\"up\""] };
        if (request.Jws.IsAsGet || authorization.Status(book.Now) == "valid") { return reply; }

        lock (book.Gate)
        {
            if (authorization.Status(book.Now) != "pending") { throw new Refused(Boulder.Malformed("Unable to update challenge :: authorization must be pending")); }
            if (challenge.AcceptedAt is not null) { return reply; }
            challenge.AcceptedAt = book.Now;
        }

        await ValidateAsync(authorization, challenge);
        return reply;
    }

    private async Task ValidateAsync(CaAuthorization authorization, CaChallenge challenge)
    {
        var key = $"{challenge.Token}.{authorization.Account.Thumbprint}";
        var validation = new Validation(
            challenge.Type, authorization.Identifier, challenge.Token, key, CaBook.Base64Url(SHA256.HashData(Encoding.ASCII.GetBytes(key))), authorization.Account);
        var fault = awkward.FailValidation?.Invoke(validation) ?? await validator()(validation);
        challenge.Error = fault;
        challenge.ShowsOutcomeAt = book.Now + awkward.ValidationTakes;
        if (fault is null) { authorization.Expires = challenge.ShowsOutcomeAt.Value + authorization.ValidFor; }
        book.Record(new ValidationRecord(book.Now, challenge.Type, authorization.Identifier.Value, fault));
    }

    private CaAuthorization Of(AcmeRequest request)
    {
        if (request.Path.Count < 2 || !book.AuthorizationsById.TryGetValue(request.Path[1], out var found) || found.Account != request.Signer) { throw new Refused(Boulder.NoAuthorization()); }
        request.Call.Identifiers = [found.Identifier.Value];
        return found.Expires <= book.Now && !found.IsDeactivated && found.Status(book.Now) == "expired" ? throw new Refused(Boulder.ExpiredAuthorization()) : found;
    }

    private JsonObject Show(CaAuthorization authorization, CaChallenge challenge)
    {
        var state = challenge.Status(book.Now);
        var json = new JsonObject { ["type"] = challenge.Type, ["url"] = urls.Challenge(authorization, challenge), ["status"] = state, ["token"] = challenge.Token };
        if (state == "valid") { json["validated"] = AcmeReply.Time(challenge.ShowsOutcomeAt!.Value); }
        if (state == "invalid") { json["error"] = challenge.Error!.ToJson(); }
        return json;
    }
}
