using CertFunctions.App.Acme.Orders;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Challenges;

/// <summary>What an activity of a challenge works with.</summary>
public sealed record ChallengeJob(Stored<Challenge> Challenge, OrderJob Order);

/// <summary>Reads challenges and writes their status. What is no longer wanted goes no further.</summary>
public sealed class ChallengeDesk(ResourceStore store, OrderDesk orders)
{
    /// <returns>Either a job, or how the challenge stands without one.</returns>
    public async Task<(ChallengeJob? Job, ChallengeView View)> OpenAsync(ChallengeTicket ticket, CancellationToken cancellationToken)
    {
        if (await FindAsync(ticket, cancellationToken) is not { } challenge) { return (null, new(ChallengeView.Superseded)); }

        var name = new ResourceName(ticket.Namespace, challenge.Resource.Spec.OrderName);
        if (await store.FindAsync(OrderKind.Kind, name, cancellationToken) is not { Resource: var order }) { return (null, new(ChallengeView.Superseded)); }

        var (job, view) = await orders.OpenAsync(new RequestTicket(ticket.Namespace, order.Spec.RequestName, order.Spec.RequestUid), cancellationToken);
        if (job is not null) { return (new ChallengeJob(challenge, job), new(ChallengeView.Presented)); }

        return (null, view.State is OrderView.Blocked ? new(ChallengeView.Blocked, view.Reason, view.Message, view.RetryAfter) : new(ChallengeView.Superseded));
    }

    public Task<Stored<Challenge>?> FindAsync(ChallengeTicket ticket, CancellationToken cancellationToken) =>
        store.FindAsync(ChallengeKind.Kind, new ResourceName(ticket.Namespace, ticket.Name), ticket.Uid, cancellationToken);

    /// <summary>Changes the status over whatever is stored.</summary>
    /// <returns>The challenge as stored now; null when it is gone.</returns>
    public async Task<Stored<Challenge>?> ChangeAsync(Stored<Challenge>? read, Func<ChallengeStatus, ChallengeStatus> change, CancellationToken cancellationToken)
    {
        while (read is not null)
        {
            var status = change(read.Resource.Status ?? new ChallengeStatus());
            if (status == read.Resource.Status) { return read; }

            var changed = read.Resource with { Status = status };
            if (await store.ReplaceAsync(ChallengeKind.Kind, changed, read.Version, read.Due, cancellationToken) is { } version) { return new(changed, version, read.Due); }

            read = await store.FindAsync(ChallengeKind.Kind, ResourceStore.NameOf(read.Resource), read.Resource.Metadata.Uid!, cancellationToken);
        }

        return null;
    }
}
