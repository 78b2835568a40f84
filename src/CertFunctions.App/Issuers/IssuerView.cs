using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Issuers;

/// <summary>An Issuer or a ClusterIssuer as it was read: what they have in common.</summary>
/// <param name="SecretNamespace">Where the secrets it names are looked up.</param>
/// <param name="Due">The name of its one scheduled due entry.</param>
public sealed record IssuerView(
    string Kind, ObjectMeta Metadata, IssuerSpec Spec, IssuerStatus? Status, string SecretNamespace, ETag Version, string? Due)
{
    public string Uid => Metadata.Uid!;

    /// <summary>The member of the spec that is set; null when none is known.</summary>
    public string? Type => Spec switch { { SelfSigned: not null } => "selfSigned", { Ca: not null } => "ca", { Acme: not null } => "acme", _ => null };

    public bool IsReady => Status?.Conditions.IsTrue("Ready") is true;
}

/// <summary>Both kinds of issuer behind one face, so that nothing else has to ask which it is.</summary>
public sealed class IssuerStore(ResourceStore store, DueIndex due, IOptions<VaultsOptions> vaults)
{
    /// <summary>Namespace in which a ClusterIssuer finds its secrets.</summary>
    public string ClusterResourceNamespace => vaults.Value.ClusterResourceNamespace;

    /// <summary>The issuer that a resource of <paramref name="ns"/> refers to; null when there is none.</summary>
    public Task<IssuerView?> FindAsync(IssuerRef issuer, string? ns, CancellationToken cancellationToken) => issuer.KindOrDefault() switch
    {
        "Issuer" => FindAsync(IssuerKind.Kind.Plural, new ResourceName(ns, issuer.Name), cancellationToken),
        "ClusterIssuer" => FindAsync(ClusterIssuerKind.Kind.Plural, new ResourceName(null, issuer.Name), cancellationToken),
        _ => Task.FromResult<IssuerView?>(null),
    };

    /// <summary>The issuer of a run; null when it is absent or has another uid.</summary>
    public async Task<IssuerView?> FindAsync(RunTicket ticket, CancellationToken cancellationToken) =>
        await FindAsync(ticket.Plural, new ResourceName(ticket.Namespace, ticket.Name), cancellationToken) is { } found && found.Uid == ticket.Uid ? found : null;

    /// <returns>The new version; null when somebody wrote meanwhile. The scheduled due entry stays.</returns>
    public Task<ETag?> ReplaceStatusAsync(IssuerView view, IssuerStatus status, CancellationToken cancellationToken) => view.Metadata.Namespace is null
        ? store.ReplaceAsync(ClusterIssuerKind.Kind, Cluster(view, status), view.Version, view.Due, cancellationToken)
        : store.ReplaceAsync(IssuerKind.Kind, Namespaced(view, status), view.Version, view.Due, cancellationToken);

    /// <inheritdoc cref="DueIndex.SettleAsync"/>
    public Task<bool> SettleAsync(RunTicket ticket, IssuerView view, IssuerStatus status, string next, CancellationToken cancellationToken) => view.Metadata.Namespace is null
        ? due.SettleAsync(ClusterIssuerKind.Kind, ticket, new Stored<ClusterIssuer>(Cluster(view, view.Status), view.Version, view.Due), Cluster(view, status), next, cancellationToken)
        : due.SettleAsync(IssuerKind.Kind, ticket, new Stored<Issuer>(Namespaced(view, view.Status), view.Version, view.Due), Namespaced(view, status), next, cancellationToken);

    /// <summary>Removes an issuer that is going away; what it left in the by-secret index first. False when somebody wrote meanwhile.</summary>
    public Task<bool> DeleteAsync(IssuerView view, CancellationToken cancellationToken)
    {
        ResourceKind kind = view.Metadata.Namespace is null ? ClusterIssuerKind.Kind : IssuerKind.Kind;
        return store.DeleteAsync(kind, new ResourceName(view.Metadata.Namespace, view.Metadata.Name), view.Version, cancellationToken);
    }

    private async Task<IssuerView?> FindAsync(string plural, ResourceName name, CancellationToken cancellationToken)
    {
        if (plural == ClusterIssuerKind.Kind.Plural)
        {
            return await store.FindAsync(ClusterIssuerKind.Kind, name, cancellationToken) is { Resource: var cluster } read
                ? new IssuerView(cluster.Kind, cluster.Metadata, cluster.Spec, cluster.Status, ClusterResourceNamespace, read.Version, read.Due)
                : null;
        }

        return await store.FindAsync(IssuerKind.Kind, name, cancellationToken) is { Resource: var issuer } found
            ? new IssuerView(issuer.Kind, issuer.Metadata, issuer.Spec, issuer.Status, issuer.Metadata.Namespace!, found.Version, found.Due)
            : null;
    }

    private static Issuer Namespaced(IssuerView view, IssuerStatus? status) => new() { Metadata = view.Metadata, Spec = view.Spec, Status = status };

    private static ClusterIssuer Cluster(IssuerView view, IssuerStatus? status) => new() { Metadata = view.Metadata, Spec = view.Spec, Status = status };
}
