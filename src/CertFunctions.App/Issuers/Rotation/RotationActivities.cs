using CertFunctions.App.Api;
using CertFunctions.App.Bundles;
using CertFunctions.App.Certificates;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Issuers.Rotation;

/// <summary>What a rotation sets off in others: a new CA, new leaves, other bundles. Every one is safe to repeat.</summary>
public sealed class RotationActivities(
    IssuerStore issuers, RotationGatherer gatherer, RetiringCas retiring, BundleIndex bundles, ResourceStore store, DueIndex due, RunStarter runs, EventRecorder events, TimeProvider time,
    IOptions<RotationOptions> options)
{
    /// <summary>Has the CA's Certificate issued anew with another key, unless that is under way or has failed just now.</summary>
    [Function(nameof(MakeNewCa))]
    public async Task MakeNewCa([ActivityTrigger] RunTicket ticket, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (await issuers.FindAsync(ticket, cancellationToken) is not { Spec.Ca: { } ca, Status: { Pinned: { } pinned, Rotation: { Next: null, Request.Version: null } } } issuer) { return; }
        if (await gatherer.FindCertificateAsync(issuer.SecretNamespace, ca.SecretName, cancellationToken) is not { } read) { return; }
        if (read.Resource.Status?.Vault?.Version is { } stored && stored != pinned.Version) { return; }   // it is there already

        await TriggerAsync(read, ReissuePolicy.RotatingCA, $"{issuer.Kind} {issuer.Metadata.Name} rotates its CA: a new key", client, cancellationToken);
    }

    /// <summary>Has leaves of retiring CAs issued anew: at most so many at a time, spread over time (ca-rotation 12).</summary>
    /// <returns>When to look again; null: nothing is left to do.</returns>
    [Function(nameof(ReissueLeaves))]
    public async Task<TimeSpan?> ReissueLeaves([ActivityTrigger] RunTicket ticket, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (await issuers.FindAsync(ticket, cancellationToken) is not { Status: { Pinned: { } pinned, Retiring: { Count: > 0 } old, RotationPaused: not true } } issuer) { return null; }

        var waiting = old.Where(each => each.ReissuedAt is null).ToList();
        if (waiting.Count == 0) { return null; }

        var holders = await retiring.HoldersAsync(issuer.Uid, pinned, waiting, cancellationToken);
        if (holders.Count == 0) { return TimeSpan.Zero; }

        var isEmergency = waiting.Any(each => each.Emergency is true);
        var pace = ReissuePace.Decide(
            holders.Count, holders.Count(each => each.Resource.Status?.Conditions.IsTrue("Issuing") is true), time.GetUtcNow() - waiting.Max(each => each.Since),
            isEmergency ? TimeSpan.Zero : options.Value.Spread, options.Value.MaxConcurrent);
        foreach (var each in holders.Where(MayBegin).OrderBy(each => each.Resource.Metadata.Uid, StringComparer.Ordinal).Take(pace.Starts))
        {
            await TriggerAsync(each, ReissuePolicy.SignerRetiring, $"{issuer.Kind} {issuer.Metadata.Name} signs with another CA: {pinned.Object}/{pinned.Version}", client, cancellationToken);
        }

        return pace.LookAgain;
    }

    [Function(nameof(WakeBundles))]
    public Task WakeBundles([ActivityTrigger] RunTicket ticket, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) => bundles.WakeAllAsync(client, cancellationToken);

    /// <summary>With an Issuing condition, as <c>cmctl renew</c> sets it: index first, then the resource, then the start (design §4, rule 2). A lost race is made good at the next look.</summary>
    private async Task TriggerAsync(Stored<Certificate> read, string reason, string message, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (!MayBegin(read)) { return; }

        var meta = read.Resource.Metadata;
        var name = ResourceStore.NameOf(read.Resource);
        await events.RecordAsync(Occurrence.Normal(EventSubject.Of(CertificateKind.Kind, meta.Namespace, meta.Name, meta.Uid!), "Issuing", message, $"{reason} {meta.ResourceVersion}"), cancellationToken);
        var entry = await due.FileAsync(CertificateKind.Kind, name, meta.Uid!, due.WriterDate, cancellationToken);
        if (await store.ReplaceAsync(CertificateKind.Kind, ReissuePolicy.Ask(read.Resource, reason, message, time.GetUtcNow()), read.Version, read.Due, cancellationToken) is null) { return; }

        await runs.StartAsync(client, CertificateKind.Kind, new RunTicket(CertificateKind.Kind.Plural, name.Namespace, name.Name, meta.Uid!, entry), cancellationToken);
    }

    /// <summary>Neither under way nor within the back-off of a failure.</summary>
    private bool MayBegin(Stored<Certificate> read) => read.Resource.Status is not { } status
        || (!status.Conditions.IsTrue("Issuing")
            && (status is not { LastFailureTime: { } failed, FailedIssuanceAttempts: { } attempts } || time.GetUtcNow() >= failed + BackoffPolicy.Delay(attempts, ReissuePace.LongestBackoff)));
}
