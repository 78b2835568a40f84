namespace CertFunctions.App.Health;

/// <summary>What was found when somebody asked whether the app is ready.</summary>
/// <param name="Timers">Null when the store did not say.</param>
/// <param name="MostOverdue">Null when nothing is due, or the store did not say.</param>
/// <param name="Unreached">What could not be asked, and why, by a code: <c>store</c>, <c>vault/default</c> and the like.</param>
public sealed record ReadinessFacts(
    DateTimeOffset Now, IReadOnlyList<TimerFacts>? Timers, OverdueResource? MostOverdue, IReadOnlyList<(string What, string Code)> Unreached);

/// <param name="Last">Its last heartbeat; null when it never ran.</param>
/// <param name="Bound">When the next one is late; null when its schedule cannot be read.</param>
public sealed record TimerFacts(string Name, DateTimeOffset? Last, DateTimeOffset? Bound);

/// <param name="Due">When it should have been looked at.</param>
public sealed record OverdueResource(string Kind, string? Namespace, string Name, DateTimeOffset Due);

/// <summary>The answer. Anybody may read it: it holds codes and names, no addresses and no text of an exception.</summary>
/// <param name="Status"><c>ready</c> or <c>unready</c>.</param>
/// <param name="MostOverdue">Told only when something failed.</param>
public sealed record ReadinessReport(string Status, DateTimeOffset At, IReadOnlyList<FailedCheck>? Failed, MostOverdue? MostOverdue);

/// <param name="Check"><c>timer/StartDue</c>, <c>due</c>, <c>store</c>, <c>vault/default</c>, …</param>
public sealed record FailedCheck(string Check, string Reason, string Message);

/// <param name="Late">How long ago it should have been looked at, <c>d.hh:mm:ss</c>.</param>
public sealed record MostOverdue(string Kind, string? Namespace, string Name, DateTimeOffset Due, string Late);
