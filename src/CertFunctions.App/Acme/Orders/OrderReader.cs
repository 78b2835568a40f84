using CertFunctions.App.Acme.Accounts;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Orders;

/// <summary>What the CA says of an order, and what that means here.</summary>
public sealed class OrderReader(OrderDesk desk, OrderClaims claims, AcmeAccounts accounts, TimeProvider time)
{
    private static readonly TimeSpan WhileOthersWork = TimeSpan.FromSeconds(5);

    /// <summary>Asks the CA for the order of a job, if one was placed.</summary>
    public async Task<OrderView> ReadAsync(OrderJob job, CancellationToken cancellationToken)
    {
        if (job.Order?.Resource is not { Status.Url: { } url } order || order.Spec.Server != job.Client.Directory.OriginalString || order.Status.Account != job.Identity.Account.OriginalString)
        {
            return new(OrderView.Absent);   // also when the issuer has another server or account by now
        }

        if (!await claims.TakeAsync(url, job.Request, cancellationToken)) { return SomebodyElses(); }

        var answer = await job.Client.GetOrderAsync(job.Identity, new Uri(url), cancellationToken);
        return answer.Value is { } found ? await ViewAsync(job, found, answer.RetryAfter, cancellationToken) : await ProblemAsync(job, answer.Problem!, cancellationToken);
    }

    /// <summary>An order as the CA just showed it.</summary>
    public async Task<OrderView> ViewAsync(OrderJob job, AcmeOrder order, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        var isOver = order.Expires <= time.GetUtcNow();
        var wasFinalized = job.Order?.Resource.Status?.Finalized is true;
        return order.Status switch
        {
            "pending" or "ready" when isOver => new(OrderView.Absent),
            "pending" => new(OrderView.Pending),
            "ready" => new(OrderView.Ready),
            "processing" or "valid" when !wasFinalized => new(OrderView.Absent),   // another request's: the CA handed it out twice
            "valid" when order.Certificate is { } certificate => new(OrderView.Valid) { Certificate = certificate.OriginalString },
            "processing" or "valid" when isOver => new(OrderView.Refused, "OrderExpired", $"The CA did not finish the order before it expired at {order.Expires:yyyy-MM-dd HH:mm:ss} UTC."),
            "processing" or "valid" => new(OrderView.Processing, "OrderProcessing", "The CA is making the certificate.", retryAfter),
            _ => await FailureAsync(job, order, cancellationToken),
        };
    }

    /// <summary>A refusal on the way to an order: some mean that it, or its account, is not there any more.</summary>
    public async Task<OrderView> ProblemAsync(OrderJob job, AcmeProblem problem, CancellationToken cancellationToken)
    {
        if (problem.Type == "accountDoesNotExist")
        {
            await accounts.ForgetAsync(job.Client, job.Identity, cancellationToken);
            return new(OrderView.Absent);
        }

        return problem.Status is 404 ? new(OrderView.Absent) : OrderView.Of(problem);
    }

    public static OrderView SomebodyElses() =>
        new(OrderView.Blocked, "OrderClaimed", "The CA gave the same order to another CertificateRequest, which is working on it.", WhileOthersWork);

    /// <summary>Why an order is invalid: its own error, else those of its challenges.</summary>
    private async Task<OrderView> FailureAsync(OrderJob job, AcmeOrder order, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        var lapsed = false;
        foreach (var url in order.Authorizations)
        {
            var authorization = await job.Client.GetAuthorizationAsync(job.Identity, new Uri(url), cancellationToken);
            lapsed |= authorization.Problem?.Status is 404 || authorization.Value?.Status is "expired" or "deactivated" or "revoked";
            if (authorization.Value is not { Status: "invalid" } failed) { continue; }

            texts.Add($"{failed.Identifier.Value}: {failed.Challenges.FirstOrDefault(each => each.Error is not null)?.Error!.Describe() ?? "invalid"}");
        }

        if (lapsed && texts.Count == 0 && order.Error is null) { return new(OrderView.Absent); }   // nothing was refused, it only took too long

        await desk.ChangeAsync(job, status => status with { State = order.Status }, cancellationToken);
        return texts.Count > 0 ? new(OrderView.Refused, "ChallengeFailed", string.Join("; ", texts))
            : order.Error is { } error ? new(OrderView.Refused, error.Type, error.Describe())
            : new(OrderView.Refused, "OrderFailed", $"The order is {order.Status}.");
    }
}
