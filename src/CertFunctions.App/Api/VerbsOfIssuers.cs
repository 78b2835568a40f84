using CertFunctions.App.Events;
using CertFunctions.App.Issuers;
using CertFunctions.App.Issuers.Rotation;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Api;

/// <summary><c>POST …/issuers/{name}/rotate</c>: a new CA takes over, with old and new trusted side by side. Body, all optional: <c>version</c> (of the CA's vault object, instead of a new one),
/// <c>propagation</c>, <c>overlap</c> (Go durations), <c>quick</c>, <c>emergency</c> (<c>"true"</c>).</summary>
public sealed class RotateIssuer(IssuerVerbs verbs, RotationGatherer gatherer, IOptions<RotationOptions> options, IIds ids, TimeProvider time) : Subresource
{
    public override string Segment => "rotate";

    public override IReadOnlyList<string> Verbs => ["create"];

    public override bool IsFor(ResourceKind kind) => IssuerVerbs.IsIssuer(kind);

    public override async Task<IResult> AnswerAsync(SubresourceCall call, CancellationToken cancellationToken)
    {
        if (!HttpMethods.IsPost(call.Request.Method)) { return Statuses.MethodNotAllowed(); }

        var (texts, refusal) = await VerbBody.ReadTextsAsync(call.Request, ["version", "propagation", "overlap", "quick", "emergency"], cancellationToken);
        if (refusal is not null) { return refusal; }

        var problems = new List<Violation>();
        var request = new RotationRequest
        {
            Id = ids.NewUid(),
            RequestedAt = time.GetUtcNow().InWholeSeconds(),
            Version = texts.Find("version"),
            Propagation = Duration(texts, "propagation", problems),
            Overlap = Duration(texts, "overlap", problems),
            Quick = Flag(texts, "quick", problems),
            Emergency = Flag(texts, "emergency", problems),
        };
        if (request is { Quick: true, Emergency: not true, Overlap: { } overlap } && overlap < options.Value.ConsumerLag)
        {
            problems.Add(Violation.Invalid("overlap", texts.Find("overlap")!, $"with quick it must be at least {GoDuration.Format(options.Value.ConsumerLag)} (Rotation__ConsumerLag): so long may a consumer go on serving the old certificate"));
        }

        return await verbs.ChangeAsync(call, async issuer => problems.Count > 0 ? new(null, null, problems) : await RotatedAsync(issuer, request, cancellationToken), cancellationToken);
    }

    private async Task<IssuerChange> RotatedAsync(IssuerView issuer, RotationRequest request, CancellationToken cancellationToken)
    {
        if (issuer.Spec.Ca is not { } ca) { return IssuerChange.No("spec", "only issuers of type ca have a CA to rotate"); }

        var status = issuer.Status ?? new IssuerStatus();
        if (status.Pinned is not { } pinned) { return IssuerChange.No("status.pinned", "the issuer has no CA yet"); }
        if (status.Rotation is { Request: not null, Abandoned: null })
        {
            return IssuerChange.No("status.rotation", "a rotation is under way; another may begin once the pin has moved. POST …/abandon gives this one up");
        }

        if (request.Version == pinned.Version) { return IssuerChange.No("version", "the issuer signs with this version already"); }
        if (status.Rotation?.Next is not null && request.Version is not null) { return IssuerChange.No("version", "another CA waits already; without a version this one is taken, POST …/abandon gives it up"); }
        // What was given up lies ready, unless it was never made: then the pinned one stands there.
        var isReady = status.Rotation is { Abandoned: { } given } && given != pinned.Thumbprint;
        if (request.Version is null && status.Rotation?.Next is null && !isReady
            && await gatherer.FindCertificateAsync(issuer.SecretNamespace, ca.SecretName, cancellationToken) is null)
        {
            return IssuerChange.No("spec.ca.secretName", "no Certificate made this CA, so none can make another: import a new version of it, or name the secret of another CA");
        }

        var rotation = (status.Rotation ?? new RotationStatus { Stage = Core.Policy.RotationPolicy.Requested, StartedAt = request.RequestedAt, Message = "The next CA is being made." }) with { Request = request, Abandoned = null };
        if (rotation.Next is null) { rotation = rotation with { Stage = Core.Policy.RotationPolicy.Requested }; }

        return new(status with { Rotation = rotation }, ("RotationRequested", request.Emergency is true ? "The CA is to be replaced at once: its key is compromised" : "The CA is to be replaced", request.Id), []);
    }

