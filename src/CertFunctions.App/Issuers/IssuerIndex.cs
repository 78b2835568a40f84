using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Issuers;

/// <summary>Finds and wakes who depends on an issuer, and which issuers depend on a CA secret. Costs what depends, not what exists (design §3).</summary>
public sealed class IssuerIndex(
    IObjectStore objects, ResourceStore store, IssuerStore issuers, DueIndex due, RunStarter runs, IOptions<ScheduleOptions> options)
{
    private const int WokenPerSecond = 100;

    /// <summary>Wakes what waits for this issuer: filed first, then started; many are spread over time.</summary>
    /// <returns>How many were woken.</returns>
    public async Task<int> WakeDependentsOfAsync(IssuerView issuer, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var woken = 0;
        await foreach (var (entry, ticket) in ListAsync(IssuerIndexNames.ByIssuerPrefix(issuer.Kind, issuer.Metadata.Namespace, issuer.Metadata.Name), cancellationToken))
        {
            if (await WaitsAsync(entry, ticket, issuer, cancellationToken) is { } kind) { await WakeAsync(kind, ticket, woken++, client, cancellationToken); }
        }

        return woken;
    }

    /// <summary>Wakes the issuers that sign with the CA of this secret: it was just stored.</summary>
    public async Task WakeIssuersOfAsync(string ns, string secretName, DurableTaskClient client, CancellationToken cancellationToken)
    {
        string?[] places = ns == issuers.ClusterResourceNamespace ? [ns, null] : [ns];
        var woken = 0;
        foreach (var place in places)
        {
            await foreach (var (entry, ticket) in ListAsync(IssuerIndexNames.BySecretPrefix(place, secretName), cancellationToken))
            {
                var name = new IssuerRef { Name = ticket.Name, Kind = ticket.Namespace is null ? "ClusterIssuer" : "Issuer" };
                var issuer = await issuers.FindAsync(name, ticket.Namespace, cancellationToken);
                if (issuer is not null && issuer.Uid != ticket.Uid) { await objects.DeleteIfMatchAsync(entry.Name, entry.ETag, cancellationToken); }
                if (issuer is null || issuer.Uid != ticket.Uid || issuer.Spec.Ca?.SecretName != secretName) { continue; }

                await WakeAsync(ticket.Namespace is null ? ClusterIssuerKind.Kind : IssuerKind.Kind, ticket, woken++, client, cancellationToken);
            }
        }
    }

    /// <summary>Files an entry for one resource and starts its run. A wake without a write.</summary>
    public Task WakeAsync(ResourceKind kind, RunTicket ticket, DurableTaskClient client, CancellationToken cancellationToken) =>
        WakeAsync(kind, ticket, place: 0, client, cancellationToken);

    /// <summary>Removes what an issuer left in the by-secret index.</summary>
    public async Task ForgetAsync(IssuerView issuer, CancellationToken cancellationToken)
    {
        if (issuer.Spec.Ca is not { } ca) { return; }

        var plural = issuer.Metadata.Namespace is null ? ClusterIssuerKind.Kind.Plural : IssuerKind.Kind.Plural;
        await due.RemoveAsync(IssuerIndexNames.BySecret(ca.SecretName, plural, issuer.Metadata), except: null, cancellationToken);
    }

    private async Task WakeAsync(ResourceKind kind, RunTicket ticket, int place, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var at = due.WriterDate + TimeSpan.FromSeconds(place / WokenPerSecond);
        var entry = await due.FileAsync(kind, new ResourceName(ticket.Namespace, ticket.Name), ticket.Uid, at, cancellationToken);
        if (place < options.Value.StartsPerTick) { await runs.StartAsync(client, kind, ticket with { Entry = entry }, cancellationToken); }
    }

    private async IAsyncEnumerable<(ObjectEntry Entry, RunTicket Ticket)> ListAsync(
        string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in objects.ListAllAsync(prefix, cancellationToken))
        {
            if (entry.Name[prefix.Length..].Split('/') is [var plural, var ns, var name, var uid])
            {
                yield return (entry, new RunTicket(plural, ns is "_" or "" ? null : ns, name, uid, Entry: ""));
            }
        }
    }

    /// <summary>The kind, when the entry's resource exists, refers to this issuer and waits; else null.</summary>
    private Task<ResourceKind?> WaitsAsync(ObjectEntry entry, RunTicket ticket, IssuerView issuer, CancellationToken cancellationToken) => ticket.Plural switch
    {
        "certificates" => WaitsAsync(CertificateKind.Kind, entry, ticket, certificate =>
            certificate.Spec.IssuerRef.Name == issuer.Metadata.Name && certificate.Spec.IssuerRef.KindOrDefault() == issuer.Kind
            && (!(certificate.Status?.Conditions.IsTrue("Ready") ?? false) || certificate.Status!.Conditions.IsTrue("Issuing")), cancellationToken),
        "certificaterequests" => WaitsAsync(CertificateRequestKind.Kind, entry, ticket, request =>
            request.Spec.IssuerRef.Name == issuer.Metadata.Name && request.Spec.IssuerRef.KindOrDefault() == issuer.Kind
            && request.Status?.Conditions.Find("Ready")?.Reason is null or "Pending", cancellationToken),
        _ => Task.FromResult<ResourceKind?>(null),
    };

    private async Task<ResourceKind?> WaitsAsync<T>(
        ResourceKind<T> kind, ObjectEntry entry, RunTicket ticket, Func<T, bool> waits, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        // An absent resource's entry stays: its writer files the index first, and may be about to write.
        if (await store.FindAsync(kind, new ResourceName(ticket.Namespace, ticket.Name), cancellationToken) is not { } found) { return null; }
        if (found.Resource.Metadata.Uid == ticket.Uid) { return waits(found.Resource) ? kind : null; }

        await objects.DeleteIfMatchAsync(entry.Name, entry.ETag, cancellationToken);
        return null;
    }
}
