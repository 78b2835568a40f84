using CertFunctions.App.Acme.Accounts;
using CertFunctions.App.Certificates;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Ports;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Renewal;

/// <summary>Walks the listing of Certificates and asks their CAs when they want them replaced (RFC 9773 §4.2): slowly, in turns, and writing only what moved.</summary>
public sealed class RenewalPoll(
    IObjectStore objects, RenewalBooks books, RenewalNews news, IssuerStore issuers, AcmeClients clients, TimeProvider time, IOptions<RenewalInfoOptions> options, ILogger<RenewalPoll> log)
{
    private const int PageSize = 1000;

    [Function("PollRenewalInfo")]
    public async Task PollRenewalInfo([TimerTrigger("%Schedule:RenewalInfo%")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (await books.TakeTurnAsync(cancellationToken) is not { } book) { return; }

        var end = time.GetUtcNow() + options.Value.TickLimit;
        var questions = new RenewalQuestions(book, issuers, clients, news, time, options.Value, log);
        string? continuation = null;
        do
        {
            var page = await objects.ListAsync(CertificateKind.Kind.ObjectPrefix, continuation is null ? book.Position : null, continuation, PageSize, cancellationToken);
            foreach (var entry in page.Entries)
            {
                if (RenewalTarget.Read(entry) is not { } target || !book.IsDue(target, time.GetUtcNow())) { continue; }
                if (time.GetUtcNow() >= end)
                {
                    await books.GiveBackAsync(book, entry.Name, cancellationToken);
                    return;
                }

                await questions.AskAsync(target, client, cancellationToken);
            }

            if (page.Entries.Count > 0) { book.Position = page.Entries[^1].Name; }
            continuation = page.Continuation;
            if (continuation is not null && !await books.SaveAsync(book, cancellationToken)) { return; }
        }
        while (continuation is not null);

        await books.GiveBackAsync(book, position: null, cancellationToken);
    }
}
