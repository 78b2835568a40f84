using CertFunctions.App.Acme.Challenges;
using CertFunctions.App.Api;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Orders;

/// <summary>Takes orders and challenges away, with what they published. What cannot be taken away now keeps its Challenge, which comes back by its own due entry.</summary>
public sealed class OrderTidying(ResourceStore store, ChallengeCleaning cleaning, DueIndex due, OrderClaims claims, ChallengeSlots slots)
{
    /// <summary>Everything that was made for a request which is going away; safe to repeat.</summary>
    public async Task RemoveForAsync(CertificateRequest request, CancellationToken cancellationToken)
    {
        slots.Release(request.Metadata.Uid!);
        if (await store.FindAsync(OrderKind.Kind, OrderKind.NameFor(request), cancellationToken) is not { } order || order.Resource.Spec.RequestUid != request.Metadata.Uid) { return; }

        await RemoveAsync(order, cancellationToken);
        if (order.Resource.Status?.Url is { } url) { await claims.DropAsync(url, request, cancellationToken); }
    }

    public async Task RemoveAsync(Stored<Order> order, CancellationToken cancellationToken)
    {
        await RemoveChallengesAsync(order.Resource, cancellationToken);
        await due.RemoveAsync(order.Due, except: null, cancellationToken);
        await store.DeleteAsync(OrderKind.Kind, ResourceStore.NameOf(order.Resource), order.Version, cancellationToken);
    }

    /// <summary>The challenges that an order names.</summary>
    public async Task RemoveChallengesAsync(Order order, CancellationToken cancellationToken)
    {
        foreach (var name in order.Status?.Authorizations?.Select(each => each.Challenge).OfType<string>() ?? [])
        {
            if (await store.FindAsync(ChallengeKind.Kind, new ResourceName(order.Metadata.Namespace, name), cancellationToken) is { } challenge)
            {
                await cleaning.RemoveAsync(challenge, cancellationToken);
            }
        }
    }
}