    private static TimeSpan? Duration(ValueMap texts, string member, List<Violation> problems)
    {
        if (texts.Find(member) is not { } text) { return null; }
        if (GoDuration.TryParse(text, out var duration) && duration >= TimeSpan.Zero) { return duration; }

        problems.Add(Violation.Invalid(member, text, "must be a duration such as 24h"));
        return null;
    }

    private static bool? Flag(ValueMap texts, string member, List<Violation> problems)
    {
        if (texts.Find(member) is not { } text) { return null; }
        if (text is "true" or "false") { return text == "true" ? true : null; }

        problems.Add(Violation.NotSupported(member, text, ["true", "false"]));
        return null;
    }
}

/// <summary><c>POST …/issuers/{name}/abandon</c>: gives up a rotation whose pin has not moved; bundles and pin are as before.</summary>
public sealed class AbandonRotation(IssuerVerbs verbs) : Subresource
{
    public override string Segment => "abandon";

    public override IReadOnlyList<string> Verbs => ["create"];

    public override bool IsFor(ResourceKind kind) => IssuerVerbs.IsIssuer(kind);

    public override async Task<IResult> AnswerAsync(SubresourceCall call, CancellationToken cancellationToken)
    {
        if (!HttpMethods.IsPost(call.Request.Method)) { return Statuses.MethodNotAllowed(); }

        var (_, refusal) = await VerbBody.ReadTextsAsync(call.Request, [], cancellationToken);
        return refusal ?? await verbs.ChangeAsync(call, issuer => Task.FromResult(Abandoned(issuer)), cancellationToken);
    }

    private static IssuerChange Abandoned(IssuerView issuer)
    {
        if (issuer.Status?.Rotation is not { Abandoned: null } rotation || issuer.Status.Pinned is not { } pinned)
        {
            return issuer.Status?.Retiring is { Count: > 0 } retiring
                ? IssuerChange.No("status.rotation", $"the pin has moved; rotate back instead: POST …/rotate with {{\"version\": \"{retiring[^1].Signer.Version}\"}}")
                : IssuerChange.No("status.rotation", "no rotation is under way");
        }

        var abandoned = rotation with { Stage = Core.Policy.RotationPolicy.GivenUp, Abandoned = rotation.Next?.Thumbprint ?? pinned.Thumbprint, Request = rotation.Next is null ? null : rotation.Request, Message = "Given up; POST …/rotate takes it up again." };
        return new(issuer.Status with { Rotation = abandoned }, ("RotationAbandoned", "The rotation was given up; the CA in use stays", rotation.StartedAt.ToString("O", System.Globalization.CultureInfo.InvariantCulture)), []);
    }
}

/// <summary><c>POST …/issuers/{name}/pause</c> and <c>/resume</c>: stops a rotation where it is, and lets it go on.</summary>
public sealed class PauseRotation(string segment, bool pause, IssuerVerbs verbs) : Subresource
{
    public override string Segment => segment;

    public override IReadOnlyList<string> Verbs => ["create"];

    public override bool IsFor(ResourceKind kind) => IssuerVerbs.IsIssuer(kind);

    public override async Task<IResult> AnswerAsync(SubresourceCall call, CancellationToken cancellationToken)
    {
        if (!HttpMethods.IsPost(call.Request.Method)) { return Statuses.MethodNotAllowed(); }

        var (_, refusal) = await VerbBody.ReadTextsAsync(call.Request, [], cancellationToken);
        return refusal ?? await verbs.ChangeAsync(call, issuer => Task.FromResult(Change(issuer)), cancellationToken);
    }

    private IssuerChange Change(IssuerView issuer)
    {
        if (issuer.Spec.Ca is null) { return IssuerChange.No("spec", "only issuers of type ca have a rotation to pause"); }
        if ((issuer.Status?.RotationPaused is true) == pause) { return new(null, null, []); }

        var status = (issuer.Status ?? new IssuerStatus()) with { RotationPaused = pause ? true : null };
        return new(status, (pause ? "RotationPaused" : "RotationResumed", pause ? "The rotation stays where it is until it is resumed" : "The rotation goes on", $"{segment} {issuer.Version}"), []);
    }
}
