using System.Collections.Frozen;
using CertFunctions.App.Acme.Dns01;
using CertFunctions.App.Api;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Challenges;

/// <summary>Takes away what challenges published. What a provider does not let go now keeps its Challenge, and a due entry that brings it back.</summary>
public sealed class ChallengeCleaning(
    ResourceStore store, ChallengeDesk desk, IEnumerable<IChallengeAnswers> answers, DueIndex due, TimeProvider time, IOptions<ScheduleOptions> options, EventRecorder events)
{
    private readonly FrozenDictionary<string, IChallengeAnswers> _answers = answers.ToFrozenDictionary(each => each.Type);

    public IChallengeAnswers For(Challenge challenge) => _answers[challenge.Spec.Type];

    /// <summary>Safe to repeat; nothing is asked of the provider when nothing is published.</summary>
    public async Task<SolverOutcome> CleanUpAsync(Stored<Challenge> read, CancellationToken cancellationToken)
    {
        var challenge = read.Resource;
        if (challenge.Status?.Presented is not true) { return SolverOutcome.Done; }

        var outcome = await For(challenge).CleanUpAsync(challenge, cancellationToken);
        if (outcome.Code is null) { await desk.ChangeAsync(read, status => status with { Presented = null, Processing = null, PresentedAt = null }, cancellationToken); }
        else
        {
            var subject = EventSubject.Of(ChallengeKind.Kind, challenge.Metadata.Namespace, challenge.Metadata.Name, challenge.Metadata.Uid!);
            await events.RecordAsync(Occurrence.Warning(subject, "CleanUpError", outcome.Message ?? outcome.Code), cancellationToken);
            await due.FileAsync(ChallengeKind.Kind, ResourceStore.NameOf(challenge), challenge.Metadata.Uid!, time.GetUtcNow() + (outcome.RetryAfter ?? options.Value.WaitFirst), cancellationToken);
        }

        return outcome;
    }

    /// <returns>False when it is still published somewhere: then it stays, and its own run goes on.</returns>
    public async Task<bool> RemoveAsync(Stored<Challenge> read, CancellationToken cancellationToken)
    {
        if ((await CleanUpAsync(read, cancellationToken)).Code is not null) { return false; }

        var name = ResourceStore.NameOf(read.Resource);
        while (await store.FindAsync(ChallengeKind.Kind, name, read.Resource.Metadata.Uid!, cancellationToken) is { } now)
        {
            await due.RemoveAsync(now.Due, except: null, cancellationToken);
            if (await store.DeleteAsync(ChallengeKind.Kind, name, now.Version, cancellationToken)) { break; }
        }

        return true;
    }
}
