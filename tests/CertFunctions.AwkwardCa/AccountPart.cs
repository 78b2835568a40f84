using System.Text.Json.Nodes;

namespace CertFunctions.AwkwardCa;

/// <summary>RFC 8555 §7.3.</summary>
internal sealed class AccountPart(CaBook book, Awkwardness awkward, Urls urls)
{
    public AcmeReply New(AcmeRequest request)
    {
        var wish = request.Jws.Json;
        var thumbprint = Jws.Thumbprint(request.Jwk);
        lock (book.Gate)
        {
            if (book.Accounts.FirstOrDefault(account => account.Thumbprint == thumbprint) is { } old)
            {
                request.Call.Account = old.Id;
                return old.Status == "valid" ? Show(old, 200) : throw new Refused(Boulder.Unauthorized($"Account is not valid, has status \"{old.Status}\""));
            }

            if (IsTrue(wish, "onlyReturnExisting")) { throw new Refused(Boulder.NoAccountForKey()); }
            if (awkward.RefuseAccount is { } refusal) { throw new Refused(refusal); }
            if (!IsTrue(wish, "termsOfServiceAgreed")) { throw new Refused(Boulder.TermsNotAgreed()); }

            var made = new CaAccount
            {
                Id = book.NewId(), Jwk = (JsonObject)request.Jwk.DeepClone(), Thumbprint = thumbprint, Contact = Contact(wish), ExternalKeyId = Bind(wish, request),
            };
            book.AccountsById[made.Id] = made;
            request.Call.Account = made.Id;
            return Show(made, 201);
        }
    }

    /// <summary>§7.3.2, §7.3.6.</summary>
    public AcmeReply Update(AcmeRequest request)
    {
        var account = request.Signer;
        if (request.Path[0] != account.Id) { throw new Refused(Boulder.Unauthorized("Request signing key did not match account key")); }

        if (!request.Jws.IsAsGet)
        {
            var wish = request.Jws.Json;
            if (wish["contact"] is JsonArray) { account.Contact = Contact(wish); }
            if (Text(wish, "status") == "deactivated") { account.Status = "deactivated"; }
        }

        return Show(account, 200);
    }

    /// <summary>§7.3.5.</summary>
    public AcmeReply ChangeKey(AcmeRequest request)
    {
        var inner = Jws.Read(request.Jws.Payload);
        var next = inner.Jwk ?? throw new Refused(Boulder.Malformed("Inner JWS does not have a JWK"));
        inner.Verify(next);
        var wish = inner.Json;
        if (inner.Text("url") != request.Url || Text(wish, "account") != urls.Account(request.Signer) || wish["oldKey"] is not JsonObject old
            || Jws.Thumbprint(old) != request.Signer.Thumbprint)
        {
            throw new Refused(Boulder.Malformed("Inner key rollover request is not consistent"));
        }

        var thumbprint = Jws.Thumbprint(next);
        if (book.Accounts.Any(account => account.Thumbprint == thumbprint)) { throw new Refused(new AcmeFault("conflict", "New key is already in use for a different account", 409)); }
        (request.Signer.Jwk, request.Signer.Thumbprint) = ((JsonObject)next.DeepClone(), thumbprint);
        return Show(request.Signer, 200);
    }

    /// <summary>§7.3.4. A MAC key serves once.</summary>
    private string? Bind(JsonObject wish, AcmeRequest request)
    {
        if (wish["externalAccountBinding"] is not JsonObject binding)
        {
            return awkward.RequiresExternalAccount ? throw new Refused(Boulder.ExternalAccountRequired()) : null;
        }

        var inner = Jws.Read(System.Text.Encoding.UTF8.GetBytes(binding.ToJsonString()));
        if (inner.Text("kid") is not { } kid || !book.ExternalAccounts.TryGetValue(kid, out var key)) { throw new Refused(Boulder.ExternalAccountUsedUp()); }
        if (inner.Text("url") != request.Url || !inner.VerifyMac(key) || Jws.Thumbprint(inner.Json) != Jws.Thumbprint(request.Jwk))
        {
            throw new Refused(Boulder.Unauthorized("external account binding JWS verification error"));
        }

        book.ExternalAccounts.TryRemove(kid, out _);
        return kid;
    }

    private AcmeReply Show(CaAccount account, int status)
    {
        var json = new JsonObject { ["status"] = account.Status, ["key"] = account.Jwk.DeepClone(), ["createdAt"] = "2026-01-01T00:00:00Z" };
        if (awkward.ShowsContact) { json["contact"] = new JsonArray([.. account.Contact.Select(each => (JsonNode?)each)]); }
        return new AcmeReply(status, json) { Location = urls.Account(account), Links = [$"<https://ca.test/terms>;rel=\"terms-of-service\""] };
    }

    private static List<string> Contact(JsonObject wish) => wish["contact"] is JsonArray list ? [.. list.Select(each => (string)each!)] : [];

    private static bool IsTrue(JsonObject json, string member) => json[member] is JsonValue value && value.TryGetValue<bool>(out var isTrue) && isTrue;

    private static string? Text(JsonObject json, string member) => json[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
