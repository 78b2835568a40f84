using CertFunctions.App.Certificates;
using CertFunctions.App.Events;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary><c>POST …/certificates/{name}/revoke</c>, optionally with <c>{"reason": "keyCompromise"}</c>: revokes what is stored, blocks its key, and issues anew with another at once.</summary>
public sealed class RevokeCertificateVerb(VerbWriter writer, TimeProvider time) : Subresource
{
    public override string Segment => "revoke";

    public override IReadOnlyList<string> Verbs => ["create"];

    public override bool IsFor(ResourceKind kind) => kind == CertificateKind.Kind;

    public override async Task<IResult> AnswerAsync(SubresourceCall call, CancellationToken cancellationToken)
    {
        if (!HttpMethods.IsPost(call.Request.Method)) { return Statuses.MethodNotAllowed(); }

        var (texts, refusal) = await VerbBody.ReadTextsAsync(call.Request, ["reason"], cancellationToken);
        return refusal ?? await writer.ChangeAsync(CertificateKind.Kind, call, expected: null, certificate => Asked(certificate, texts.Find("reason") ?? "unspecified", time.GetUtcNow()), cancellationToken);
    }

    private static VerbChange<Certificate> Asked(Certificate certificate, string reason, DateTimeOffset now)
    {
        if (RevocationReasons.Code(reason) is null) { return new(certificate, null, [Violation.NotSupported("reason", reason, RevocationReasons.Names)]); }
        if (certificate.Status?.Vault is not { Version: { } version, X5t: { } x5t }) { return new(certificate, null, [Violation.Forbidden("status.vault", "nothing is issued yet that could be revoked")]); }
        if (certificate.Status.Revocation?.X5t == x5t) { return new(certificate, null, []); }

        var meta = certificate.Metadata;
        var asked = new Revocation { Version = version, X5t = x5t, Reason = reason, RequestedAt = now };
        var news = Occurrence.Normal(EventSubject.Of(CertificateKind.Kind, meta.Namespace, meta.Name, meta.Uid!), "RevocationRequested", $"The certificate {x5t} is to be revoked ({reason})", $"revoke {x5t}");
        return new(certificate with { Status = certificate.Status with { Revocation = asked } }, news, []);
    }
}
