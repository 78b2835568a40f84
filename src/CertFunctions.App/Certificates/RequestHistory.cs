using System.Globalization;
using System.Runtime.CompilerServices;
using CertFunctions.App.Acme.Orders;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Certificates;

/// <summary>The CertificateRequests that were made for one Certificate: found by name, told from others by the owner's uid.</summary>
public sealed class RequestHistory(ResourceStore store, IObjectStore objects, DueIndex due, OrderTidying orders)
{
    /// <summary>Deletes the requests that <c>spec.revisionHistoryLimit</c> no longer keeps; safe to repeat.</summary>
    /// <param name="abandoned">Uid of one that goes, too, whatever its revision.</param>
    public async Task PruneAsync(Certificate certificate, string? abandoned, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(certificate.Metadata, cancellationToken);
        if (abandoned is null && names.Count <= certificate.Spec.RevisionHistoryLimitOrDefault()) { return; }

        var found = new List<(RequestRevision Revision, Stored<CertificateRequest> Request)>();
        await foreach (var request in ReadAsync(names, certificate.Metadata, cancellationToken))
        {
            if (request.Resource.Metadata.Uid == abandoned) { await RemoveAsync(request, cancellationToken); }
            else if (RevisionOf(request.Resource) is { } revision) { found.Add((new RequestRevision(request.Resource.Metadata.Name, revision), request)); }
        }

        foreach (var name in RequestHistoryPolicy.Surplus(found.Select(each => each.Revision), certificate.Status?.Revision, certificate.Spec))
        {
            await RemoveAsync(found.First(each => each.Revision.Name == name).Request, cancellationToken);
        }
    }

    /// <summary>Deletes every one of them; safe to repeat.</summary>
    public async Task RemoveAllAsync(ObjectMeta owner, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(owner, cancellationToken);
        await foreach (var request in ReadAsync(names, owner, cancellationToken)) { await RemoveAsync(request, cancellationToken); }
    }

    /// <summary>Those that may be this owner's: others whose name begins alike are among them.</summary>
    private async Task<IReadOnlyList<ResourceName>> NamesAsync(ObjectMeta owner, CancellationToken cancellationToken)
    {
        var prefix = CertificateRequestKind.Kind.ObjectName(new ResourceName(owner.Namespace, RequestNames.Prefix(owner.Name)));
        var names = new List<ResourceName>();
        await foreach (var entry in objects.ListAllAsync(prefix, cancellationToken)) { names.Add(new ResourceName(owner.Namespace, entry.Name[(entry.Name.LastIndexOf('/') + 1)..])); }
        return names;
    }

    private async IAsyncEnumerable<Stored<CertificateRequest>> ReadAsync(
        IReadOnlyList<ResourceName> names, ObjectMeta owner, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            if (await store.FindAsync(CertificateRequestKind.Kind, name, cancellationToken) is { } request
                && request.Resource.Metadata.Annotations?.Find(Annotations.CertificateUid) == owner.Uid)
            {
                yield return request;
            }
        }
    }

    /// <summary>Deletes one of them with what names it; safe to repeat.</summary>
    public async Task RemoveAsync(Stored<CertificateRequest> request, CancellationToken cancellationToken)
    {
        foreach (var index in CertificateRequestKind.Kind.IndexEntries(request.Resource)) { await due.RemoveAsync(index, except: null, cancellationToken); }

        await orders.RemoveForAsync(request.Resource, cancellationToken);
        await due.RemoveAsync(request.Due, except: null, cancellationToken);
        await store.DeleteAsync(CertificateRequestKind.Kind, ResourceStore.NameOf(request.Resource), request.Version, cancellationToken);
    }

    private static int? RevisionOf(CertificateRequest request) =>
        int.TryParse(request.Metadata.Annotations?.Find(Annotations.CertificateRevision), CultureInfo.InvariantCulture, out var revision) ? revision : null;
}
