using CertFunctions.App.Certificates;
using CertFunctions.App.Events;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary><c>POST …/certificates/{name}/renew</c>: issues anew, whatever is stored; in back-off and outside windows too (semantics §3.5).</summary>
public sealed class RenewCertificate(VerbWriter writer, TimeProvider time) : Subresource
{
    private const string Message = "Certificate re-issuance manually triggered";

    public override string Segment => "renew";

    public override IReadOnlyList<string> Verbs => ["create"];

    public override bool IsFor(ResourceKind kind) => kind == CertificateKind.Kind;

    public override async Task<IResult> AnswerAsync(SubresourceCall call, CancellationToken cancellationToken)
    {
        if (!HttpMethods.IsPost(call.Request.Method)) { return Statuses.MethodNotAllowed(); }

        var (_, refusal) = await VerbBody.ReadTextsAsync(call.Request, [], cancellationToken);
        return refusal ?? await writer.ChangeAsync(CertificateKind.Kind, call, expected: null, certificate => Triggered(call, certificate, time.GetUtcNow()), cancellationToken);
    }

    /// <summary>With the Issuing condition that <c>cmctl renew</c> sets.</summary>
    internal static VerbChange<Certificate> Triggered(SubresourceCall call, Certificate certificate, DateTimeOffset now)
    {
        if (PausePolicy.IsPaused(certificate)) { call.Request.HttpContext.Response.Headers["Warning"] = "299 - \"The Certificate is paused: it is renewed once it is resumed.\""; }

        if (IsTrigger(certificate.Status?.Conditions.Find("Issuing"))) { return new(certificate, null, []); }

        var meta = certificate.Metadata;
        var news = Occurrence.Normal(EventSubject.Of(CertificateKind.Kind, meta.Namespace, meta.Name, meta.Uid!), "Issuing", Message, $"renew {meta.ResourceVersion}");
        return new(ReissuePolicy.Ask(certificate, ReissuePolicy.ManuallyTriggered, Message, now), news, []);
    }

    internal static bool IsTrigger(Condition? issuing) => issuing is { Type: "Issuing", IsTrue: true, Reason: ReissuePolicy.ManuallyTriggered };
}

/// <summary><c>PUT …/certificates/{name}/status</c>, for what <c>cmctl renew</c> sends: of the body only the trigger counts.</summary>
public sealed class CertificateStatusVerb(VerbWriter writer, TimeProvider time) : Subresource
{
    public override string Segment => "status";

    public override IReadOnlyList<string> Verbs => ["get", "update"];

    public override bool IsFor(ResourceKind kind) => kind == CertificateKind.Kind;

    public override async Task<IResult> AnswerAsync(SubresourceCall call, CancellationToken cancellationToken)
    {
        if (HttpMethods.IsGet(call.Request.Method)) { return await writer.ReadAsync(CertificateKind.Kind, call, cancellationToken); }
        if (!HttpMethods.IsPut(call.Request.Method)) { return Statuses.MethodNotAllowed(); }

        var (expected, conditions, refusal) = await VerbBody.ReadStatusAsync(call, cancellationToken);
        return refusal ?? await writer.ChangeAsync(
            CertificateKind.Kind, call, expected,
            certificate => conditions.Any(RenewCertificate.IsTrigger) ? RenewCertificate.Triggered(call, certificate, time.GetUtcNow()) : new(certificate, null, []), cancellationToken);
    }
}

/// <summary><c>POST …/certificates/{name}/pause</c> and <c>/resume</c>: the annotation that <see cref="PausePolicy"/> reads, set and removed.</summary>
public sealed class PauseCertificate(string segment, bool pause, VerbWriter writer) : Subresource
{
    public override string Segment => segment;

    public override IReadOnlyList<string> Verbs => ["create"];

    public override bool IsFor(ResourceKind kind) => kind == CertificateKind.Kind;

    public override async Task<IResult> AnswerAsync(SubresourceCall call, CancellationToken cancellationToken)
    {
        if (!HttpMethods.IsPost(call.Request.Method)) { return Statuses.MethodNotAllowed(); }

        var (_, refusal) = await VerbBody.ReadTextsAsync(call.Request, [], cancellationToken);
        return refusal ?? await writer.ChangeAsync(CertificateKind.Kind, call, expected: null, Change, cancellationToken);
    }

    private VerbChange<Certificate> Change(Certificate certificate)
    {
        var meta = certificate.Metadata;
        var annotations = meta.Annotations ?? ValueMap.Empty;
        if (PausePolicy.IsPaused(certificate) == pause) { return new(certificate, null, []); }

        // Acts as spec, so it is a new generation: a run under way stores nothing (design §4).
        var changed = certificate with
        {
            Metadata = meta with
            {
                Annotations = pause ? annotations.With(Annotations.Paused, "true") : ValueMap.From(annotations.Where(pair => pair.Key != Annotations.Paused)),
                Generation = meta.Generation + 1,
            },
        };
        var news = Occurrence.Normal(
            EventSubject.Of(CertificateKind.Kind, meta.Namespace, meta.Name, meta.Uid!), pause ? "Paused" : "Resumed",
            pause ? "Nothing is issued or renewed until the Certificate is resumed" : "Issuing and renewing go on", $"{segment} {meta.Generation + 1}");
        return new(changed, news, []);
    }
}
