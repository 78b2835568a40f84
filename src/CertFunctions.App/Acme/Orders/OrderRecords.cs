using CertFunctions.App.Api;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Orders;

/// <summary>The Order resource as it stands before the CA is asked: it exists, and says which run is asking.</summary>
public sealed class OrderRecords(ResourceStore store, OrderTidying tidying, IIds ids, TimeProvider time)
{
    /// <summary>A run that died while it asked is waited for this long; a repeat of the same run goes on at once.</summary>
    private static readonly TimeSpan Asking = TimeSpan.FromSeconds(30);

    /// <summary>Records that this run asks for an order, by a conditional write. What an earlier order published is taken away first.</summary>
    /// <returns>Null when another run is at it, or was first.</returns>
    public async Task<Stored<Order>?> BeginAsync(OrderJob job, AcmeNewOrder wish, string run, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (job.Order is not { } earlier)
        {
            var first = New(job, wish) with { Status = new OrderStatus { PlacingRun = run, PlacingAt = now } };
            return await store.CreateAsync(OrderKind.Kind, first, due: null, cancellationToken) is { } created ? new(first, created, null) : null;
        }

        var status = earlier.Resource.Status ?? new OrderStatus();
        if (status.PlacingRun is { } other && other != run && now - status.PlacingAt < Asking) { return null; }

        await tidying.RemoveChallengesAsync(earlier.Resource, cancellationToken);
        var again = earlier.Resource with { Spec = New(job, wish).Spec, Status = new OrderStatus { Placed = status.Placed, PlacingRun = run, PlacingAt = now } };
        return await store.ReplaceAsync(OrderKind.Kind, again, earlier.Version, earlier.Due, cancellationToken) is { } version ? new(again, version, earlier.Due) : null;
    }

    private Order New(OrderJob job, AcmeNewOrder wish)
    {
        var name = OrderKind.NameFor(job.Request);
        return new Order
        {
            Metadata = new ObjectMeta
            {
                Namespace = name.Namespace, Name = name.Name, Uid = ids.NewUid(), Generation = 1, CreationTimestamp = time.GetUtcNow(), Labels = job.Request.Metadata.Labels,
            },
            Spec = new OrderSpec
            {
                IssuerRef = job.Request.Spec.IssuerRef,
                CommonName = job.Csr.CommonName,
                DnsNames = job.Csr.DnsNames.Count == 0 ? null : job.Csr.DnsNames,
                IpAddresses = job.Csr.IpAddresses.Count == 0 ? null : job.Csr.IpAddresses,
                Duration = wish.NotAfter is null ? null : job.Request.Spec.Duration,
                Profile = wish.Profile,
                Replaces = wish.Replaces,
                RequestName = job.Request.Metadata.Name,
                RequestUid = job.RequestUid,
                Server = job.Client.Directory.OriginalString,
            },
        };
    }
}
