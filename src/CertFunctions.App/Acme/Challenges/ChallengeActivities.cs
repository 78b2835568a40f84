using CertFunctions.App.Acme.Dns01;
using CertFunctions.App.Acme.Orders;
using CertFunctions.App.Api;
using CertFunctions.App.Events;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;

namespace CertFunctions.App.Acme.Challenges;

/// <summary>The side effects of a challenge: one call outward each, and every one safe to repeat.</summary>
public sealed class ChallengeActivities(ChallengeDesk desk, ChallengeCleaning cleaning, AcmeWaits waits, TimeProvider time, EventRecorder events)
{
    private static readonly TimeSpan Shortly = TimeSpan.FromSeconds(1);

    /// <summary>Publishes the answer for one name (RFC 8555 §8). What is about to be published is recorded first.</summary>
    [Function(nameof(PresentChallenge))]
    public async Task<ChallengeView> PresentChallenge([ActivityTrigger] ChallengeTicket ticket, CancellationToken cancellationToken)
    {
        var (job, instead) = await desk.OpenAsync(ticket, cancellationToken);
        if (job is null) { return instead; }
        if (job.Challenge.Resource.Status?.AcceptedAt is not null) { return new(ChallengeView.Accepted); }

        var answers = cleaning.For(job.Challenge.Resource);
        var (fqdn, located) = await answers.LocateAsync(job.Challenge.Resource, cancellationToken);
        if (located.Code is not null) { return await NotNowAsync(job.Challenge, located, cancellationToken); }

        var marked = await desk.ChangeAsync(job.Challenge, status => status with
        {
            Processing = true, Presented = true, PresentedAt = status.PresentedAt ?? time.GetUtcNow(), State = "pending", Fqdn = fqdn, Reason = null,
        }, cancellationToken);
        if (marked is null) { return new(ChallengeView.Superseded); }

        var outcome = await answers.PresentAsync(marked.Resource, cancellationToken);
        if (outcome.Code is not null) { return await NotNowAsync(marked, outcome, cancellationToken); }

        await TellAsync(Occurrence.Normal(Subject(marked.Resource), "Presented", $"Presented challenge using {marked.Resource.Spec.Type} challenge mechanism", "presented"), cancellationToken);
        return new(ChallengeView.Presented);
    }

    /// <summary>Looks whether the answer can be seen, right before the CA is told; publishes it again when somebody took it away.</summary>
    [Function(nameof(CheckChallenge))]
    public async Task<ChallengeView> CheckChallenge([ActivityTrigger] ChallengeTicket ticket, CancellationToken cancellationToken)
    {
        var (job, instead) = await desk.OpenAsync(ticket, cancellationToken);
        if (job is null) { return instead; }

        var challenge = job.Challenge.Resource;
        var since = time.GetUtcNow() - (challenge.Status?.PresentedAt ?? time.GetUtcNow());
        if (challenge.Spec.Solver.WaitInsteadOfSelfCheck is { } wait)
        {
            return since >= wait ? new(ChallengeView.Visible) : new(ChallengeView.Presented, Wait: wait - since < OrderPolicy.LongestPoll ? wait - since : OrderPolicy.LongestPoll);
        }

        var answers = cleaning.For(challenge);
        var check = await answers.CheckAsync(challenge, cancellationToken);
        var view = ChallengePolicy.Decide(check, since, answers.Pace);
        if (view.State is ChallengeView.Blocked) { return await NotNowAsync(job.Challenge, new(view.Reason, view.Message, null), cancellationToken); }
        if (view.State is ChallengeView.Presented) { await desk.ChangeAsync(job.Challenge, status => status with { Reason = $"Waiting for {challenge.Spec.Type} challenge propagation: {check.Message}" }, cancellationToken); }
        if (check.State == SelfCheck.NotVisible && view.State is ChallengeView.Presented) { await answers.PresentAsync(challenge, cancellationToken); }

        return view;
    }

    /// <summary>Tells the CA that the answer is in place (§7.5.1).</summary>
    [Function(nameof(AcceptChallenge))]
    public async Task<ChallengeView> AcceptChallenge([ActivityTrigger] ChallengeTicket ticket, CancellationToken cancellationToken)
    {
        var (job, instead) = await desk.OpenAsync(ticket, cancellationToken);
        if (job is null) { return instead; }

        var answer = await job.Order.Client.AcceptChallengeAsync(job.Order.Identity, new Uri(job.Challenge.Resource.Spec.Url), cancellationToken);
        if (answer.Problem is { IsVerdict: false } later) { return Later(later); }

        // A refusal here is most often the CA's word that it was told already: the authorization says so.
        await desk.ChangeAsync(job.Challenge, status => status with { AcceptedAt = status.AcceptedAt ?? time.GetUtcNow(), Reason = null }, cancellationToken);
        return new(ChallengeView.Accepted, Wait: answer.RetryAfter);
    }

