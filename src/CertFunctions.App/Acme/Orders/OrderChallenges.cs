using System.Collections.Concurrent;
using CertFunctions.App.Acme.Challenges;
using CertFunctions.App.Api;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Orders;

/// <summary>What is left to prove, and where the order stands. Names only: it goes into history.</summary>
public sealed record OrderWork(OrderView View, ValueList<ChallengeTicket> Challenges);

/// <summary>Makes a Challenge for each name of an order that the CA does not know yet.</summary>
public sealed class OrderChallenges(ResourceStore store, OrderDesk desk, OrderReader reader, ChallengeSlots slots, IIds ids, TimeProvider time)
{
    private const int AtOnce = 8;

    public async Task<OrderWork> PrepareAsync(OrderJob job, CancellationToken cancellationToken)
    {
        if (job.Order?.Resource.Status?.Authorizations is not { } listed) { return new(new(OrderView.Absent), []); }

        var found = new ConcurrentDictionary<string, AcmeAnswer<AcmeAuthorization>>();
        var pace = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(listed, pace, async (each, stop) => found[each.Url] = await job.Client.GetAuthorizationAsync(job.Identity, new Uri(each.Url), stop));
        if (found.Values.FirstOrDefault(each => each.Problem is not null) is { } failed) { return new(await reader.ProblemAsync(job, failed.Problem!, cancellationToken), []); }

        var all = listed.Select(each => found[each.Url].Value!).ToList();
        if (all.Exists(each => each.Status is not ("pending" or "valid"))) { return new(Doomed(await reader.ReadAsync(job, cancellationToken)), []); }

        var pending = all.Where(each => each.Status == "pending").Select(each => (Authorization: each, Solver: Choose(job, each))).ToList();
        if (pending.Find(each => each.Solver is null) is { Authorization: { } unsolved }) { return new(NoSolver(job, unsolved), []); }

        var tickets = new List<(string Url, ChallengeTicket Ticket)>();
        foreach (var (authorization, solver) in pending) { tickets.Add((authorization.Url.OriginalString, await EnsureAsync(job, authorization, solver!, cancellationToken))); }

        await desk.ChangeAsync(job, status => status with { Authorizations = [.. all.Select(each => Shown(each, status, tickets))] }, cancellationToken);
        slots.Keep(job.RequestUid, tickets.Count);
        return new(new(tickets.Count == 0 ? OrderView.Ready : OrderView.Pending), [.. tickets.Select(each => each.Ticket)]);
    }

    private static AcmeSolver? Choose(OrderJob job, AcmeAuthorization authorization) => SolverPolicy.Choose(
        job.Issuer.Spec.Acme!.Solvers, Name(authorization), authorization.Identifier.Type == "ip", [.. authorization.Challenges.Select(each => each.Type)], job.Request.Metadata.Labels);

    private static string Name(AcmeAuthorization authorization) => authorization.IsWildcard ? $"*.{authorization.Identifier.Value}" : authorization.Identifier.Value;

    /// <summary>An authorization ended while its order still says pending: the order will follow, or is of no use.</summary>
    private static OrderView Doomed(OrderView view) => view.State is OrderView.Pending or OrderView.Ready ? new(OrderView.Absent) : view;

    private static OrderView NoSolver(OrderJob job, AcmeAuthorization authorization) => new(
        OrderView.Refused, "NoSolver",
        $"No solver of issuer {job.Issuer.Metadata.Name} is for {Name(authorization)}; the CA offers {string.Join(", ", authorization.Challenges.Select(each => each.Type))}. See spec.acme.solvers and their selectors.");

    /// <summary>The Challenge stands in the store before anything is published.</summary>
    private async Task<ChallengeTicket> EnsureAsync(OrderJob job, AcmeAuthorization authorization, AcmeSolver solver, CancellationToken cancellationToken)
    {
        var order = job.Order!.Resource;
        var offered = authorization.Challenges.First(each => each.Type == SolverPolicy.WireTypeOf(solver));
        var name = new ResourceName(order.Metadata.Namespace, OrderNaming.Name(order.Metadata.Name, $"{authorization.Url} {offered.Type}"));
        while (true)
        {
            if (await store.FindAsync(ChallengeKind.Kind, name, cancellationToken) is { } found) { return new(name.Namespace!, name.Name, found.Resource.Metadata.Uid!); }

            await store.CreateAsync(ChallengeKind.Kind, new Challenge
            {
                Metadata = new ObjectMeta { Namespace = name.Namespace, Name = name.Name, Uid = ids.NewUid(), Generation = 1, CreationTimestamp = time.GetUtcNow() },
                Spec = new ChallengeSpec
                {
                    Url = offered.Url.OriginalString,
                    AuthorizationURL = authorization.Url.OriginalString,
                    DnsName = authorization.Identifier.Value,
                    Wildcard = authorization.IsWildcard ? true : null,
                    Type = SolverPolicy.TypeOf(solver),
                    Token = offered.Token,
                    Key = solver.Http01 is not null ? job.Identity.Key.KeyAuthorization(offered.Token) : job.Identity.Key.DnsValue(offered.Token),
                    Solver = solver,
                    IssuerRef = order.Spec.IssuerRef,
                    OrderName = order.Metadata.Name,
                },
                Status = new ChallengeStatus { State = "pending" },
            }, due: null, cancellationToken);
        }
    }

    private static OrderAuthorization Shown(AcmeAuthorization authorization, OrderStatus status, IEnumerable<(string Url, ChallengeTicket Ticket)> tickets)
    {
        var url = authorization.Url.OriginalString;
        return new OrderAuthorization
        {
            Url = url,
            Identifier = authorization.Identifier.Value,
            Wildcard = authorization.IsWildcard ? true : null,
            InitialState = status.Authorizations?.FirstOrDefault(each => each.Url == url)?.InitialState ?? authorization.Status,
            Challenge = tickets.FirstOrDefault(each => each.Url == url).Ticket?.Name ?? status.Authorizations?.FirstOrDefault(each => each.Url == url)?.Challenge,
        };
    }
}
