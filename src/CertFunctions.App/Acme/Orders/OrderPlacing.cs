using CertFunctions.App.Acme.Accounts;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.CertificateRequests;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Orders;

/// <summary>Asks a CA for a new order: only when nothing makes it wait, and as rarely as can be (acme-cases: no flood, whatever happens).</summary>
public sealed class OrderPlacing(
    OrderRecords records, OrderDesk desk, OrderReader reader, OrderClaims claims, AcmeWaits waits, ChallengeSlots slots,
    AcmeAccounts accounts, BlockedKeys blocked, IVault vault, VaultPlaces places, TimeProvider time)
{
    /// <summary>A request that was given up by the CA this often has failed.</summary>
    private const int MostOrders = 2;

    private static readonly TimeSpan WhileOthersPlace = TimeSpan.FromSeconds(2);

    /// <param name="run">Of two runs at the same request only one asks.</param>
    public async Task<OrderView> PlaceAsync(OrderJob job, string run, CancellationToken cancellationToken)
    {
        var (identifiers, problem) = OrderNames.Of(job.Csr);
        if (problem is not null) { return new(OrderView.Refused, "InvalidOrder", problem); }
        if (job.Request.Spec.IsCA is true) { return new(OrderView.Refused, "InvalidOrder", "An ACME issuer signs no CA certificates."); }
        if (await blocked.IsBlockedAsync(job.Csr.KeyHash, cancellationToken)) { return new(OrderView.Refused, BlockedKeys.Reason, BlockedKeys.Message); }
        if (Unsolvable(job, identifiers) is { } name) { return new(OrderView.Refused, "NoSolver", $"No solver of issuer {job.Issuer.Metadata.Name} is for {name}: see spec.acme.solvers and their selectors."); }
        if (job.Order?.Resource.Status is { Placed: >= MostOrders } spent) { return new(OrderView.Refused, "OrderExpired", $"The CA gave up {spent.Placed} orders of this request, one after the other."); }

        var directory = await job.Client.GetDirectoryAsync(cancellationToken);
        if (directory.Value is not { } ca) { return OrderView.Of(directory.Problem!); }

        var profile = job.Owner?.Metadata.Annotations?.Find(Annotations.AcmeProfile) ?? job.Issuer.Spec.Acme!.Profile;
        if (!string.IsNullOrEmpty(profile) && !(ca.Meta.Profiles?.ContainsKey(profile) ?? false))
        {
            return new(OrderView.Refused, "invalidProfile", $"The CA has no profile \"{profile}\"; it has {(ca.Meta.Profiles is { Count: > 0 } all ? string.Join(", ", all.Keys) : "none")}.");
        }

        if (await waits.FindAsync(job.Account, identifiers, cancellationToken) is { } limit) { return Limited(limit); }
        if (slots.Take(job.RequestUid, identifiers.Count) is { } turn) { return new(OrderView.Blocked, "ChallengesBusy", "Other challenges are under way; the order is placed when its own can start.", turn); }

        var wish = new AcmeNewOrder(
            identifiers,
            job.Issuer.Spec.Acme!.EnableDurationFeature is true && job.Request.Spec.Duration is { } duration ? time.GetUtcNow() + duration : null,
            string.IsNullOrEmpty(profile) ? null : profile,
            ca.RenewalInfo is not null && job.Issuer.Spec.Acme.UsesRenewalInfo() ? await PredecessorAsync(job, cancellationToken) : null);
        var view = await waits.PassAsync(job.Account, cancellationToken) is { } gate ? Limited(gate)
            : await records.BeginAsync(job, wish, run, cancellationToken) is { } begun
            ? await AskAsync(job with { Order = begun }, wish, cancellationToken)
            : new(OrderView.Blocked, "OrderBeingPlaced", "Another run is placing the order.", WhileOthersPlace);
        if (view.State is OrderView.Blocked or OrderView.Refused) { slots.Release(job.RequestUid); }
        return view;
    }

    private async Task<OrderView> AskAsync(OrderJob job, AcmeNewOrder wish, CancellationToken cancellationToken)
    {
        var answer = await job.Client.NewOrderAsync(job.Identity, wish, cancellationToken);
        if (answer.Problem is { } refused && wish.Replaces is not null && IsAboutReplaces(refused))
        {
            answer = await job.Client.NewOrderAsync(job.Identity, wish with { Replaces = null }, cancellationToken);   // an optimisation, no more
        }

        if (answer.Problem is { Type: "accountDoesNotExist" })
        {
            await accounts.ForgetAsync(job.Client, job.Identity, cancellationToken);
            var again = await accounts.OpenAsync(job.Issuer, cancellationToken);
            if (again.Identity is not { } identity) { return new(OrderView.Blocked, again.View.Reason, again.View.Message, again.View.RetryAfter); }

            job = job with { Identity = identity };
            answer = await job.Client.NewOrderAsync(identity, wish with { Replaces = null }, cancellationToken);   // what came before is another account's
        }

        if (answer.Value is not { } order) { return await RefusedAsync(job, answer.Problem!, wish, cancellationToken); }

        // Recorded as soon as it exists, then claimed: the CA may have handed the same order to another request.
        var stored = await desk.ChangeAsync(job, status => new OrderStatus
        {
            Url = order.Url.OriginalString,
            FinalizeURL = order.Finalize.OriginalString,
            Authorizations = [.. order.Authorizations.Select(url => new OrderAuthorization { Url = url })],
            State = order.Status,
            Expires = order.Expires,
            Placed = (status.Placed ?? 0) + 1,
            Account = job.Identity.Account.OriginalString,
        }, cancellationToken);
        if (stored is null) { return new(OrderView.Superseded); }

        return await claims.TakeAsync(order.Url.OriginalString, job.Request, cancellationToken)
            ? await reader.ViewAsync(job with { Order = stored }, order, answer.RetryAfter, cancellationToken)
            : OrderReader.SomebodyElses();
    }

    private async Task<OrderView> RefusedAsync(OrderJob job, AcmeProblem problem, AcmeNewOrder wish, CancellationToken cancellationToken) =>
        problem.Status is 429 || problem.Type == "rateLimited"
            ? Limited(await waits.KeepAsync(job.Account, problem, wish.Identifiers, cancellationToken))
            : OrderView.Of(problem);

    private OrderView Limited(RateLimit limit) => new(OrderView.Blocked, limit.Reason, limit.Message, limit.Until - time.GetUtcNow());

    /// <summary>A name that no solver could prove; null when all can be, or when there are no solvers and the CA must know the names already.</summary>
    private static string? Unsolvable(OrderJob job, ValueList<AcmeIdentifier> identifiers) => job.Issuer.Spec.Acme!.Solvers is { Count: > 0 } solvers
        ? identifiers.FirstOrDefault(each => SolverPolicy.Choose(solvers, each.Value, each.Type == "ip", offered: null, job.Request.Metadata.Labels) is null)?.Value
        : null;

    /// <summary>The id of the certificate in the vault, if the same account got it (acmebot#1209: the CA refuses another's).</summary>
    private async Task<string?> PredecessorAsync(OrderJob job, CancellationToken cancellationToken)
    {
        if (job.Owner is not { } owner) { return null; }

        try
        {
            return await vault.FindCertificateAsync(places.ForCertificate(owner), version: null, cancellationToken) is { } current
                && AcmeOrigin.Read(current.Tags) == job.Origin
                ? RenewalId.Of(current.Leaf)
                : null;
        }
        catch (VaultException) { return null; }
    }

    private static bool IsAboutReplaces(AcmeProblem problem) =>
        problem.Type == "alreadyReplaced" || problem.Status == 409 || (problem.Detail?.Contains("replace", StringComparison.OrdinalIgnoreCase) ?? false);
}
