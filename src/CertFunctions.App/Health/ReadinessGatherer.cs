using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Health;

/// <summary>Asks the store, every vault and the bundles' store, all at once, and waits for nobody longer than <see cref="ReadyOptions.Timeout"/>.</summary>
public sealed class ReadinessGatherer(
    IObjectStore objects, IVault vault, IBundleStore bundles, Heartbeats heartbeats, ResourceKinds kinds, TimeProvider time, IConfiguration configuration,
    IOptions<VaultsOptions> vaults, IOptions<ReadyOptions> options, ILogger<ReadinessGatherer> log)
{
    // Entries of what is gone lie about for an hour: of so many, one is of something that is there.
    private const int MostEntries = 100;

    // No object of ours has this name. Whether it is found is all the same: who answers is there, and knows us.
    private const string Probe = "readiness";

    public async Task<ReadinessFacts> GatherAsync()
    {
        var now = time.GetUtcNow();
        var timers = AskAsync("store", cancellationToken => TimersAsync(now, cancellationToken));
        var overdue = AskAsync("store", cancellationToken => MostOverdueAsync(now, cancellationToken));
        List<Task<Answer<bool>>> doors =
        [
            AskAsync("bundles", async cancellationToken => await bundles.FindAsync(Probe, cancellationToken) is not null),
            AskAsync("vault/default", async cancellationToken => await vault.FindCertificateAsync(new VaultObject(vaults.Value.Default!, Probe), version: null, cancellationToken) is not null),
            AskAsync("vault/system", async cancellationToken => await vault.FindSecretAsync(new VaultObject(vaults.Value.System!, Probe), version: null, cancellationToken) is not null),
            .. vaults.Value.Namespaces.Select(each => AskAsync(
                $"vault/{each.Namespace}", async cancellationToken => await vault.FindCertificateAsync(new VaultObject(each.Uri!, Probe), version: null, cancellationToken) is not null)),
        ];

        var (ran, due, opened) = (await timers, await overdue, await Task.WhenAll(doors));
        List<(string, string)> unreached = [.. opened.Select(each => (each.What, each.Failure)).Append(("store", ran.Failure ?? due.Failure)).Where(each => each.Item2 is not null).Select(each => (each.Item1, each.Item2!))];
        return new ReadinessFacts(now, ran.Value, due.Value, unreached);
    }

    /// <summary>Before its first run a timer counts from the first run of any: the moment from which timers run at all.</summary>
    private async Task<IReadOnlyList<TimerFacts>> TimersAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var beats = await Task.WhenAll(TimerFunctions.Settings.Keys.Order(StringComparer.Ordinal).Select(async name => (Name: name, Beat: await heartbeats.FindAsync(name, cancellationToken))));
        var first = beats.Min(each => each.Beat?.Since) ?? DateTimeOffset.MinValue;
        return [.. beats.Select(each => new TimerFacts(each.Name, each.Beat?.Last, Bound(each.Name, each.Beat?.Last ?? first, now)))];
    }

    private DateTimeOffset? Bound(string timer, DateTimeOffset last, DateTimeOffset now)
    {
        if (last == DateTimeOffset.MinValue) { return now.AddTicks(-1); }   // no timer ever ran: late already

        return TimerFunctions.Occurrence(configuration, timer, last, options.Value.MissedRuns) is { } bound ? bound + options.Value.Grace : null;
    }

    /// <summary>Entries are in the order of their dates; the first of a resource that is still the same one is it.</summary>
    private async Task<OverdueResource?> MostOverdueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var until = DueEntry.DueUntil(now);
        var page = await objects.ListAsync(DueEntry.Prefix, from: null, continuation: null, MostEntries, cancellationToken);
        foreach (var listed in page.Entries.TakeWhile(each => string.CompareOrdinal(each.Name, until) < 0))
        {
            if (DueEntry.TryParse(listed.Name) is not { } entry || kinds.Find(entry.Plural) is not { } kind) { continue; }
            if (await objects.FindAsync(kind.ObjectName(new ResourceName(entry.Namespace, entry.Name)), cancellationToken) is not { } found) { continue; }
            if (ResourceStore.Unescape(found.Metadata.Find("uid")) == entry.Uid) { return new OverdueResource(kind.Kind, entry.Namespace, entry.Name, entry.At); }
        }

        return null;
    }

    private async Task<Answer<T>> AskAsync<T>(string what, Func<CancellationToken, Task<T>> ask)
    {
        using var stop = new CancellationTokenSource();
        try
        {
            return new Answer<T>(what, await ask(stop.Token).WaitAsync(options.Value.Timeout, time, CancellationToken.None), Failure: null);
        }
        catch (Exception failure)
        {
            log.NotReached(failure, what);
            return new Answer<T>(what, default, CodeOf(failure));
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private static string CodeOf(Exception failure) => failure switch
    {
        TimeoutException => "TimedOut",
        VaultException { Status: 401 or 403 } => "Refused",
        VaultException { Status: 429 } => "Throttled",
        _ => "Unreachable",
    };

    private readonly record struct Answer<T>(string What, T? Value, string? Failure);
}
