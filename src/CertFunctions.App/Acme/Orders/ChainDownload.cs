using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Events;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Orders;

/// <summary>A chain fit to be stored, or why not.</summary>
public sealed record ChainAnswer(IReadOnlyList<byte[]>? Chain, OrderView? Instead);

/// <summary>Fetches a chain, chooses among alternates, and checks what came (acme-cases 2–8, 24): servers send chains in any order, with roots, and sometimes nothing of the kind.</summary>
public sealed class ChainDownload(OrderReader reader, TrustedIssuers trusted, TimeProvider time, EventRecorder events)
{
    private const string PreferredChainNotFound = "PreferredChainNotFound";

    public async Task<ChainAnswer> FetchAsync(OrderJob job, Uri certificate, CancellationToken cancellationToken)
    {
        var answer = await job.Client.DownloadAsync(job.Identity, certificate, cancellationToken);
        if (answer.Value is not { } first) { return new(null, await reader.ProblemAsync(job, answer.Problem!, cancellationToken)); }

        var chosen = job.Issuer.Spec.Acme!.PreferredChain is { Length: > 0 } wish ? await ChooseAsync(job, first, wish, cancellationToken) : first;
        var built = Chains.Build(chosen.Certificates);
        if (built.Problem is not null) { return new(null, new(OrderView.Blocked, "InvalidChain", $"The CA sent certificates that do not belong together; asked again later. {built.Problem}")); }
        if (ReturnedCertificate.Problem(built.Chain, job.Csr, isCA: false, time.GetUtcNow()) is { } wrong) { return new(null, new(OrderView.Refused, "InvalidCertificate", wrong)); }

        return built is { Chain: [var alone], Ca: null or [] } && !trusted.Issued(alone, job.Issuer.Spec.Acme.CaBundle)
            ? new(null, new(OrderView.Blocked, "IncompleteChain", "The CA sent a certificate without the chain above it, and its issuer is not known here; asked again later."))
            : new(built.Chain, null);
    }

    /// <summary>The first chain whose top certificate is issued by the wanted name; the default one, and a warning, if there is none (semantics §6.3).</summary>
    private async Task<AcmeChain> ChooseAsync(OrderJob job, AcmeChain first, string wish, CancellationToken cancellationToken)
    {
        if (PreferredChain.Matches(first, wish)) { return first; }

        foreach (var url in first.Alternates)
        {
            if ((await job.Client.DownloadAsync(job.Identity, url, cancellationToken)).Value is { } other && PreferredChain.Matches(other, wish)) { return other; }
        }

        var subject = EventSubject.Of(CertificateRequestKind.Kind, job.Request.Metadata.Namespace, job.Request.Metadata.Name, job.RequestUid);
        await events.RecordAsync(Occurrence.Warning(subject, PreferredChainNotFound, $"None of the CA's {first.Alternates.Count + 1} chains ends at \"{wish}\"; its default chain is used.", PreferredChainNotFound), cancellationToken);
        return first;
    }
}
