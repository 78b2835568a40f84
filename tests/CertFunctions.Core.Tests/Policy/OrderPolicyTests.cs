using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;

namespace CertFunctions.Core.Tests.Policy;

public sealed class OrderPolicyTests
{
    private static TimeSpan Seconds(double count) => TimeSpan.FromSeconds(count);

    public static TheoryData<string, OrderView, double, OrderStep, double?> Steps => new()
    {
        // because                                        view                                                   waited  step                wait
        { "nothing is placed",                            new(OrderView.Absent),                                  0,     OrderStep.Place,    null },
        { "names are to be proved",                       new(OrderView.Pending),                                 0,     OrderStep.Solve,    null },
        { "all names are proved",                         new(OrderView.Ready),                                   0,     OrderStep.Finalize, null },
        { "the chain is there",                           new(OrderView.Valid),                                   0,     OrderStep.Download, null },
        { "the CA works: quick at first",                 new(OrderView.Processing),                              0,     OrderStep.Poll,     0.5 },
        { "the CA works: slower later",                   new(OrderView.Processing),                              20,    OrderStep.Poll,     10 },
        { "the CA works: never slower than that",         new(OrderView.Processing),                              300,   OrderStep.Poll,     30 },
        { "the CA said when",                             new(OrderView.Processing, RetryAfter: Seconds(7)),      300,   OrderStep.Poll,     7 },
        { "an edit must be noticed within a minute",      new(OrderView.Processing, RetryAfter: Seconds(600)),    0,     OrderStep.Pause,    600 },
        { "the due index takes over, at its own pace",     new(OrderView.Processing, RetryAfter: Seconds(30)),     890,   OrderStep.Pause,    null },
        { "a short block is waited for here",             new(OrderView.Blocked, RetryAfter: Seconds(3)),         0,     OrderStep.Poll,     3 },
        { "a long block is the due index's",              new(OrderView.Blocked, RetryAfter: Seconds(61)),        0,     OrderStep.Pause,    61 },
        { "nobody said for how long",                     new(OrderView.Blocked),                                 0,     OrderStep.Pause,    null },
        { "the CA refused",                               new(OrderView.Refused),                                 0,     OrderStep.Fail,     null },
        { "it is no longer wanted",                       new(OrderView.Superseded),                              0,     OrderStep.Stop,     null },
        { "the request has ended",                        new(OrderView.Ended),                                   0,     OrderStep.Stop,     null },
    };

    [Theory, MemberData(nameof(Steps))]
    public void Goes_on_when(string because, OrderView view, double waited, OrderStep step, double? wait) =>
        Assert.True(new OrderPlan(step, wait is { } time ? Seconds(time) : null) == OrderPolicy.Decide(view, Seconds(waited)), $"{because}: {OrderPolicy.Decide(view, Seconds(waited))}");

    public static TheoryData<string, AcmeProblem, string, string> Problems => new()
    {
        // because                                     problem                                                        state             reason
        { "a CSR is refused for good",                 new("badCSR", "weak", 400),                                    OrderView.Refused, "badCSR" },
        { "too many requests are no failed attempt",   new("rateLimited", "slow down", 429),                          OrderView.Blocked, "RateLimited" },
        { "any 429 is a limit",                        new("malformed", "", 429),                                     OrderView.Blocked, "RateLimited" },
        { "a limit may come as 503",                   new("rateLimited", "busy", 503),                               OrderView.Blocked, "RateLimited" },
        { "nonces run out",                            new("badNonce", "", 400),                                      OrderView.Blocked, "ACMENonce" },
        { "the server is ill",                         new("serverInternal", "", 500),                                OrderView.Blocked, "ACMEUnavailable" },
        { "the server is away",                        new(AcmeProblem.Unavailable, "no route", 0),                   OrderView.Blocked, "ACMEUnavailable" },
        { "it answers something else",                 new(AcmeProblem.InvalidResponse, "HTML", 200),                 OrderView.Blocked, "InvalidResponse" },
    };

    [Theory, MemberData(nameof(Problems))]
    public void Only_a_verdict_ends_an_attempt(string because, AcmeProblem problem, string state, string reason)
    {
        var view = OrderView.Of(problem);
        Assert.True((view.State, view.Reason) == (state, reason), $"{because}: {view}");
    }

    public static TheoryData<string, ChallengeView[], string, string?> Sums => new()
    {
        // because                             ends                                                                                                   state                 reason
        { "all names are proved",              [new(ChallengeView.Valid), new(ChallengeView.Valid)],                                                  OrderView.Ready,      null },
        { "one was refused",                   [new(ChallengeView.Valid), new(ChallengeView.Invalid, "x", "a.test: no"), new(ChallengeView.Blocked)], OrderView.Refused,    "ChallengeFailed" },
        { "one waits",                         [new(ChallengeView.Valid), new(ChallengeView.Blocked, "SolverForbidden", "b.test: no right")],         OrderView.Blocked,    "SolverForbidden" },
        { "nobody wants it any more",          [new(ChallengeView.Superseded), new(ChallengeView.Invalid)],                                           OrderView.Superseded, null },
    };

    [Theory, MemberData(nameof(Sums))]
    public void An_order_is_what_its_challenges_make_it(string because, ChallengeView[] ends, string state, string? reason)
    {
        var view = SolvedPolicy.Sum(ends);
        Assert.True((view.State, view.Reason) == (state, reason), $"{because}: {view}");
    }
}
