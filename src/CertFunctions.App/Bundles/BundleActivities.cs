using System.Security.Cryptography;
using CertFunctions.App.Api;
using CertFunctions.App.Bundles.Publishing;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Pki.Trust;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Bundles;

/// <summary>What a run found; null facts: the Bundle is absent or going away.</summary>
public sealed record BundleFinding(BundleFacts? Facts);

/// <summary>Content that lies ready, and the files to bring up to it.</summary>
/// <param name="Added">Roots that no source gives: in the status before any file is noted to hold them.</param>
/// <param name="Rotations">Those that the run knew of when it gathered.</param>
public sealed record PublishOrder(RunTicket Ticket, string Hash, ValueList<BundleFile> Files, ValueList<string> Added, ValueList<string> Rotations);

/// <summary>The end of a run.</summary>
/// <param name="Birth">Of the due entry to file, under the name part <paramref name="Unique"/>.</param>
public sealed record BundleEnd(RunTicket Ticket, BundleFacts Facts, PublishOutcome? Published, DateTimeOffset Birth, string Unique);

/// <summary>The side effects of a Bundle's run, every one safe to repeat.</summary>
public sealed class BundleActivities(
    ResourceStore store, BundleGatherer gatherer, IBundleStore published, BundleLedger ledger, DueIndex due, EventRecorder events, IOptions<ScheduleOptions> options)
{
    [Function(nameof(GatherBundle))]
    public async Task<BundleFinding> GatherBundle([ActivityTrigger] RunTicket ticket, CancellationToken cancellationToken) =>
        await store.FindAsync(BundleKind.Kind, ticket, cancellationToken) is { Resource.Metadata.DeletionTimestamp: null } read ? new(await gatherer.GatherAsync(read, cancellationToken)) : new(Facts: null);

    /// <summary>Brings every file up to the content, each only over the version that was there before the sources were read; files nobody asks for go.</summary>
    [Function(nameof(PublishBundle))]
    public async Task<PublishOutcome> PublishBundle([ActivityTrigger] PublishOrder order, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(BundleKind.Kind, order.Ticket, cancellationToken) is not { Resource: var bundle } read || !await KeepAddedAsync(read, order, cancellationToken)) { return new(IsOvertaken: true, []); }

        var problems = new List<string>();
        var name = bundle.Metadata.Name;
        try
        {
            if (await published.ReadAsync(PublishedNames.Version(name, PublishedNames.Pem, order.Hash), cancellationToken) is not { } pem) { return new(IsOvertaken: true, []); }

            var certificates = TrustPem.Read(pem).Certificates;
            var wanted = BundleFiles.Wanted(bundle.Spec);
            foreach (var file in order.Files)
            {
                if (!wanted.Contains(file.Name)) { await WithdrawAsync(bundle, file, cancellationToken); continue; }
                if (!await PublishAsync(bundle, file, order, certificates, problems, cancellationToken)) { return new(IsOvertaken: true, []); }
            }
        }
        catch (ObjectStoreException refused) { problems.Add(refused.Message); }

        return new(IsOvertaken: false, [.. problems]);
    }

    /// <returns>False when the Bundle changed meanwhile: gather again.</returns>
    [Function(nameof(SettleBundle))]
    public async Task<bool> SettleBundle([ActivityTrigger] BundleEnd end, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(BundleKind.Kind, end.Ticket, cancellationToken) is not { } read) { return false; }

        var (status, next) = BundleStatusPolicy.After(end.Facts, end.Published, end.Birth, options.Value.WaitFirst, options.Value.WaitMost);
        await TellAsync(read.Resource, status, cancellationToken);
        var expected = read with { Version = new ETag(end.Facts.Version) };
        return await due.SettleAsync(
            BundleKind.Kind, end.Ticket, expected, read.Resource with { Status = status }, DueIndex.NameFor(end.Ticket, next, end.Birth, end.Unique), cancellationToken);
    }

    /// <summary>Ends the run of a Bundle that is absent, or removes one that is going away, its files first: clients must not go on trusting what nobody keeps up to date.</summary>
    [Function(nameof(EndBundle))]
    public async Task<bool> EndBundle([ActivityTrigger] RunTicket ticket, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(BundleKind.Kind, ticket, cancellationToken) is not { } read)
        {
            await due.DropAsync(ticket, cancellationToken);
            return true;
        }

        if (read.Resource.Metadata.DeletionTimestamp is null) { return false; }

        await foreach (var file in published.ListAsync(PublishedNames.Prefix(ticket.Name), cancellationToken)) { await published.DeleteAsync(file, cancellationToken); }

        await ledger.RemoveAsync(ticket.Uid, cancellationToken);
        await due.RemoveAsync(read.Due, except: ticket.Entry, cancellationToken);
        if (!await store.DeleteAsync(BundleKind.Kind, new ResourceName(null, ticket.Name), read.Version, cancellationToken)) { return false; }

        await due.RemoveAsync(ticket.Entry, except: null, cancellationToken);
        return true;
    }

    /// <returns>False when the file is another version by now.</returns>
    private async Task<bool> PublishAsync(
        Bundle bundle, BundleFile file, PublishOrder order, IReadOnlyList<CaCertificate> certificates, List<string> problems, CancellationToken cancellationToken)
    {
        const string digest = "sha256";
        var name = PublishedNames.Current(bundle.Metadata.Name, file.Name);
        try
        {
            var content = BundleFiles.Make(file.Name, bundle.Spec, certificates);
            var hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
            var current = await published.FindAsync(name, cancellationToken);
            var before = file.ETag is { } etag ? new ETag(etag) : (ETag?)null;
            // The same bytes, written by a run that did not know of a rotation, prove nothing for it: writing them again shuts out whoever gathered before.
            var noted = (await ledger.ReadAsync(bundle.Metadata.Uid!, cancellationToken)).GetValueOrDefault(file.Name);
            var isUpToDate = current?.Metadata.Find(digest) == hash && (order.Rotations.Count == 0 || (noted?.ETag == current.ETag.Value && !order.Rotations.Except(noted.Rotations).Any()));
            if (!isUpToDate)
            {
                current = await published.PutAsync(name, content, ValueMap.Empty.With(digest, hash), before, cancellationToken);
                if (current is null) { return false; }
            }

            // What was there before a version that another run wrote is not known here.
            await ledger.RecordAsync(bundle.Metadata.Uid!, file.Name, current!, isUpToDate ? null : before, [.. certificates.Select(each => new AnchorFacts(each.Thumbprint, each.KeyHash))], order.Rotations, cancellationToken);
        }
        catch (ObjectStoreException refused) { problems.Add($"{name}: {refused.Message}"); }

        return true;
    }

    /// <summary>A file may be noted to hold what a rotation added only if the status says so already: else a crash in between loses it again.</summary>
    /// <returns>False when the status had to be written, or somebody else wrote: gather again.</returns>
    private async Task<bool> KeepAddedAsync(Stored<Bundle> read, PublishOrder order, CancellationToken cancellationToken)
    {
        var status = read.Resource.Status ?? new BundleStatus();
        if (!order.Added.Except(status.Added ?? []).Any()) { return true; }

        ValueList<string> added = [.. (status.Added ?? []).Union(order.Added).Order(StringComparer.Ordinal)];
        await store.ReplaceAsync(BundleKind.Kind, read.Resource with { Status = status with { Added = added } }, read.Version, read.Due, cancellationToken);
        return false;
    }

    private async Task WithdrawAsync(Bundle bundle, BundleFile file, CancellationToken cancellationToken)
    {
        if (file.ETag is null) { return; }

        await published.DeleteAsync(PublishedNames.Current(bundle.Metadata.Name, file.Name), cancellationToken);
        await ledger.ForgetAsync(bundle.Metadata.Uid!, file.Name, cancellationToken);
    }

    private async Task TellAsync(Bundle bundle, BundleStatus status, CancellationToken cancellationToken)
    {
        var subject = EventSubject.Of(BundleKind.Kind, null, bundle.Metadata.Name, bundle.Metadata.Uid!);
        foreach (var it in status.Conditions ?? [])
        {
            var isGood = it.Type == BundleConditions.Synced && it.IsTrue;
            var key = $"{it.Type} {it.Status} {it.LastTransitionTime:O} {it.Reason} {it.Message} {(isGood ? status.Hash : "")}";
            await events.RecordAsync(new Occurrence(subject, !isGood, it.Reason ?? it.Type, it.Message ?? "", key), cancellationToken);
        }
    }
}
