using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.AwkwardCa;

/// <summary>RFC 9773: renewal information, and <c>replaces</c> in newOrder.</summary>
internal sealed class RenewalPart(CaBook book, Awkwardness awkward)
{
    public AcmeReply Get(string id, AcmeCall call)
    {
        var certificate = book.Certificates.FirstOrDefault(each => each.RenewalId == id) ?? throw new Refused(Boulder.NotFound("Requested certificate was not found"));
        call.Identifiers = [.. certificate.Identifiers.Select(name => name.Value)];
        var answer = awkward.RenewalInfo?.Invoke(certificate) ?? Usual(certificate);
        if (answer.Status >= 400) { throw new Refused(new AcmeFault("serverInternal", "Error determining renewal window", answer.Status) { RetryAfter = answer.RetryAfter }); }

        var json = new JsonObject { ["suggestedWindow"] = new JsonObject { ["start"] = AcmeReply.Time(answer.Start), ["end"] = AcmeReply.Time(answer.End) } };
        if (answer.ExplanationUrl is not null) { json["explanationURL"] = answer.ExplanationUrl; }
        return new AcmeReply(answer.Status, json) { Body = answer.Body is null ? null : Encoding.UTF8.GetBytes(answer.Body), RetryAfter = answer.RetryAfter };
    }

    /// <returns>Serial number of what is replaced; null: nothing.</returns>
    public string? CheckReplaces(string? id, CaAccount account, List<CaIdentifier> names)
    {
        if (id is null) { return null; }
        if (awkward.RefuseReplaces is { } refusal) { throw new Refused(refusal); }

        var old = book.Certificates.FirstOrDefault(each => each.RenewalId == id)
            ?? throw new Refused(Boulder.NotFound("Could not validate ARI 'replaces' field :: path contained an Authority Key Identifier that did not match a known issuer"));
        if (old.Account.Id != account.Id) { throw new Refused(Boulder.ReplacesOfAnother()); }
        if (!old.Identifiers.Any(names.Contains)) { throw new Refused(Boulder.ReplacesOtherNames()); }
        if (book.Orders.Any(order => order.Replaces == old.Serial && order.Status(book.Now) != "invalid")) { throw new Refused(Boulder.AlreadyReplaced(old.Serial)); }
        return old.Serial;
    }

    /// <summary>Let's Encrypt's: a fiftieth of the life wide, around two thirds of it; a revoked one at once.</summary>
    private RenewalAnswer Usual(IssuedCertificate certificate)
    {
        if (certificate.Revoked is not null) { return RenewalAnswer.Incident(book.Now); }
        var life = certificate.NotAfter - certificate.NotBefore;
        var middle = certificate.NotAfter - (life / 3);
        return new RenewalAnswer(middle - (life / 100), middle + (life / 100));
    }
}
