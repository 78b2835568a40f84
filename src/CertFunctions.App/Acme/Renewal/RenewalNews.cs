using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Acme.Renewal;

/// <summary>Tells a Certificate that its window moved, and wakes it: what that means, its run decides.</summary>
public sealed class RenewalNews(ResourceStore store, DueIndex due, RunStarter starter, TimeProvider time, ILogger<RenewalNews> log)
{
    /// <summary>A Certificate that is written so often in between hears of it at the next look.</summary>
    private const int MostTries = 3;

    public async Task TellAsync(RenewalTarget target, AcmeRenewalInfo found, DurableTaskClient client, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (await store.FindAsync(CertificateKind.Kind, target.Name, target.Uid, cancellationToken) is not { Resource: { Metadata.DeletionTimestamp: null } certificate } read) { return; }
            if (RenewalInfoPolicy.Move(certificate.Status, target.Id, found.Start, found.End, found.ExplanationUrl, time.GetUtcNow()) is not { } ari) { return; }

            var entry = await due.FileAsync(CertificateKind.Kind, target.Name, target.Uid, due.WriterDate, cancellationToken);   // before the write: rule 2 of the due index
            var status = certificate.Status! with { Acme = certificate.Status.Acme! with { Ari = ari } };
            if (await store.ReplaceAsync(CertificateKind.Kind, certificate with { Status = status }, read.Version, read.Due, cancellationToken) is null) { continue; }

            log.WindowMoved(target.Name.Namespace, target.Name.Name, ari.SuggestedWindow!.Start, ari.SuggestedWindow.End, ari.SelectedTime!.Value);
            await starter.StartAsync(client, CertificateKind.Kind, target.Ticket(entry), cancellationToken);
            return;
        }
    }
}

internal static partial class RenewalLog
{
    [LoggerMessage(EventId = 8001, Level = LogLevel.Information, Message = "The CA suggests to replace Certificate {Namespace}/{Name} between {Start:u} and {End:u}; chosen is {Selected:u}")]
    public static partial void WindowMoved(this ILogger log, string? @namespace, string name, DateTimeOffset start, DateTimeOffset end, DateTimeOffset selected);

    [LoggerMessage(EventId = 8002, Level = LogLevel.Warning, Message = "{Directory} gives no renewal information ({Problem}); left alone until {Until:u}, certificates renew by the ordinary formula or what is known")]
    public static partial void NoRenewalInfo(this ILogger log, string directory, string problem, DateTimeOffset until);
}