    /// <summary>Asks for the CA's verdict on one name.</summary>
    [Function(nameof(PollChallenge))]
    public async Task<ChallengeView> PollChallenge([ActivityTrigger] ChallengeTicket ticket, CancellationToken cancellationToken)
    {
        var (job, instead) = await desk.OpenAsync(ticket, cancellationToken);
        if (job is null) { return instead; }

        var spec = job.Challenge.Resource.Spec;
        var answer = await job.Order.Client.GetAuthorizationAsync(job.Order.Identity, new Uri(spec.AuthorizationURL), cancellationToken);
        if (answer.Value is not { } authorization) { return Later(answer.Problem!); }
        if (authorization.Status == "pending") { return new(ChallengeView.Accepted, Wait: answer.RetryAfter); }

        var error = authorization.Challenges.FirstOrDefault(each => each.Url.OriginalString == spec.Url)?.Error ?? authorization.Challenges.Select(each => each.Error).FirstOrDefault(each => each is not null);
        if (authorization.Status is not ("valid" or "invalid"))
        {
            await desk.ChangeAsync(job.Challenge, status => status with { State = "expired", Reason = $"The authorization is {authorization.Status}." }, cancellationToken);
            return new(ChallengeView.Blocked, "AuthorizationExpired", $"{spec.DnsName}: the authorization is {authorization.Status}.", Shortly);
        }

        var message = $"{spec.DnsName}: {error?.Describe() ?? authorization.Status}";
        await desk.ChangeAsync(job.Challenge, status => status with { State = authorization.Status, Reason = authorization.Status == "valid" ? null : message }, cancellationToken);
        if (authorization.Status == "valid")
        {
            await TellAsync(Occurrence.Normal(Subject(job.Challenge.Resource), "DomainVerified", $"Domain \"{spec.DnsName}\" verified with \"{spec.Type}\" validation", "valid"), cancellationToken);
            return new(ChallengeView.Valid);
        }

        await waits.CountFailureAsync(job.Order.Account, spec.DnsName, spec.Url, cancellationToken);
        await TellAsync(Occurrence.Warning(Subject(job.Challenge.Resource), "Failed", $"Accepting challenge authorization failed: {message}", "invalid"), cancellationToken);
        return new(ChallengeView.Invalid, "ChallengeFailed", message);
    }

    /// <summary>Takes the answer away; what does not work now is tried again by the challenge's own run.</summary>
    [Function(nameof(CleanUpChallenge))]
    public async Task CleanUpChallenge([ActivityTrigger] ChallengeTicket ticket, CancellationToken cancellationToken)
    {
        if (await desk.FindAsync(ticket, cancellationToken) is { } challenge) { await cleaning.CleanUpAsync(challenge, cancellationToken); }
    }

    /// <summary>The CA did not answer, or does not know the authorization any more: the order is looked at again.</summary>
    private static ChallengeView Later(AcmeProblem problem)
    {
        var view = OrderView.Of(problem);
        return problem.IsVerdict ? new(ChallengeView.Blocked, "AuthorizationGone", problem.Describe(), Shortly) : new(ChallengeView.Blocked, view.Reason, view.Message, view.RetryAfter);
    }

    private async Task<ChallengeView> NotNowAsync(Stored<Challenge> challenge, SolverOutcome outcome, CancellationToken cancellationToken)
    {
        await desk.ChangeAsync(challenge, status => status with { Reason = outcome.Message }, cancellationToken);
        await TellAsync(Occurrence.Warning(Subject(challenge.Resource), "PresentError", $"{outcome.Code}: {outcome.Message}"), cancellationToken);
        return new(ChallengeView.Blocked, outcome.Code, $"{challenge.Resource.Spec.DnsName}: {outcome.Message}", outcome.RetryAfter);
    }

    private Task TellAsync(Occurrence occurrence, CancellationToken cancellationToken) => events.RecordAsync(occurrence, cancellationToken);

    private static EventSubject Subject(Challenge challenge) => EventSubject.Of(ChallengeKind.Kind, challenge.Metadata.Namespace, challenge.Metadata.Name, challenge.Metadata.Uid!);
}
