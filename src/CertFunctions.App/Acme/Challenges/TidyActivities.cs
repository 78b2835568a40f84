using CertFunctions.App.Acme.Orders;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Challenges;

/// <summary>A tidying run.</summary>
/// <param name="Now">Birth of the due entry to file, under the name part <paramref name="Unique"/>.</param>
public sealed record TidyTicket(RunTicket Run, DateTimeOffset Now, string Unique);

/// <summary>The last net: what a crash left of orders and challenges. Their due entries come from the sweep, or from a clean-up that failed.</summary>
public sealed class TidyActivities(ResourceStore store, ChallengeCleaning cleaning, OrderTidying orders, DueIndex due, IOptions<ScheduleOptions> options)
{
    /// <summary>An order goes with its request; this is only for what a crash left.</summary>
    private static readonly TimeSpan NextLook = TimeSpan.FromDays(30);

    /// <summary>Removes a challenge whose order or request is over; comes back later when it is needed, or still published.</summary>
    [Function(nameof(TidyChallenge))]
    public async Task TidyChallenge([ActivityTrigger] TidyTicket tidy, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(ChallengeKind.Kind, tidy.Run, cancellationToken) is not { } read)
        {
            await due.DropAsync(tidy.Run, cancellationToken);
            return;
        }

        if (!await IsNeededAsync(read.Resource, cancellationToken) && await cleaning.RemoveAsync(read, cancellationToken))
        {
            await due.RemoveAsync(tidy.Run.Entry, except: null, cancellationToken);
            return;
        }

        if (await store.FindAsync(ChallengeKind.Kind, tidy.Run, cancellationToken) is not { } kept) { return; }

        var wait = IssuerPolicy.Backoff(kept.Resource.Metadata.CreationTimestamp ?? tidy.Now, tidy.Now, options.Value.WaitFirst, options.Value.WaitMost);
        await due.SettleAsync(ChallengeKind.Kind, tidy.Run, kept, kept.Resource, DueIndex.NameFor(tidy.Run, tidy.Now + wait, tidy.Now, tidy.Unique), cancellationToken);
    }

    /// <summary>Removes an order whose request is gone.</summary>
    [Function(nameof(TidyOrder))]
    public async Task TidyOrder([ActivityTrigger] TidyTicket tidy, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(OrderKind.Kind, tidy.Run, cancellationToken) is not { } read)
        {
            await due.DropAsync(tidy.Run, cancellationToken);
            return;
        }

        var spec = read.Resource.Spec;
        if (await store.FindAsync(CertificateRequestKind.Kind, new ResourceName(tidy.Run.Namespace, spec.RequestName), spec.RequestUid, cancellationToken) is null)
        {
            await orders.RemoveAsync(read, cancellationToken);
            await due.RemoveAsync(tidy.Run.Entry, except: null, cancellationToken);
            return;
        }

        await due.SettleAsync(OrderKind.Kind, tidy.Run, read, read.Resource, DueIndex.NameFor(tidy.Run, tidy.Now + NextLook, tidy.Now, tidy.Unique), cancellationToken);
    }

    /// <summary>Its order names it, and is for a request that has not ended.</summary>
    private async Task<bool> IsNeededAsync(Challenge challenge, CancellationToken cancellationToken)
    {
        var ns = challenge.Metadata.Namespace;
        if (await store.FindAsync(OrderKind.Kind, new ResourceName(ns, challenge.Spec.OrderName), cancellationToken) is not { Resource: var order }) { return false; }
        if (order.Status?.Authorizations?.Any(each => each.Challenge == challenge.Metadata.Name || (each.Url == challenge.Spec.AuthorizationURL && each.Challenge is null)) is not true) { return false; }

        return await store.FindAsync(CertificateRequestKind.Kind, new ResourceName(ns, order.Spec.RequestName), order.Spec.RequestUid, cancellationToken) is { Resource: var request }
            && !RequestStatus.IsFinal(request);
    }
}
