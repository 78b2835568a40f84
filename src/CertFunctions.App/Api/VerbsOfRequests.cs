using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Events;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary><c>POST …/certificaterequests/{name}/approve</c> and <c>/deny</c>, with an optional <c>{"reason", "message"}</c>: a person's decision, taken once.</summary>
public sealed class DecideRequest(string segment, string decision, VerbWriter writer, RequestDecisions decisions) : Subresource
{
    public override string Segment => segment;

    public override IReadOnlyList<string> Verbs => ["create"];

    public override bool IsFor(ResourceKind kind) => kind == CertificateRequestKind.Kind;

    public override async Task<IResult> AnswerAsync(SubresourceCall call, CancellationToken cancellationToken)
    {
        if (!HttpMethods.IsPost(call.Request.Method)) { return Statuses.MethodNotAllowed(); }

        var (texts, refusal) = await VerbBody.ReadTextsAsync(call.Request, ["reason", "message"], cancellationToken);
        if (refusal is not null) { return refusal; }

        var reason = texts.Find("reason") ?? "Manually" + decision;
        var message = texts.Find("message") ?? $"manually {decision.ToLowerInvariant()} by {CertificateRequestKind.ApiUser}";
        return await writer.ChangeAsync(
            CertificateRequestKind.Kind, call, expected: null,
            request => decisions.Apply(request, ApprovalPolicy.Decide(request.Status?.Conditions, decision, reason, message)), cancellationToken);
    }
}

/// <summary><c>PUT …/certificaterequests/{name}/status</c>, for what <c>cmctl approve</c> and <c>deny</c> send: of the body only Approved and Denied count.</summary>
public sealed class RequestStatusVerb(VerbWriter writer, RequestDecisions decisions) : Subresource
{
    public override string Segment => "status";

    public override IReadOnlyList<string> Verbs => ["get", "update"];

    public override bool IsFor(ResourceKind kind) => kind == CertificateRequestKind.Kind;

    public override async Task<IResult> AnswerAsync(SubresourceCall call, CancellationToken cancellationToken)
    {
        if (HttpMethods.IsGet(call.Request.Method)) { return await writer.ReadAsync(CertificateRequestKind.Kind, call, cancellationToken); }
        if (!HttpMethods.IsPut(call.Request.Method)) { return Statuses.MethodNotAllowed(); }

        var (expected, conditions, refusal) = await VerbBody.ReadStatusAsync(call, cancellationToken);
        return refusal ?? await writer.ChangeAsync(
            CertificateRequestKind.Kind, call, expected, request => decisions.Apply(request, ApprovalPolicy.Decide(request.Status?.Conditions, conditions)), cancellationToken);
    }
}

/// <summary>Puts a decision into a request.</summary>
public sealed class RequestDecisions(IIds ids, TimeProvider time)
{
    public VerbChange<CertificateRequest> Apply(CertificateRequest request, ApprovalVerdict verdict)
    {
        if (verdict.Set is not { } decision) { return new(request, null, verdict.Violations); }

        var meta = request.Metadata;
        var subject = EventSubject.Of(CertificateRequestKind.Kind, meta.Namespace, meta.Name, meta.Uid!);
        var news = new Occurrence(subject, IsWarning: decision.Type == ApprovalPolicy.Denied, decision.Reason!, decision.Message!, Key: decision.Type);
        return new(RequestStatus.Decided(request, decision, ids, time.GetUtcNow()), news, []);
    }
}
