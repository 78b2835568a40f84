using CertFunctions.App.Acme.Accounts;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Acme.Renewal;

/// <summary>The questions of one tick: evenly spaced, one after the other; each answer goes into the book, and on to its Certificate if it is news.</summary>
internal sealed class RenewalQuestions(
    RenewalBook book, IssuerStore issuers, AcmeClients clients, RenewalNews news, TimeProvider time, RenewalInfoOptions options, ILogger log)
{
    private readonly Dictionary<(string Kind, string? Namespace, string Name), AcmeIssuer?> _issuers = [];
    private DateTimeOffset _next;

    public async Task AskAsync(RenewalTarget target, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (await ClientAsync(target, cancellationToken) is not { } ca)
        {
            book.Postpone(target, time.GetUtcNow() + options.Every);   // its issuer is gone, or elsewhere: nobody to ask
            return;
        }

        await PaceAsync(cancellationToken);
        var answer = await ca.GetRenewalInfoAsync(target.Id, cancellationToken);
        var now = time.GetUtcNow();
        if (answer.Problem is { Type: AcmeProblem.NotOffered }) { book.Rest(target.Directory, now + RenewalInfoPace.WithoutAny); }
        else if (answer.Problem is { } problem && !IsNonsense(problem)) { Failed(target, problem, now); }
        else { book.Answered(target, now + RenewalInfoPace.Interval(answer.RetryAfter, options.Every)); }

        if (answer.Value is { } found && RenewalInfoPolicy.HasMoved(target.Window, found.Start, found.End, now)) { await news.TellAsync(target, found, client, cancellationToken); }
    }

    /// <summary>An answer, but none that can be read: as if there were no renewal information for this one (security D41).</summary>
    private static bool IsNonsense(AcmeProblem problem) => problem is { Type: AcmeProblem.InvalidResponse, Status: >= 200 and < 300 };

    private void Failed(RenewalTarget target, AcmeProblem problem, DateTimeOffset now)
    {
        var next = now + RenewalInfoPace.Interval(problem.RetryAfter, options.Every);
        if (book.Failed(target, next, problem.Status is 429 or 503, problem.RetryAfter, now) is { } until) { log.NoRenewalInfo(target.Directory, problem.Describe(), until); }
    }

    /// <summary>By the issuer as it is now. Null: it is gone, names another server, or does not want renewal information.</summary>
    private async Task<AcmeClient?> ClientAsync(RenewalTarget target, CancellationToken cancellationToken)
    {
        var key = (target.Issuer.KindOrDefault(), target.Issuer.KindOrDefault() == "Issuer" ? target.Name.Namespace : null, target.Issuer.Name);
        if (!_issuers.TryGetValue(key, out var acme))
        {
            acme = (await issuers.FindAsync(target.Issuer, target.Name.Namespace, cancellationToken))?.Spec.Acme;
            _issuers[key] = acme;
        }

        try { return acme?.UsesRenewalInfo() is true && acme.Directory() == target.Directory ? clients.For(acme) : null; }
        catch (FormatException) { return null; }   // a bundle that is no PEM: its issuer's run says so
    }

    private async Task PaceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_next > now) { await Task.Delay(_next - now, time, cancellationToken); }

        _next = time.GetUtcNow() + (TimeSpan.FromSeconds(1) / options.PerSecond);
    }
}
