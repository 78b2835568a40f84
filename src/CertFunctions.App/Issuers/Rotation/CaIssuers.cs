using CertFunctions.App.Api;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Issuers.Rotation;

/// <summary>All <c>ca</c> issuers with the CAs they have. Listings tell which those are, so other types cost nothing.</summary>
public sealed class CaIssuers(IObjectStore objects, ResourceStore store)
{
    /// <summary>Listing metadata of an issuer of type <c>ca</c>.</summary>
    internal const string Mark = "ca";

    /// <summary>Those that have a CA pinned.</summary>
    public async Task<IReadOnlyList<IssuerCas>> ListAsync(CancellationToken cancellationToken) =>
    [
        .. await ListAsync(IssuerKind.Kind, issuer => issuer.Status, cancellationToken),
        .. await ListAsync(ClusterIssuerKind.Kind, issuer => issuer.Status, cancellationToken),
    ];

    private async Task<List<IssuerCas>> ListAsync<T>(ResourceKind<T> kind, Func<T, IssuerStatus?> status, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        var found = new List<IssuerCas>();
        await foreach (var entry in objects.ListAllAsync(kind.ObjectPrefix, cancellationToken))
        {
            if (entry.Metadata.Find(Mark) is not { Length: > 0 } || entry.Name.Split('/') is not [_, _, var ns, var name]) { continue; }

            var read = await store.FindAsync(kind, new ResourceName(ns == "_" ? null : ns, name), cancellationToken);
            if (read is not null && IssuerCas.Of(IssuerCas.NameOf(kind.Kind, ResourceStore.NameOf(read.Resource)), status(read.Resource)) is { } cas) { found.Add(cas); }
        }

        return found;
    }
}
