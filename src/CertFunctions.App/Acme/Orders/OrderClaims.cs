using System.Security.Cryptography;
using System.Text;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Orders;

/// <summary>Who may finalize an order at the CA: it may hand the same one to two requests (acme-cases 17).</summary>
public sealed class OrderClaims(IObjectStore objects, ResourceStore store)
{
    /// <summary>Makes the claim this request's, if nobody has it or its owner is gone.</summary>
    /// <returns>Whether it is this request's now.</returns>
    public async Task<bool> TakeAsync(string orderUrl, CertificateRequest request, CancellationToken cancellationToken)
    {
        var mine = $"{request.Metadata.Namespace}/{request.Metadata.Name}/{request.Metadata.Uid}";
        var content = Encoding.UTF8.GetBytes(mine);
        while (true)
        {
            if (await objects.FindAsync(Name(orderUrl), cancellationToken) is not { } found)
            {
                if (await objects.PutIfAbsentAsync(Name(orderUrl), content, cancellationToken) is PutResult.Written) { return true; }
                continue;
            }

            var owner = Encoding.UTF8.GetString(found.Content.Span);
            if (owner == mine) { return true; }
            if (await IsAliveAsync(owner, cancellationToken)) { return false; }
            if (await objects.PutIfMatchAsync(Name(orderUrl), content, found.ETag, cancellationToken) is PutResult.Written) { return true; }
        }
    }

    /// <summary>Gives back what is this request's; safe to repeat.</summary>
    public async Task DropAsync(string orderUrl, CertificateRequest request, CancellationToken cancellationToken)
    {
        if (await objects.FindAsync(Name(orderUrl), cancellationToken) is { } found && Encoding.UTF8.GetString(found.Content.Span).EndsWith($"/{request.Metadata.Uid}", StringComparison.Ordinal))
        {
            await objects.DeleteIfMatchAsync(Name(orderUrl), found.ETag, cancellationToken);
        }
    }

    /// <summary>A request that has not ended.</summary>
    private async Task<bool> IsAliveAsync(string owner, CancellationToken cancellationToken) =>
        owner.Split('/') is [var ns, var name, var uid]
        && await store.FindAsync(CertificateRequestKind.Kind, new ResourceName(ns, name), uid, cancellationToken) is { Resource: var request } && !RequestStatus.IsFinal(request);

    private static string Name(string orderUrl) => $"claims/order/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(orderUrl)))}";
}
