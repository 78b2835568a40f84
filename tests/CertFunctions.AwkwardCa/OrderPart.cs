using System.Globalization;
using System.Text.Json.Nodes;

namespace CertFunctions.AwkwardCa;

/// <summary>RFC 8555 §7.4: newOrder, and the order as it stands.</summary>
internal sealed class OrderPart(CaBook book, Awkwardness awkward, Urls urls, AuthorizationPart authorizations, RenewalPart renewal, IReadOnlyCollection<RateLimit> limits, Func<OrderBucket?> bucket)
{
    public AcmeReply New(AcmeRequest request)
    {
        var wish = request.Jws.Json;
        var names = Read(wish);
        request.Call.Identifiers = [.. names.Select(name => name.Value)];
        if (!awkward.SupportsDates && (wish["notAfter"] is not null || wish["notBefore"] is not null)) { throw new Refused(Boulder.DatesNotSupported()); }
        Check(names);
        if (limits.Where(limit => limit.PauseJwt is not null).Select(limit => limit.Check(names, book.Now)).FirstOrDefault(found => found is not null) is { } pause) { throw new Refused(pause); }

        var asked = (string?)wish["profile"];
        var profile = Profile.Of(asked);
        lock (book.Gate)
        {
            var replaces = renewal.CheckReplaces((string?)wish["replaces"], request.Signer, names);
            var limited = limits.Where(limit => limit.PauseJwt is null).Select(limit => limit.Check(names, book.Now)).FirstOrDefault(found => found is not null) ?? bucket()?.Spend(book.Now);
            if (limited is not null) { throw new Refused(limited); }
            if (awkward.RefuseOrder?.Invoke(names) is { } refusal) { throw new Refused(refusal); }

            var order = Find(request.Signer, names, asked) ?? Make(request.Signer, names, asked, profile, replaces, (string?)wish["notAfter"]);
            order.HandedOut++;
            return Show(order, 201);
        }
    }

    public AcmeReply Get(AcmeRequest request)
    {
        var order = Of(request);
        lock (book.Gate)
        {
            var reply = Show(order, 200);
            if (order.PollsLeft > 0) { order.PollsLeft--; }
            return reply;
        }
    }

    public CaOrder Of(AcmeRequest request)
    {
        if (request.Path.Count != 2 || !book.OrdersById.TryGetValue(request.Path[1], out var order)) { throw new Refused(Boulder.NoOrder(request.Path[^1])); }
        if (order.Account != request.Signer) { throw new Refused(Boulder.NotFound($"No order found for account ID {request.Signer.Id}")); }
        request.Call.Identifiers = [.. order.Identifiers.Select(name => name.Value)];
        return order;
    }

    public AcmeReply Show(CaOrder order, int status)
    {
        var state = order.Status(book.Now);
        var json = new JsonObject
        {
            ["status"] = state,
            ["expires"] = AcmeReply.Time(order.Expires),
            ["identifiers"] = new JsonArray([.. order.Identifiers.Select(name => (JsonNode?)name.ToJson())]),
            ["authorizations"] = new JsonArray([.. order.Authorizations.Select(each => (JsonNode?)urls.Authorization(each))]),
            ["finalize"] = urls.Finalize(order),
        };
        if (order.AskedProfile is not null) { json["profile"] = order.AskedProfile; }
        if (state == "valid") { json["certificate"] = urls.Certificate(order.Certificate!); }
        if (state == "invalid" && order.Error is not null) { json["error"] = order.Error.ToJson(); }
        return new AcmeReply(status, json) { Location = urls.Order(order), RetryAfter = state == "processing" ? awkward.PollRetryAfter : null };
    }

    private CaOrder? Find(CaAccount account, List<CaIdentifier> names, string? profile) => !awkward.ReusesOrders ? null
        : book.Orders.FirstOrDefault(order => order.Account == account && order.AskedProfile == profile && order.Status(book.Now) is "pending" or "ready" && order.Account == account
            && order.AskedProfile == profile && order.Identifiers.Count == names.Count && order.Identifiers.All(names.Contains));

    private CaOrder Make(CaAccount account, List<CaIdentifier> names, string? asked, Profile profile, string? replaces, string? notAfter)
    {
        var order = new CaOrder
        {
            Id = book.NewId(), Account = account, Identifiers = names, Profile = profile.Name, AskedProfile = asked, Replaces = replaces,
            Expires = book.Now + (awkward.OrderLife ?? profile.OrderLife),
            NotAfter = notAfter is null ? null : DateTimeOffset.Parse(notAfter, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            Authorizations = [.. names.Select(name => authorizations.For(account, name, profile))],
        };
        var earliest = order.Authorizations.Min(each => each.Expires);
        if (earliest < order.Expires) { order.Expires = earliest; }
        book.OrdersById[order.Id] = order;
        return order;
    }

    private static List<CaIdentifier> Read(JsonObject wish)
    {
        if (wish["identifiers"] is not JsonArray { Count: > 0 } list) { throw new Refused(Boulder.Malformed("NewOrder request did not specify any identifiers")); }
        var names = list.Select(each => new CaIdentifier((string)each!["type"]!, ((string)each["value"]!).ToLowerInvariant())).Distinct().ToList();
        return names.Find(name => name.Type is not ("dns" or "ip")) is { } other ? throw new Refused(Boulder.UnsupportedIdentifier(other))
            : [.. names.OrderBy(name => name.Value, StringComparer.Ordinal)];
    }

    private static void Check(List<CaIdentifier> names)
    {
        foreach (var name in names.Where(name => name.Type == "dns"))
        {
            var labels = name.Value.Split('.');
            if (labels.Length < 2) { throw new Refused(Boulder.Malformed($"Invalid identifiers requested :: Cannot issue for \"{name.Value}\": Domain name needs at least one dot")); }
            if (name.Value.Contains('_', StringComparison.Ordinal)) { throw new Refused(Boulder.Malformed($"Invalid identifiers requested :: Cannot issue for \"{name.Value}\": Domain name contains an invalid character")); }
            if (!name.IsWildcard && names.Contains(name with { Value = $"*.{string.Join('.', labels[1..])}" })) { throw new Refused(Boulder.RedundantWithWildcard(name.Value)); }
        }
    }
}
