using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Policy;

/// <summary>How an order stands after an activity. Flat: it goes into history. The chain and the names do not.</summary>
/// <param name="State">One of the constants here.</param>
/// <param name="Reason">A code for people and conditions.</param>
/// <param name="RetryAfter">When to look again, if the CA or a limit said so.</param>
public sealed record OrderView(string State, string? Reason = null, string? Message = null, TimeSpan? RetryAfter = null)
{
    /// <summary>Not placed yet, or its predecessor is gone: place one.</summary>
    public const string Absent = "absent";

    public const string Pending = "pending";
    public const string Ready = "ready";
    public const string Processing = "processing";
    public const string Valid = "valid";

    /// <summary>Nothing can be done now: see the reason.</summary>
    public const string Blocked = "blocked";

    /// <summary>The CA's verdict, or a request that no CA can fulfil: the attempt has failed.</summary>
    public const string Refused = "refused";

    /// <summary>The request is gone, or no longer what its Certificate wants.</summary>
    public const string Superseded = "superseded";

    /// <summary>The request has ended already; <see cref="RequestState"/> says how.</summary>
    public const string Ended = "ended";

    /// <summary><c>Issued</c>, <c>Failed</c> or <c>Denied</c>.</summary>
    public string? RequestState { get; init; }

    /// <summary>Of <see cref="Valid"/>: where the chain is.</summary>
    public string? Certificate { get; init; }

    /// <summary>A problem on the way to the CA as a state of the order.</summary>
    public static OrderView Of(AcmeProblem problem) => problem switch
    {
        { IsVerdict: true } => new(Refused, problem.Type, problem.Describe()),
        { Type: AcmeProblem.InvalidResponse } => new(Blocked, "InvalidResponse", problem.Describe(), problem.RetryAfter),
        { Type: "badNonce" } => new(Blocked, "ACMENonce", problem.Describe(), problem.RetryAfter),
        { Status: 429 } or { Type: "rateLimited" } => new(Blocked, RateLimits.RateLimited, problem.Describe(), problem.RetryAfter),
        _ => new(Blocked, "ACMEUnavailable", problem.Describe(), problem.RetryAfter),
    };
}

/// <summary>What an order's workflow does next.</summary>
public enum OrderStep
{
    /// <summary>Ask the CA for a new order.</summary>
    Place,

    /// <summary>Prove control of each name.</summary>
    Solve,

    /// <summary>Send the CSR.</summary>
    Finalize,

    /// <summary>Fetch the chain into the request.</summary>
    Download,

    /// <summary>Look again after <see cref="OrderPlan.Wait"/>.</summary>
    Poll,

    /// <summary>End this run; the due index brings it back after <see cref="OrderPlan.Wait"/> (null: at the ordinary pace).</summary>
    Pause,

    /// <summary>Record that the attempt has failed.</summary>
    Fail,

    /// <summary>Nothing is left to do.</summary>
    Stop,
}

public sealed record OrderPlan(OrderStep Step, TimeSpan? Wait = null);

/// <summary>Decides the next step of an order (RFC 8555 §7.1.6). Only the CA's verdict ends an attempt; everything else waits, first here, then in the due index.</summary>
public static class OrderPolicy
{
    /// <summary>A run waits no longer than this at a time, and so notices that its Certificate was edited; what the CA wants longer, the due index waits for.</summary>
    public static TimeSpan LongestPoll { get; } = TimeSpan.FromSeconds(45);

    /// <summary>What waits longer is the due index's.</summary>
    public static TimeSpan LongestRun { get; } = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(30);

    /// <param name="waited">How long this run has been at it.</param>
    public static OrderPlan Decide(OrderView view, TimeSpan waited) => view.State switch
    {
        OrderView.Absent => new(OrderStep.Place),
        OrderView.Pending => new(OrderStep.Solve),
        OrderView.Ready => new(OrderStep.Finalize),
        OrderView.Valid => new(OrderStep.Download),
        OrderView.Processing => Later(view.RetryAfter ?? Pace(waited), waited),
        OrderView.Blocked => view.RetryAfter is { } wait ? Later(wait, waited) : new(OrderStep.Pause),
        OrderView.Refused => new(OrderStep.Fail),
        _ => new(OrderStep.Stop),
    };

    /// <summary>Half as long again as it has already waited: quick at first, slow later.</summary>
    public static TimeSpan Pace(TimeSpan waited)
    {
        var half = waited / 2;
        return half > Slowest ? Slowest : RetryAfter.Wait(half);
    }

    /// <summary>How long to wait before the CA is asked again: as it said, else at our pace; never faster than every 500 ms.</summary>
    public static TimeSpan Poll(TimeSpan? retryAfter, TimeSpan waited) => RetryAfter.Wait(retryAfter, Pace(waited));

    private static OrderPlan Later(TimeSpan wait, TimeSpan waited) => wait > LongestPoll || waited + wait > LongestRun ? new(OrderStep.Pause, wait > LongestPoll ? wait : null) : new(OrderStep.Poll, Poll(wait, waited));
}
